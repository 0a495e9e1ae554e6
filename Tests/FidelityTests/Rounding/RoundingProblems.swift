import Discrete
import Estimators
import Fidelity
import Foundation
import Models
import Tensors

/// Problem files of small layers with random logits and costs.
struct RoundingProblems {
  private var numbers: SampleNumbers

  init(_ seed: UInt64) { numbers = SampleNumbers(seed) }

  mutating func normal() -> Double { numbers.normal() }

  mutating func normals(_ count: Int) -> [Double] { (0..<count).map { _ in numbers.normal() } }

  mutating func rows(_ count: Int, _ width: Int) -> [[Double]] {
    (0..<count).map { _ in normals(width) }
  }

  static func text(phi: [[Double]], cost: String) -> String {
    "{\"phi\": \(phi), \"cost\": \(cost)}"
  }

  static func table(_ values: [Double], _ gradients: [[[Double]]]? = nil) -> String {
    let derivatives = gradients.map { ", \"gradients\": \($0)" } ?? ""
    return "{\"type\": \"table\", \"values\": \(values)\(derivatives)}"
  }

  /// Costs that are the same at every one-hot point, with what hides it.
  static func constants(latents: Int, categories: Int) -> [(name: String, cost: String)] {
    let jointCodes = (0..<latents).reduce(1) { product, _ in product * categories }
    let width = latents * categories
    let zeros = [[Double]](repeating: [Double](repeating: 0, count: categories), count: latents)
    // x^T A x + b^T x of blocks of equal numbers: sums of 0.7 over pairs of latents, of 0.3 over latents.
    let block = [[Double]](repeating: [Double](repeating: 0.7, count: width), count: width)
    let linear = [Double](repeating: 0.3, count: width)
    let hidden = [[Double]](repeating: linear.map { 1.1 * $0 }, count: 3)
    return [
      (
        "table",
        table(
          [Double](repeating: 3.7, count: jointCodes),
          [[[Double]]](repeating: zeros, count: jointCodes))
      ),
      ("quadratic", "{\"type\": \"quadratic\", \"A\": \(block), \"b\": \(linear)}"),
      (
        "linear",
        "{\"type\": \"linear\", \"a\": \([[Double]](repeating: [Double](repeating: 5, count: categories), count: latents))}"
      ),
      (
        "mlp",
        "{\"type\": \"mlp\", \"W1\": \(hidden), \"b1\": [0.1, 0.2, 0.3], \"w2\": [0.0, 0.0, 0.0], \"b2\": 1e8}"
      ),
    ]
  }
}

/// Every report that a problem gives with an estimator of the registry, fitted where it learns.
func measured(
  _ problem: any DiscreteProblem, _ estimator: any GradientEstimator, _ moments: MomentsChoice,
  scopes: [MeasureScope] = [.logits, .layers, .all], draws: Int = 512
) throws -> FidelityReport {
  try FidelitySession(
    problem: problem, target: TargetSettings(),
    measure: MeasureSettings(
      scopes: scopes, moments: moments, draws: draws, blocks: 16, perDrawSamples: 8, gap: false),
    key: RandomKey(seed: 5)
  ).run([FidelityRequest(estimator: estimator, distribution: .own)])[0].get()
}
