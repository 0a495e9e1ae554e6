import Discrete
import Estimators
import Fidelity
import Models
import Tensors
import Testing

/// Claims of sampled numbers at every scope of networks in float32: logits, each layer of an encoder, all of
/// them.
@Suite struct EveryScopeTests {
  static let sizes: [String: ParameterValue] = [
    "latents": .integer(2), "categories": .integer(4), "rows": .integer(2),
    "hidden-1": .integer(16), "hidden-2": .integer(8), "data": .text("procedural"),
  ]

  private func numbers(
    _ problem: any DiscreteProblem, _ kind: String, draws: Int, key: UInt64
  ) throws -> [FidelityNumber] {
    try FidelitySession(
      problem: problem, target: TargetSettings(kind: .exact),
      measure: MeasureSettings(
        moments: .monteCarlo, draws: draws, blocks: 16, perDrawSamples: 0, gap: false),
      key: RandomKey(seed: key)
    ).run([FidelityRequest(estimator: EstimatorRegistry.make(kind), distribution: .own)])[0].get()
      .numbers
  }

  /// Unbiased estimators with 64 draws of an encoder's logits, and of assignments so sharp that most codes
  /// are not drawn: at every scope no more biases are resolved than by chance, six of 40 at level 0.95
  /// (P(X > 6) < 1e-3 for each).
  @Test(arguments: ["categorical-vae", "vq-autoencoder"], ["reinforce-loo", "mvd"])
  func noBiasIsResolvedWhereThereIsNone(problem kind: String, estimator: String) throws {
    var parameters = Self.sizes
    if kind == "vq-autoencoder" {
      parameters["s"] = .number(0.15)
      parameters["dimension"] = .integer(2)
    }
    let problem = try registered(kind, parameters)
    var resolved: [String: Int] = [:]
    var scopes: Set<String> = []
    for key in 0..<40 as Range<UInt64> {
      for number in try numbers(problem, estimator, draws: 64, key: key)
      where number.metric == .biasSquared || number.metric == .scaleFreeBias {
        scopes.insert(number.scope)
        if number.resolved == true {
          resolved["\(number.scope) \(number.metric.rawValue)", default: 0] += 1
        }
      }
    }
    #expect(scopes.count >= 5)
    #expect(resolved.values.allSatisfy { $0 <= 6 }, "\(resolved)")
  }

  /// A bias that is large at every scope is resolved at every one.
  @Test(arguments: ["categorical-vae", "vq-autoencoder"]) func aLargeBiasIsResolved(_ kind: String)
    throws
  {
    let found = try numbers(registered(kind, Self.sizes), "identity-st", draws: 4096, key: 1)
    let biases = found.filter { $0.metric == .biasSquared }
    #expect(biases.count >= 5)
    #expect(biases.allSatisfy { $0.resolved == true }, "\(biases.map(\.resolved))")
  }
}
