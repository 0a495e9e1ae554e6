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
}
