import Foundation
import Testing

/// The study of the repository with a quantiser from a file, from file to store.
@Suite struct QuantiserStudyTests {
  private func place() throws -> Workplace {
    try Workplace(copying: ["studies/quantiser.yaml", "studies/examples/quantiser.json"])
  }

  @Test func theExampleIsMeasured() throws {
    let place = try place()
    #expect(try place.run("run", "studies/quantiser.yaml", "--quiet").code == 0)
    // Soft assignments are sums; Gaussian ones of vectors are integrals with a stated error.
    let rows = try place.run(
      "query",
      "SELECT model LIKE '%gaussian%' AS noisy, count(*) AS cells, sum(bias_resolved) AS resolved, sum(variance_se > 1e-9 * variance) AS open FROM v_fidelity WHERE scope = 'z_e' AND estimator = 'reinforce-loo' GROUP BY noisy",
      "--format", "csv")
    #expect(
      rows.output == """
        noisy,cells,resolved,open
        0,3,0,0
        1,3,0,3

        """, "\(rows.output)\(rows.errors)")
    let all = try place.run(
      "query",
      "SELECT count(DISTINCT cell) AS cells, count(DISTINCT scope) AS scopes FROM v_fidelity",
      "--format", "csv")
    #expect(all.output == "cells,scopes\n36,3\n", "\(all.output)\(all.errors)")
  }

  /// A file of logits has the identity that it had before quantisers: its settings are not part of it.
  @Test func settingsOfQuantisersAreNoPartOfOtherFiles() throws {
    let place = try place()
    try place.write(
      #"{"phi": [[0, 1]], "cost": {"type": "linear", "a": [[1, 2]]}}"#, to: "studies/p.json")
    let study =
      "format: 1\nname: p\nproblems: [{kind: json, file: p.json}]\nestimators: [{kind: st}]\n"
    try place.write(study, to: "studies/p.yaml")
    #expect(try place.run("run", "studies/p.yaml", "--quiet").code == 0)
    let rows = try place.run(
      "query", "SELECT DISTINCT problem_json FROM v_cells", "--format", "csv")
    #expect(rows.output.contains("json") && !rows.output.contains("smoothing"), "\(rows.output)")
    try place.write(
      study.replacing("p.json}", with: "p.json, smoothing: gaussian}"), to: "studies/q.yaml")
    let refused = try place.run("check", "studies/q.yaml")
    #expect(
      refused.code != 0 && refused.errors.contains("'smoothing' belongs to files of a quantiser"))
  }

  private static let surrogates = """
    format: 1
    name: rules
    problems:
      - {kind: json, file: studies/examples/quantiser.json, smoothing: [soft, gaussian]}
      - {kind: test-problem}
    estimators:
      - {kind: rotation}
      - {kind: straight-through}
      - {kind: nsvq}
      - {kind: fsq}
      - {kind: st}

    """

  /// From the study to the table, the views and a comparison; what a rule is not made for has its reason.
  @Test func surrogatesAreEstimatorsOfStudies() throws {
    let place = try place()
    try place.write(Self.surrogates, to: "rules.yaml")
    let plan = try place.run("plan", "rules", "--format", "csv")
    #expect(plan.code == 0 && plan.output.contains("\"states 1, surrogate 3\""), "\(plan.output)")
    let run = try place.run("run", "rules")
    #expect(run.code == 0, "\(run.errors)")
    for reason in [
      "'fsq' is made for fsq, and this quantiser is of kind vq",
      "rotation, straight-through, nsvq, fsq (this problem has no quantiser)",
    ] { #expect(run.errors.contains(reason), "\(run.errors)") }
    let rows = run.output.split(separator: "\n").filter { $0.contains("straight-through") }
    #expect(rows.count == 2 && rows.allSatisfy { $0.contains(" resolved ") }, "\(run.output)")
    let found = try place.run(
      "query",
      """
      SELECT f.estimator AS estimator, f.scope AS scope, count(*) AS cells, sum(f.variance = 0) AS certain,
        sum(f.variance_se = 0) AS exact, sum(f.gradient_calls) AS calls, sum(f.rel_bias > 0) AS biased
      FROM v_fidelity f JOIN v_cells c ON c.study = f.study AND c.cell = f.cell
      WHERE c.route = 'surrogate' GROUP BY f.estimator, f.scope ORDER BY f.estimator, f.scope
      """, "--format", "csv")
    #expect(
      found.output == """
        estimator,scope,cells,certain,exact,calls,biased
        nsvq,all,2,0,0,,2
        nsvq,logits,2,,,2.0,
        nsvq,z_e,2,0,0,,2
        rotation,all,2,2,2,,2
        rotation,logits,2,,,2.0,
        rotation,z_e,2,2,2,,2
        straight-through,all,2,2,2,,2
        straight-through,logits,2,,,2.0,
        straight-through,z_e,2,2,2,,2

        """, "\(found.output)\(found.errors)")
    let compared = try place.run("compare", "rules", "rotation", "straight-through")
    #expect(compared.code == 0 && compared.output.contains("z_e"), "\(compared.errors)")
    let scoped = try place.run(
      "compare", "rules", "--matrix", "--scope", "z_e", "--metric", "rel_bias", "--format", "csv")
    let pairs = scoped.output.split(separator: "\n").count - 1
    #expect(scoped.code == 0 && pairs == 6, "\(scoped.output)\(scoped.errors)")
    let mixed = try place.run("compare", "rules", "rotation", "st")
    #expect(mixed.errors.contains("compare two surrogates"), "\(mixed.errors)")
  }

  /// An autoencoder has the scope `z_e` for surrogates alone.
  @Test func surrogatesOfAnAutoencoderAreComparedAtItsFeatures() throws {
    let place = try place()
    let study = """
      format: 1
      name: network
      problems: [{kind: vq-autoencoder, data: procedural, latents: 2, rows: 2, hidden-1: 8, hidden-2: 8}]
      estimators: [{kind: rotation}, {kind: straight-through}, {kind: st}]

      """
    try place.write(study, to: "network.yaml")
    let compared = try place.run(
      "compare", "network", "rotation", "straight", "--scope", "z_e", "--format", "csv")
    #expect(compared.code == 0 && compared.output.contains(",z_e,"), "\(compared.errors)")
    try place.write(study + "measure: {parameters: true}\n", to: "network.yaml")
    let single = try place.run("check", "network")
    #expect(
      single.code == 65 && single.errors.contains("leave 'parameters' or the surrogates out"),
      "\(single.errors)")
  }

  /// Training goes through logits.
  @Test func surrogatesTrainNothing() throws {
    let place = try place()
    try place.write(
      """
      format: 1
      name: trained
      problems:
        - kind: vq-autoencoder
          data: procedural
          latents: 2
          rows: 2
          hidden-1: 8
          hidden-2: 8
          states: {train: {estimator: rotation, steps: 2}}
      estimators: [{kind: rotation}]

      """, to: "trained.yaml")
    let check = try place.run("check", "trained")
    #expect(
      check.code == 65 && check.errors.contains("training takes an estimator of logits"),
      "\(check.errors)")
  }
}
