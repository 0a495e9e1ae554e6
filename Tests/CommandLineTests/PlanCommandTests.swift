import Foundation
import Testing

/// `gradfid plan`: what a run would take.
@Suite struct PlanCommandTests {
  private static func far(_ sections: String, latents: Int = 10) -> String {
    """
    format: 1
    name: far
    problems:
      - kind: test-problem
        latents: \(latents)
        categories: 8
    estimators:
      - kind: st

    """ + sections
  }

  @Test func oneRowPerStateAndTheTotal() throws {
    let place = try Workplace()
    try place.write(SmallStudies.mixed(reversed: false), to: "mixed.yaml")
    let outcome = try place.run("plan", "mixed", "--format", "csv", "--jobs", "1")
    #expect(outcome.code == 0 && outcome.errors.isEmpty)
    let lines = outcome.output.split(separator: "\n").map(String.init)
    #expect(
      lines[0]
        == "problem,state,cells,stored,rows,joint_states,target,moments,target_draws,value_calls,"
        + "gradient_calls,training_s,seconds,peak_mib,rel_bias_se,draws,notes")
    #expect(lines.count == 5)
    #expect(
      lines[1].hasPrefix(
        "bernoulli-toy t=0.45,initial,6,0,1,2^1,closed-form,\"states 5, soft-noise 1\",0,"))
    #expect(lines[2].contains(",initial,6,0,4,3^1,exact,\"states 5, soft-noise 1\",0,"))
    #expect(lines[3].hasSuffix(",pilot with the initial weights"))
    #expect(lines[4].hasPrefix("total,,18,0,,,,\"states 15, soft-noise 3\",,"))
    // Nothing is trained, measured or stored.
    #expect(try place.names() == ["mixed.yaml"])
    let json = try place.run("plan", "mixed", "--format", "json")
    #expect(json.code == 0 && json.output.contains("\"training_s\""))
  }

  /// Cells of the store are counted and left out; another store has none of them.
  @Test func storedCellsAreLeftOut() throws {
    let place = try Workplace()
    try place.write(SmallStudies.mixed(reversed: false), to: "mixed.yaml")
    let first = try place.run("run", "mixed", "--only", "problem=bernoulli", "--quiet")
    #expect(first.code == 0)
    #expect(
      try place.run("run", "mixed", "--only", "state=initial,estimator=reinmax", "--quiet").code
        == 0)
    let part = try place.run("plan", "mixed", "--format", "csv")
    #expect(
      part.errors == "7 of 18 cells are in gradfid.sqlite already; this is the rest\n")
    let lines = part.output.split(separator: "\n").map(String.init)
    #expect(lines[1] == "bernoulli-toy t=0.45,initial,6,6,1,2^1,,,,0.0,0.0,0.0,0.0,,,,")
    #expect(lines[2].contains(",initial,6,1,4,3^1,exact,\"states 4, soft-noise 1\","))
    #expect(lines[4].hasPrefix("total,,18,7,,,,\"states 9, soft-noise 2\",,"))
    let other = try place.run("plan", "mixed", "--format", "csv", "--store", "other.sqlite")
    #expect(other.errors.isEmpty && other.output.contains("\ntotal,,18,0,"))
    #expect(!place.exists("other.sqlite"))
    #expect(try place.run("run", "mixed", "--quiet").code == 0)
    let all = try place.run("plan", "mixed", "--format", "csv")
    #expect(
      all.errors == "18 of 18 cells are in gradfid.sqlite already; nothing is left to measure\n")
    #expect(all.output.hasSuffix("total,,18,18,,,,,,0.0,0.0,0.0,0.0,0.0,,,\n"))
  }

  /// Weights that are there need no training.
  @Test func keptWeightsAreUsed() throws {
    let place = try Workplace()
    try place.write(
      SmallStudies.vae(name: "vae", states: ["train: {estimator: st, steps: 5, batch: 10}"]),
      to: "vae.yaml")
    let before = try place.run("plan", "vae", "--format", "csv").output
    #expect(before.contains("pilot with the initial weights"))
    #expect(try place.run("run", "vae", "--quiet").code == 0)
    try place.write(
      SmallStudies.vae(
        name: "vae", states: ["train: {estimator: st, steps: 5, batch: 10}"],
        estimators: ["st", "reinmax"]), to: "vae.yaml")
    let after = try place.run("plan", "vae", "--format", "csv").output
    #expect(after.contains(",2,1,4,") && !after.contains("pilot with the initial weights"))
  }

  @Test(arguments: ["plan", "check"]) func theInfeasibleIsRefused(command: String) throws {
    let place = try Workplace()
    func errors(_ text: String) throws -> String {
      try place.write(text, to: "far.yaml")
      let outcome = try place.run(command, "far")
      #expect(outcome.code == 65 && outcome.output.isEmpty)
      return outcome.errors
    }
    let name = "error: test-problem latents=10 categories=8: "
    let target =
      name
      + "an exact target needs 8^10 joint codes: use a Monte Carlo target, or at most 4 latents "
      + "(the limit is 16384 joint codes)\n"
    #expect(try errors(Self.far("target: {kind: exact}\n")) == target)
    #expect(
      try errors(Self.far("target: {kind: exact, max-states: 8}\nmeasure: {moments: exact}\n"))
        == name
        + "an exact target needs 8^10 joint codes: use a Monte Carlo target, or at most 1 latent "
        + "(the limit is 8 joint codes)\n" + name
        + "exact moments need 8^10 joint codes: use Monte Carlo moments, or at most 1 latent "
        + "(the limit is 8 joint codes)\n")
    // Within the number of states, beyond the memory.
    #expect(
      try errors(
        Self.far("target: {max-states: 16777216}\nmeasure: {moments: exact}\n", latents: 8))
        == "error: test-problem latents=8 categories=8: exact moments need a table of 1 row and "
        + "8^8 joint codes: use Monte Carlo moments, or at most 6 latents (the limit is 4 GiB)\n")
    #expect(
      try errors(
        SmallStudies.vae(name: "vae", states: ["initial"]).replacing(
          "per-draw-samples: 8",
          with: "per-draw-samples: 8, precision: {metric: rel_bias, se-below: 0.1, "
            + "max-draws: 128, scope: encodr.1}")
      ).hasSuffix(
        "precision is asked for on the scope 'encodr.1', which is not measured; did you mean "
          + "'encoder.1'? scopes: logits, encoder.1, encoder.2, encoder.3, all\n"))
  }

  @Test func broken() throws {
    let place = try Workplace()
    #expect(try place.run("plan", "nothing").code == 65)
    #expect(try place.run("plan").code == 64)
    #expect(try place.run("plan", "x", "--jobs", "0").code == 64)
  }

  /// The summary says how many cells missed what was asked for.
  @Test func theRunSaysWhatWasMissed() throws {
    let place = try Workplace()
    try place.write(
      """
      format: 1
      name: short
      problems:
        - kind: test-problem
      estimators:
        - kind: st
        - kind: reinforce
      target: {kind: monte-carlo, error-fraction: 0.001, max-draws: 64}
      measure:
        moments: monte-carlo
        draws: 64
        blocks: 8
        precision: {metric: rel_bias, se-below: 1.0e-6, max-draws: 128}

      """, to: "short.yaml")
    let outcome = try place.run("run", "short", "--format", "csv")
    #expect(outcome.code == 0)
    #expect(
      outcome.errors.hasSuffix(
        "in 2 cells the target reached its most draws with an error above the fraction asked for "
          + "(error-fraction 0.001); see target_error_ratio\n"
          + "2 cells reached max-draws 128 with a standard error of rel_bias above 1e-06\n"))
    let stored = try place.run(
      "query", "SELECT min(target_error_ratio) > 0.001, min(n), max(n) FROM v_fidelity", "--format",
      "csv")
    #expect(stored.output.hasSuffix("1,128,128\n"))
  }

  @Test func keptTablesChangeNoNumber() throws {
    let place = try Workplace()
    try place.write(SmallStudies.mixed(reversed: false), to: "mixed.yaml")
    for (store, flags) in [("a", []), ("b", ["--cache-tables"]), ("b2", ["--cache-tables"])] {
      let outcome = try place.run(
        arguments: ["run", "mixed", "--quiet", "--store", "\(store).sqlite"] + flags)
      #expect(outcome.code == 0 && outcome.errors.isEmpty)
    }
    let numbers = try place.numbers(store: "a.sqlite")
    #expect(try place.numbers(store: "b.sqlite") == numbers)
    #expect(try place.names("b-checkpoints").contains { $0.hasSuffix(".table") })
    #expect(try !place.names("a-checkpoints").contains { $0.hasSuffix(".table") })
  }
}
