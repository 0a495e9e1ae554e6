import Foundation
import GradientFidelity
import Testing

/// `verify` on a reference file of one Bernoulli variable under a linear cost, worked by hand.
@Suite struct VerifyTests {
  private static let golden = """
    {"format": "discrete-gradient-golden/1", "split": "tiny", "problems": [{
      "name": "one", "D": 1, "K": 2, "phi": [[0, 0]],
      "cost": {"type": "linear", "a": [[1, 3]], "b": 0},
      "exact": {"value": 2, "value_var": 1, "grad": [[-0.5, 0.5]],
        "grad_norm": 0.70710678118654757},
      "estimators": [{"id": "reinforce", "params": {}, "method": "enumeration",
        "mean": [[-0.5, 0.5]], "var": [[1, 1]], "bias_norm": 0, "rel_bias": 0, "cosine": 1,
        "trace_var": 2}, {"id": "st", "params": {"tau": 1}, "method": "enumeration",
        "mean": [[-0.5, 0.5]], "var": [[0, 0]], "bias_norm": 0, "rel_bias": 0, "cosine": 1,
        "trace_var": 0}]}]}
    """

  @Test func agreement() throws {
    let place = try Workplace()
    try place.write(Self.golden, to: "g.json")
    let outcome = try place.run("verify", "--golden", "g.json", "--jobs", "1", "--format", "csv")
    #expect(outcome.code == 0)
    #expect(outcome.errors == "3 of 3 rows within tolerance\n")
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.count == 4 && lines.dropFirst().allSatisfy { $0.hasSuffix(",within") })
    #expect(
      lines.first
        == "estimator,rows,worst deviation / tolerance,problem,parameters,method,where,verdict")
    #expect(try place.names() == ["g.json"])
  }

  @Test func anAlteredValueIsFound() throws {
    let place = try Workplace()
    // A part in 10^8 of one mean: ten times the tolerance.
    let altered = Self.golden.replacing(
      #""method": "enumeration", "mean": [[-0.5, 0.5]], "var": [[0, 0]]"#
        .replacing(", \"mean\"", with: ",\n    \"mean\""),
      with: #""method": "enumeration", "mean": [[-0.5, 0.50000001]], "var": [[0, 0]]"#)
    #expect(altered != Self.golden)
    try place.write(altered, to: "g.json")
    let outcome = try place.run("verify", "--golden", "g.json", "--format", "csv")
    #expect(outcome.code == 4)
    #expect(
      outcome.errors
        == "beyond tolerance: one, st tau=1.0: rel_bias\n2 of 3 rows within tolerance\n")
    #expect(outcome.output.matches(of: /,beyond\n/).count == 1)
  }

  @Test func filesThatCannotBeUsed() throws {
    let place = try Workplace()
    try place.write("{\"format\": ", to: "cut.json")
    try place.write(Self.golden.replacing("\"split\"", with: "\"slit\""), to: "field.json")
    try place.write(Self.golden.replacing("\"st\"", with: "\"stt\""), to: "id.json")
    for (name, message) in [
      ("none.json", "there is no such file; give the path of a reference file"),
      ("cut.json", "line 1, column 12: this is not valid JSON: "),
      ("field.json", "'split' is missing; add \"split\": ..."),
    ] {
      let outcome = try place.run("verify", "--golden", name)
      #expect(outcome.code == 65 && outcome.output.isEmpty)
      #expect(outcome.errors.hasPrefix("error: \(name): \(message)"))
    }
    let unknown = try place.run("verify", "--golden", "id.json")
    #expect(unknown.code == 65 && unknown.output.isEmpty)
    #expect(unknown.errors.hasPrefix("error: id.json: ") && unknown.errors.contains("'stt'"))
  }

  @Test func whatToCheckMustBeSaid() throws {
    let place = try Workplace()
    let choice = "--published [FILE], --self-test, --golden FILE, --coverage or --problems STUDY\n"
    for (arguments, message) in [
      ([], "error: say what to check: " + choice),
      (["--published", "--self-test"], "error: one check at a time: " + choice),
      (["file.json", "--self-test"], "error: a file without an option belongs to --published\n"),
    ] {
      let outcome = try place.run(arguments: ["verify"] + arguments)
      #expect(outcome.code == 64 && outcome.output.isEmpty)
      #expect(outcome.errors.hasPrefix(message), "\(outcome.errors)")
    }
  }
}

/// `verify --published`, on the sets of the program and on files.
@Suite struct VerifyPublishedTests {
  /// One Bernoulli variable under a linear cost, worked by hand.
  private static let file = """
    {"source": "by hand", "scaled": "", "recomputed": "", "problems": [{"name": "one",
      "problem": {"name": "coin", "phi": [[0, 0]], "cost": {"type": "linear", "a": [[1, 3]]}},
      "rows": [
        {"estimator": "reinforce", "parameters": {}, "published": {"variance": 2.0},
         "recomputed": {"rel_bias": 0, "variance": 2, "cos_mean": 1, "target_norm": 0.707106781187}},
        {"estimator": "st", "parameters": {"tau": 1.0}, "published": {},
         "recomputed": {"bias_sq_scaled": 0, "variance_scaled": 0}}]}]}
    """

  @Test func theProgramsOwnSetsHold() throws {
    let place = try Workplace()
    let outcome = try place.run("verify", "--published", "--format", "csv")
    #expect(outcome.code == 0)
    #expect(outcome.errors.wholeMatch(of: /(\d+) of \1 rows hold\n/) != nil)
    #expect(outcome.output.matches(of: /,holds\n/).count == outcome.output.count { $0 == "\n" } - 1)
    #expect(try place.names().isEmpty)
  }

  @Test func aFileOfOnesOwn() throws {
    let place = try Workplace()
    try place.write(Self.file, to: "own.json")
    let outcome = try place.run("verify", "--published", "own.json", "--format", "csv")
    #expect(outcome.code == 0 && outcome.errors == "2 of 2 rows hold\n")
    #expect(
      outcome.output.hasPrefix(
        "set,problem,estimator,parameters,numbers,tightest,from,certified,computed,lre,needed,verdict\nown,one,reinforce,,5,"
      ))
    #expect(outcome.output.contains("\nown,one,st,tau=1.0,2,"))
  }

  @Test func tooFewDigitsAreFound() throws {
    let place = try Workplace()
    try place.write(
      Self.file.replacing("\"variance\": 2.0", with: "\"variance\": 2.0001"), to: "own.json")
    let outcome = try place.run("verify", "--published", "own.json", "--format", "csv")
    #expect(outcome.code == 4 && outcome.output.matches(of: /,fails\n/).count == 1)
    #expect(
      outcome.errors == """
        fewer digits than certified: one, reinforce: published variance 2.0001, computed 2.0000000000000004
        1 of 2 rows hold

        """)
  }

  @Test func filesThatCannotBeUsed() throws {
    let place = try Workplace()
    try place.write(Self.file.replacing("\"rows\"", with: "\"rowss\""), to: "field.json")
    try place.write(Self.file.replacing("reinforce", with: "reinforse"), to: "name.json")
    for (name, message) in [
      ("none.json", "there is no such file; give the path of a file of published numbers"),
      ("field.json", "problems[0]: unknown field 'rowss'; did you mean 'rows'?"),
      (
        "name.json", "problems[0].rows[0]: unknown estimator 'reinforse'; did you mean 'reinforce'?"
      ),
    ] {
      let outcome = try place.run("verify", "--published", name)
      #expect(outcome.code == 65 && outcome.output.isEmpty)
      #expect(outcome.errors == "error: \(name): \(message)\n")
    }
  }

  /// The table in the documentation is that of the program. After a wanted change:
  ///
  ///     GRADFID_RECORD_SNAPSHOTS=1 swift test --filter VerifyPublishedTests
  @Test func theDocumentedTableIsThatOfTheProgram() throws {
    let url = Executable.packageRoot.appendingPathComponent("Sources/Fidelity/VERIFICATION.md")
    let document = try String(contentsOf: url, encoding: .utf8)
    let table = OutputFormat.markdown.text(
      PublishedTable.summary(try PublishedVerification(CertifiedSets.all())))
    let (begin, end) = ("<!-- certified sets -->\n", "<!-- end of certified sets -->\n")
    let parts = document.components(separatedBy: begin)
    let rest = try #require(parts.last).components(separatedBy: end)
    try #require(parts.count == 2 && rest.count == 2)
    if ProcessInfo.processInfo.environment["GRADFID_RECORD_SNAPSHOTS"] == "1" {
      try Data((parts[0] + begin + table + end + rest[1]).utf8).write(to: url)
    } else {
      #expect(rest[0] == table)
    }
  }
}

/// `verify --self-test`.
@Suite struct VerifySelfTestTests {
  @Test func allWrongOnesAreCaught() throws {
    let place = try Workplace()
    let outcome = try place.run("verify", "--self-test", "--format", "csv")
    #expect(outcome.code == 0)
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.first == "wrong,check,limit,found,right twin,verdict")
    #expect(lines.count > 15 && lines.dropFirst().allSatisfy { $0.hasSuffix(",caught") })
    #expect(
      outcome.errors.contains(#/\n(\d+) of \1 wrong ones caught, 0 right ones flagged /#))
    #expect(try place.names().isEmpty)
  }
}

/// `verify --problems` on a study's problems.
@Suite struct VerifyProblemsTests {
  @Test func soundProblemsKeepTheirPromises() throws {
    let place = try Workplace()
    try place.write(SmallStudies.toy(), to: "toy.yaml")
    let outcome = try place.run("verify", "--problems", "toy", "--format", "csv")
    #expect(outcome.code == 0, "\(outcome)")
    #expect(outcome.errors == "checking bernoulli-toy t=0.45\n15 of 15 promises hold\n")
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.first == "problem,promise,verdict,what")
    #expect(lines.count == 16 && lines.dropFirst().allSatisfy { $0.hasSuffix(",holds,") })
    // Nothing is stored.
    #expect(try place.names() == ["toy.yaml"])
  }

  /// What cannot be summed is not said to hold.
  @Test func largeLayersAreRefused() throws {
    let place = try Workplace()
    try place.write(
      SmallStudies.toy().replacing(
        "kind: bernoulli-toy", with: "kind: polynomial-programming\n    latents: 17"),
      to: "large.yaml")
    let outcome = try place.run("verify", "--problems", "large", "--format", "csv")
    #expect(outcome.code == 65 && outcome.output.isEmpty)
    #expect(outcome.errors.contains("more than 65536 joint codes"))
    #expect(try place.run("verify", "--problems", "-", input: SmallStudies.toy()).code == 0)
    #expect(try place.run("verify", "--problems", "none").code == 65)
  }
}
