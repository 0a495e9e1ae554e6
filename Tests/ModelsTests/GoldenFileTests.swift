import Discrete
import Foundation
import Models
import Testing

@Suite struct GoldenFileTests {
  private static let text = """
    {"format": "discrete-gradient-golden/1", "split": "tiny", "problems": [{
      "name": "one", "D": 1, "K": 2, "phi": [[0, 0]],
      "cost": {"type": "linear", "a": [[1, 3]], "b": 0},
      "exact": {"value": 2, "value_var": 1, "grad": [[-0.5, 0.5]], "grad_norm": 0.70710678118654757},
      "estimators": [{"id": "st", "params": {"tau": 1}, "method": "quadrature", "quad_err": 1e-13,
        "mean": [[-0.5, 0.5]], "var": [[0, 0]], "bias_norm": 0, "rel_bias": 0, "cosine": 1,
        "trace_var": 0}]}]}
    """

  private func read(_ text: String) throws -> GoldenFile {
    try withFolder { folder in
      try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/g.json"))
      return try GoldenFile(path: folder + "/g.json")
    }
  }

  private func complaint(_ old: String, _ new: String) -> String {
    #expect(Self.text.contains(old))
    let full = message { _ = try read(Self.text.replacingOccurrences(of: old, with: new)) }
    guard let name = full.range(of: "g.json: ") else { return full }
    return String(full[name.upperBound...])
  }

  @Test func everyFieldIsRead() throws {
    let file = try read(Self.text)
    #expect(file.split == "tiny" && file.problems.count == 1)
    let golden = try #require(file.problems.first)
    #expect(golden.exact.gradient == [-0.5, 0.5] && golden.exact.valueVariance == 1)
    let estimator = try #require(golden.estimators.first)
    #expect(estimator.id == "st" && estimator.parameters == ["tau": 1])
    #expect(estimator.quadratureError == 1e-13 && estimator.cosine == 1)
    #expect(estimator.meanError == nil && estimator.points == nil)
  }

  @Test func mistakesAreNamed() {
    #expect(complaint("golden/1", "golden/2").hasPrefix("format: unknown format"))
    #expect(
      complaint("\"D\": 1", "\"D\": 2") == "problems[0].D: expected 1, the size of phi, found 2")
    #expect(
      complaint("\"grad\": [[-0.5, 0.5]]", "\"grad\": [[-0.5]]")
        .hasPrefix(
          "problems[0].exact.grad: expected 1 x 2 numbers for D = 1, K = 2, found 1 number"))
    #expect(
      complaint("\"tau\": 1", "\"tau\": \"x\"")
        == "problems[0].estimators[0].params.tau: expected a number, found a text")
    #expect(
      complaint("\"quad_err\"", "\"quaderr\"")
        == "problems[0].estimators[0]: unknown field 'quaderr'; did you mean 'quad_err'?")
    #expect(
      complaint("\"method\": \"quadrature\", ", "")
        .hasPrefix("problems[0].estimators[0]: 'method' is missing"))
    #expect(complaint("\"linear\"", "\"liner\"").contains("did you mean 'linear'?"))
  }

  /// The published reference files, where they are at hand.
  @Test func publishedProblemsHaveTheirExactValues() throws {
    let folders = ["../shared/golden", "Tests/FidelityTests/Fixtures"]
    for folder in folders {
      for name in ["golden_public.json", "golden_public_scaled_logits.json"] {
        let path = "\(folder)/\(name)"
        guard FileManager.default.fileExists(atPath: path) else { continue }
        for golden in try GoldenFile(path: path).problems {
          let exact = try enumerated(golden.problem)
          #expect(abs(exact.value - golden.exact.value) < 1e-13)
          #expect(relativeDifference(exact.gradient, golden.exact.gradient) < 1e-13)
          #expect(!golden.estimators.isEmpty)
          if let closed = golden.problem.closedFormGradient(temperature: 1) {
            #expect(relativeDifference(closed, golden.exact.gradient) < 1e-13)
          }
        }
      }
    }
  }
}
