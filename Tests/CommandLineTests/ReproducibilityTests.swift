import Testing

/// The numbers depend on the cell alone: not on workers, nor on what else the study holds.
@Suite struct ReproducibilityTests {
  @Test(arguments: [("auto", "auto"), ("monte-carlo", "monte-carlo"), ("monte-carlo", "auto")])
  func workersAndOrderDoNotMatter(_ moments: String, _ target: String) throws {
    let place = try Workplace()
    for reversed in [false, true] {
      try place.write(
        SmallStudies.mixed(reversed: reversed, moments: moments, target: target),
        to: "mixed-\(reversed).yaml")
    }
    func measured(_ study: String, _ jobs: String, _ store: String, _ only: [String]) throws {
      let outcome = try place.run(
        arguments: ["run", study, "--jobs", jobs, "--store", store, "--quiet"] + only)
      #expect(outcome.code == 0 && outcome.errors.isEmpty)
    }
    try measured("mixed-false", "1", "a.sqlite", [])
    let reference = try place.numbers(store: "a.sqlite")
    #expect(Set(reference.split(separator: "\n").map { $0.prefix(64) }).count == 1 + 18)
    try measured("mixed-false", "2", "b.sqlite", [])
    #expect(try place.numbers(store: "b.sqlite") == reference)
    try measured("mixed-true", "2", "c.sqlite", [])
    #expect(try place.numbers(store: "c.sqlite") == reference)
    try measured("mixed-true", "3", "d.sqlite", ["--only", "estimator=tau-forward=1.0"])
    try measured("mixed-true", "1", "d.sqlite", ["--only", "estimator=rein"])
    try measured("mixed-false", "2", "d.sqlite", [])
    #expect(try place.numbers(store: "d.sqlite") == reference)
  }

  @Test func anotherSeedGivesOtherNumbers() throws {
    let place = try Workplace()
    let study = SmallStudies.mixed(reversed: false, moments: "monte-carlo")
    try place.write(study, to: "a.yaml")
    try place.write(
      study.replacing("seed: 11", with: "seed: 12").replacing("name: mixed", with: "name: other"),
      to: "b.yaml")
    for name in ["a", "b"] {
      #expect(try place.run("run", name, "--quiet", "--only", "bernoulli,reinmax").code == 0)
    }
    let hashes = try place.run(
      "query", "SELECT count(DISTINCT hash) AS n FROM v_cells WHERE cell_state = 'done'",
      "--format", "csv")
    #expect(hashes.output == "n\n2\n")
    let norms = try place.run(
      "query",
      "SELECT count(DISTINCT value) AS n FROM v_measurements "
        + "WHERE metric = 'estimate_norm' AND scope = 'logits'", "--format", "csv")
    #expect(norms.output == "n\n2\n")
  }
}
