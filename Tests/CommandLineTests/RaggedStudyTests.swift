import Foundation
import Testing

/// The study of the repository with latents of different numbers of categories, from file to store.
@Suite struct RaggedStudyTests {
  private func place() throws -> Workplace {
    try Workplace(copying: ["studies/ragged-cost.yaml", "studies/examples/ragged-cost.json"])
  }

  @Test func theExampleIsMeasured() throws {
    let place = try place()
    let check = try place.run("check", "studies/ragged-cost.yaml")
    #expect(check.code == 0)
    #expect(
      (check.output + check.errors).contains(
        "'arsm' swaps the same two categories in all latents, which must have the same number of them, and this layer has 8, 5, 5, 5 categories"
      ), "\(check.output)\(check.errors)")
    let plan = try place.run("plan", "studies/ragged-cost.yaml", "--format", "csv")
    #expect(plan.code == 0 && plan.output.contains("8 x 5 x 5 x 5"), "\(plan.output)\(plan.errors)")
    #expect(plan.output.contains("states 7"), "\(plan.output)")
    #expect(try place.run("run", "studies/ragged-cost.yaml", "--quiet").code == 0)
    let rows = try place.run(
      "query",
      "SELECT c.label, c.route, c.route_reason, c.target, f.bias_resolved FROM v_cells c JOIN v_fidelity f ON f.cell = c.cell WHERE c.label LIKE 'reinforce%' ORDER BY c.label",
      "--format", "csv")
    #expect(
      rows.output == """
        label,route,route_reason,target,bias_resolved
        reinforce,states,,closed-form,0
        reinforce-loo(samples=2),states,,closed-form,0

        """, "\(rows.output)\(rows.errors)")
  }

  /// Without a table the maps of each latent are summed by themselves, and values are drawn, with the reason.
  @Test func fewStatesLeaveTheLatentsAndDraws() throws {
    let place = try place()
    let study = try String(
      contentsOfFile: place.file("studies/ragged-cost.yaml"), encoding: .utf8)
    try place.write(study + "\ntarget:\n  max-states: 100\n", to: "studies/ragged-cost.yaml")
    #expect(try place.run("run", "studies/ragged-cost.yaml", "--quiet").code == 0)
    let rows = try place.run(
      "query",
      "SELECT label, route, route_reason FROM v_cells WHERE label IN ('reinforce', 'reinmax(tau=1.0)') ORDER BY label",
      "--format", "csv")
    #expect(rows.output.contains("reinmax(tau=1.0),latents,"), "\(rows.output)\(rows.errors)")
    #expect(rows.output.contains("reinforce,draws,"), "\(rows.output)")
    #expect(rows.output.contains("8 x 5 x 5 x 5 joint codes"), "\(rows.output)")
  }

  @Test func badLayersAreNamed() throws {
    let place = try place()
    let good = try String(
      contentsOfFile: place.file("studies/examples/ragged-cost.json"), encoding: .utf8)
    for (from, to, message) in [
      (
        "[0.2, 0.4, 0.0, -0.4, -0.2]", "[0.2]",
        "phi[1]: a latent needs at least 2 categories, found 1"
      ),
      (
        "[0.2, 0.4, 0.0, -0.4, -0.2]", "[]",
        "phi[1]: a latent needs at least 2 categories, found 0"
      ),
      (
        "\"v\": [-1.0, ", "\"v\": [",
        "cost.v: expected 8 numbers for D = 4, K = 8, 5, 5, 5, found 7 numbers"
      ),
    ] {
      try place.write(
        good.replacingOccurrences(of: from, with: to), to: "studies/examples/ragged-cost.json")
      let outcome = try place.run("check", "studies/ragged-cost.yaml")
      #expect(outcome.code == 65)
      #expect(outcome.errors.contains(message), "\(outcome.errors)")
    }
  }
}
