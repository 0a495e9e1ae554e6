import Discrete
import Foundation
import Models
import Testing

/// Quantisers from files: what is read, and what is refused with which words.
@Suite struct QuantiserFileTests {
  private func read(
    _ text: String, _ parameters: [String: ParameterValue] = [:]
  ) throws -> any DiscreteProblem {
    try withFolder { folder in
      try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/p.json"))
      return try problem(
        "json", parameters.merging(["file": .text("p.json")]) { $1 }, directory: folder)
    }
  }

  private func complaint(_ text: String, _ parameters: [String: ParameterValue] = [:]) -> String {
    let full = message { _ = try read(text, parameters) }
    guard let name = full.range(of: "p.json: ") else { return full }
    return String(full[name.upperBound...])
  }

  private static let cost = #""cost": {"type": "linear", "a": [1, -2]}"#

  @Test func layersHaveALatentForEachUnit() throws {
    let scalar = try read(
      #"{"kind": "scalar", "z_e": [[0.2, -0.4]], "levels": [[-1, 0, 1], [-1, 1]], \#(Self.cost)}"#)
    #expect(scalar.shape == LayerShape(rows: 1, categories: [3, 2]))
    #expect(scalar.pullback?.groups == [ParameterGroup(name: "z_e", count: 2)])
    // Joint code (2, 0): levels 1 and -1.
    try #expect(scalar.oracle.costs(ofJointCodes: 4..<5, gradients: true).values == [3])
    let residual = try read(
      #"{"kind": "residual", "z_e": [[0.2, -0.4]], "codebooks": [[[0, 1], [1, -0.5]], [[0.25, 0.5], [-0.5, 0]]], \#(Self.cost)}"#,
      ["smoothing": .text("gaussian")])
    #expect(residual.shape == LayerShape(rows: 1, latents: 1, categories: 4))
    // Category 1 is the first code of stage 1 with the second of stage 2.
    try #expect(residual.oracle.costs(ofJointCodes: 1..<2, gradients: false).values == [-2.5])
    #expect(residual.replicates.count == 16)
    #expect(scalar.replicates.isEmpty)
  }

  @Test(arguments: [
    (
      #"{"kind": "fsk", "z_e": [[1]], "cost": {}}"#, "kind: unknown quantiser 'fsk'",
      "did you mean 'fsq'"
    ),
    (
      #"{"kind": "scalar", "z_e": [[1, 2]], "levels": [[1], [0, 1]], \#(cost)}"#,
      "levels[0]: a quantiser needs at least 2 levels, found 1", ""
    ),
    (
      #"{"kind": "scalar", "z_e": [[1, 2]], "levels": [[0, 1], [1, 1]], \#(cost)}"#,
      "levels[1]: expected rising numbers, found 1.0 before 1.0", ""
    ),
    (
      #"{"kind": "scalar", "z_e": [[1, 2]], "levels": [[0, 1], [0, 1]], "walls": [[0.5], [0.1, 0.2]], \#(cost)}"#,
      "walls[1]: expected 1 number", ""
    ),
    (
      #"{"kind": "fsq", "z_e": [[1, 2]], "level_counts": [1, 3], \#(cost)}"#,
      "level_counts[0]: expected a whole number from 2 to 65536, found 1.0", ""
    ),
    (
      #"{"kind": "vq", "z_e": [[1, 2]], "codebook": [], \#(cost)}"#,
      "codebook: a codebook needs at least 2 codes, found 0", ""
    ),
    (
      #"{"kind": "vq", "z_e": [[1, 2]], "codebook": [[1, 2], [1]], \#(cost)}"#,
      "codebook: expected 2 x 2 numbers", ""
    ),
    (
      #"{"kind": "vq", "z_e": [[1, 2], [3]], "codebook": [[1, 2], [1, 3]], \#(cost)}"#,
      "z_e: expected 2 x 2 numbers", ""
    ),
    (
      #"{"kind": "product", "z_e": [[1, 2]], "groups": 3, "codebooks": [], \#(cost)}"#,
      "groups: expected a whole number from 1 to 2, found 3.0", ""
    ),
    (
      #"{"kind": "vq", "z_e": [[1, 2]], "codebook": [[1, 2], [1, 3]], "levels": [1], \#(cost)}"#,
      "unknown field 'levels'", ""
    ),
    (
      #"{"kind": "vq", "z_e": [[1, 2]], "codebook": [[1, 2], [1, 3]], "cost": {"type": "table", "values": []}}"#,
      "cost.type: unknown cost type 'table'", ""
    ),
    (
      #"{"kind": "vq", "z_e": [], "codebook": [[1, 2], [1, 3]], \#(cost)}"#,
      "z_e: expected [tokens][d] numbers", ""
    ),
    (#"{"phi": [[0, 1]], "codebook": [], \#(cost)}"#, "unknown field 'codebook'", ""),
  ])
  func mistakesAreNamed(_ text: String, _ start: String, _ hint: String) {
    let found = complaint(text)
    #expect(found.hasPrefix(start), "\(found)")
    #expect(hint.isEmpty || found.contains(hint), "\(found)")
  }

  @Test func settingsThatDoNotFitAreRefused() {
    #expect(
      complaint(
        #"{"kind": "residual", "z_e": [[0.2, -0.4]], "codebooks": [[[0, 1], [1, -0.5]]], \#(Self.cost)}"#
      ).contains("has no soft assignment"))
    #expect(
      complaint(
        #"{"kind": "vq", "z_e": [[0.2, -0.4]], "codebook": [[1, 1], [1, 1]], \#(Self.cost)}"#
      ).contains("a width of 0"))
    #expect(
      complaint(
        #"{"phi": [[0, 1]], "cost": {"type": "linear", "a": [[1, 2]]}}"#, ["s": .number(2)]
      ).contains("'s' belongs to files of a quantiser"))
    // Distances over s^2 beyond doubles.
    #expect(
      complaint(
        #"{"kind": "vq", "z_e": [[0.2, -0.4]], "codebook": [[1, 0], [1, 1]], \#(Self.cost)}"#,
        ["s": .number(1e-200), "s-unit": .text("absolute")]
      ).contains("raise s"))
  }

  /// Codes that are never nearest take no part, and nothing is NaN.
  @Test func codesThatAreNeverNearestHaveNoProbability() throws {
    let problem = try read(
      #"{"kind": "vq", "z_e": [[0.2, -0.4]], "codebook": [[1, 0], [1, 0], [-1, 0]], \#(Self.cost)}"#,
      ["smoothing": .text("gaussian")])
    let p = problem.logits.row(0).probabilities()
    #expect(p[1] == 0 && abs(p[0] + p[2] - 1) < 1e-12)
    #expect(problem.pullback?.pullBack([0, 1, 0]) == [[0, 0]])
  }
}
