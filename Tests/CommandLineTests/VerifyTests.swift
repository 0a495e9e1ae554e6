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
}
