import Foundation
import Testing

/// `gradfid measure`: gradients from files.
@Suite struct MeasureCommandTests {
  let place: Workplace

  init() throws {
    place = try Workplace()
    try place.write(Self.array(Self.rows(40), shape: "(40, 3)"), to: "g.npy")
    try place.write(
      Self.array((0..<180).map { Double($0 * 5 % 13) / 13 }, shape: "(60, 3)"), to: "mc.npy")
    try place.write(Self.array([0.5, 0.25, -0.5], shape: "(3,)"), to: "exact.npy")
  }

  /// A version 1.0 file of float64.
  private static func array(_ values: [Double], shape: String) -> Data {
    let text = "{'descr': '<f8', 'fortran_order': False, 'shape': \(shape), }\n"
    let header = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.utf8.count), 0]
    return values.reduce(into: Data(header + Array(text.utf8))) { data, value in
      withUnsafeBytes(of: value.bitPattern.littleEndian) { data.append(contentsOf: $0) }
    }
  }

  private static func rows(_ count: Int) -> [Double] {
    (0..<3 * count).map { Double($0 * 7 % 11) / 11 }
  }

  @Test func storesANumberForEveryScope() throws {
    try place.write("{\"first\": [0, 1], \"rest\": [[1, 3]]}", to: "map.json")
    let outcome = try place.run(
      "measure", "--samples", "g.npy", "--reference", "exact.npy", "--groups", "map.json",
      "--format", "csv")
    #expect(outcome.code == 0)
    let lines = outcome.output.split(separator: "\n")
    #expect(
      lines.first
        == "estimator,scope,n,rel_bias,se,bias_sq,bias_sq_se,variance,cos_mean,cos_draw,rmse_1,rmse_100"
    )
    #expect(lines.dropFirst().map { $0.split(separator: ",")[1] } == ["all", "first", "rest"])
    #expect(
      outcome.errors
        == "warning: 40 samples make 20 blocks, not 32\ng, g: 40 samples measured; store gradfid.sqlite\n"
    )
    let stored = try place.run(
      "query", "SELECT count(*) AS n FROM v_measurements WHERE study = 'g'", "--format", "csv")
    #expect(stored.output == "n\n63\n")
    #expect(try place.run("status", "g").output.contains("done"))
    #expect(try place.run("export", "g").code == 0)
    #expect(try place.names("notebooks-export") == ["g.csv", "g.meta.json"])
  }

  /// Against a gradient of 0 there is no relative bias, not one of 0.
  @Test func aVanishingReferenceHasNoRelativeBias() throws {
    try place.write(Self.array([0, 0, 0], shape: "(3,)"), to: "zero.npy")
    let outcome = try place.run(
      "measure", "--samples", "g.npy", "--reference", "zero.npy", "--format", "csv")
    #expect(outcome.code == 0)
    let fields = outcome.output.split(separator: "\n").dropFirst().first?
      .split(separator: ",", omittingEmptySubsequences: false)
    #expect(fields.map { $0[3].isEmpty && !$0[5].isEmpty } == true, "\(outcome.output)")
  }

  @Test func aRefusalLeavesNothing() throws {
    let before = try place.names()
    for reference in ["--reference", "--reference-samples"] {
      #expect(try place.run("measure", "--samples", "g.npy", reference, "g.npy").code == 65)
      #expect(try place.names() == before)
    }
  }

  @Test func aStudyFileDoesNotTakeOverTheName() throws {
    #expect(
      try place.run(
        "measure", "--samples", "g.npy", "--reference", "exact.npy", "--name", "toy"
      ).code == 0)
    try place.write(SmallStudies.toy(), to: "toy.yaml")
    let outcome = try place.run("run", "toy")
    #expect(outcome.code == 65)
    #expect(
      outcome.errors == "error: the store has measured files under the name 'toy'; "
        + "rename the study, or give another --store\n")
    #expect(try place.run("status", "toy").output.contains("file"))
  }

  @Test func measuresOnceAndKeepsOneCellPerLabel() throws {
    func measure(_ label: String, _ more: String...) throws -> CommandOutcome {
      try place.run(
        arguments: ["measure", "--samples", "g.npy", "--name", "mine", "--label", label] + more)
    }
    #expect(try measure("a", "--reference", "exact.npy").code == 0)
    let again = try measure("a", "--reference", "exact.npy")
    #expect(again.errors == "mine, a: there already; store gradfid.sqlite\n")
    #expect(try measure("b", "--reference-samples", "mc.npy", "--blocks", "8").code == 0)
    #expect(try measure("a", "--reference", "exact.npy", "--blocks", "4").code == 0)
    let cells = try place.run(
      "query",
      "SELECT label, target, cell_state FROM v_cells WHERE study = 'mine' ORDER BY position",
      "--format", "csv")
    #expect(cells.output == "label,target,cell_state\na,exact,done\nb,monte-carlo,done\n")
  }

  @Test func leavesStudiesOfFilesAlone() throws {
    try place.write(SmallStudies.toy(name: "toy"), to: "toy.yaml")
    #expect(try place.run("run", "toy.yaml", "--quiet").code == 0)
    let outcome = try place.run(
      "measure", "--samples", "g.npy", "--reference", "exact.npy", "--name", "toy")
    #expect(outcome.code == 65)
    #expect(
      outcome.errors
        == "error: the store has a study 'toy' of the file toy.yaml; give another --name\n")
  }

  @Test func brokenFilesAreNotStored() throws {
    try place.write(Data("no array".utf8), to: "bad.npy")
    let outcome = try place.run(
      "measure", "--samples", "bad.npy", "--reference", "exact.npy")
    #expect(outcome.code == 65)
    #expect(outcome.output.isEmpty)
    #expect(
      outcome.errors
        == "error: bad.npy: byte 0: this is no NumPy file: it does not start with \\x93NUMPY; write arrays with np.save or np.savez\n"
    )
    let studies = try place.run("status", "--format", "csv")
    #expect(!studies.output.contains("bad"))
    let missing = try place.run("measure", "--samples", "g.npy", "--reference", "none.npy")
    #expect(missing.code == 65)
    #expect(
      missing.errors
        == "error: none.npy: there is no such file; give the path of a file that np.save or np.savez wrote\n"
    )
    let name = try place.run(
      "measure", "--samples", "g.npy", "--reference", "exact.npy", "--name", "My Study")
    #expect(name.code == 65)
    #expect(
      name.errors
        == "error: 'My Study' is no study name: a name has the characters a-z, 0-9 and -, at most 80 of them; 'my-study' would do\n"
    )
  }

  @Test(arguments: [
    (["--reference", "exact.npy", "--reference-samples", "mc.npy"], "give either --reference or"),
    ([], "give either --reference or --reference-samples"),
    (["--reference", "exact.npy", "--blocks", "1"], "--blocks must be from 2 to 1024, found 1"),
    (["--reference", "exact.npy", "--level", "1"], "--level must lie between 0 and 1, found 1.0"),
    (
      ["--reference", "exact.npy", "--level", "nan"], "--level must lie between 0 and 1, found nan"
    ),
  ])
  func wrongUse(arguments: [String], message: String) throws {
    let outcome = try place.run(arguments: ["measure", "--samples", "g.npy"] + arguments)
    #expect(outcome.code == 64)
    #expect(outcome.errors.contains(message))
  }

  /// A reference that holds draws of the samples is no reference, whatever the file is called.
  @Test func aReferenceIsIndependent() throws {
    let rows: [Double] = (0..<120).map { place in
      let square = Double(place * place % 1009)
      return square / 1009 + Double(place) * 1e-6
    }
    try place.write(Self.array(rows, shape: "(40, 3)"), to: "own.npy")
    try place.write(Self.array(Array(rows[60...]), shape: "(20, 3)"), to: "part.npy")
    for (name, words) in [
      ("own.npy", "these are the rows of the samples"),
      ("part.npy", "20 rows are rows of the samples too"),
    ] {
      let outcome = try place.run(
        "measure", "--samples", "own.npy", "--reference-samples", name, "--name", "x")
      #expect(outcome.code == 65 && outcome.output.isEmpty)
      #expect(
        outcome.errors
          == "error: \(name): \(words); a reference must be independent of the samples: draw it again with another seed\n"
      )
    }
    #expect(try !place.run("status").output.contains("x"))
  }

  @Test func budgetsOfMeasuredFiles() throws {
    #expect(
      try place.run("measure", "--samples", "g.npy", "--reference", "exact.npy").code == 0)
    let unpriced = try place.run("budget", "g")
    #expect(unpriced.code == 0 && unpriced.output.contains("rmse_100"))
    #expect(unpriced.errors.contains("measure files with --calls"))
    for (label, calls) in [("cheap", "1"), ("dear", "30")] {
      let outcome = try place.run(
        "measure", "--samples", "g.npy", "--reference", "exact.npy", "--name", "g", "--label",
        label,
        "--calls", calls)
      #expect(outcome.code == 0, "\(outcome.errors)")
    }
    let best = try place.run(
      "budget", "g", "--show", "best", "--budgets", "10,100", "--format", "csv")
    #expect(best.code == 0 && best.errors.isEmpty)
    let rows = best.output.split(separator: "\n").dropFirst().map { $0.split(separator: ",") }
    #expect(rows.map { $0[5] } == ["cheap", "cheap"] && rows.map { $0[6] } == ["10", "100"])
    let wrong = try place.run(
      "measure", "--samples", "g.npy", "--reference", "exact.npy", "--calls", "0")
    #expect(wrong.code == 64 && wrong.errors.contains("--calls must be from 1 to"))
  }
}
