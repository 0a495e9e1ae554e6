import Discrete
import Foundation

/// Importance-sampled REINFORCE: draws from a flatter distribution.
///
/// `z ~ r = Cat(softmax(phi / T))`, `T >= 1`: `g = f(z) p(z) / r(z) (z - p)`. Unbiased on every cost;
/// the weight is at most `K^D`. Complexity: `O(D K)` beside one oracle value.
public struct ImportanceReinforce: ProbingEstimator {
  /// Temperature of the proposal.
  public let temperature: Double

  /// - Throws: `DiscreteError.parameter` for a temperature below 1 or not finite.
  public init(temperature: Double) throws {
    guard temperature >= 1, temperature.isFinite else {
      throw DiscreteError.parameter(
        "a proposal temperature must be a finite number of at least 1, found \(temperature)")
    }
    self.temperature = temperature
  }

  public var plan: EvaluationPlan {
    EvaluationPlan(samples: 0, probes: ProbePlan(latentUniforms: 1, codes: 1))
  }

  private func proposals(_ row: RowLogits) -> [DistributionFunction] {
    row.distributions(row.probabilities(temperature: temperature))
  }

  public func probes(_ row: RowLogits, _ draws: RowDraws) -> Probes {
    let proposals = proposals(row)
    return Probes(
      codes: (0..<draws.count * row.latents).map {
        Int32(proposals[$0 % row.latents].outcome(draws.uniforms[$0]))
      })
  }
  public var traits: EstimatorTraits {
    EstimatorTraits(ignoredConstants: [.levelOfMean], ragged: .served)
  }

  public func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    clear(&estimates)
    let score = Score(row)
    let target = logSoftmax(row.values, categories: row.categories)
    let proposal = logSoftmax(row.values, categories: row.categories, scale: 1 / temperature)
    for draw in 0..<draws.count {
      let first = draw * row.latents
      var logWeight = 0.0
      for latent in 0..<row.latents {
        let index = latent * row.categories + Int(draws.probes.codes[first + latent])
        logWeight += target[index] - proposal[index]
      }
      score.add(
        draws.probes.codeValues[draw] * exp(logWeight), draws.probes.codes, at: first,
        to: &estimates, at: draw * score.width)
    }
  }

  public func uniformAtoms(_ row: RowLogits) -> UniformAtoms? {
    UniformAtoms(latents: proposals(row).map(\.atoms))
  }
}

extension EstimatorDescriptor {
  static let importanceReinforce = EstimatorDescriptor(
    name: "reinforce-importance", family: .scoreFunction, bias: .unbiased,
    summary: "REINFORCE with draws from a flatter distribution and importance weights.",
    formula: "g = f(z) p(z)/r(z) (z - p), z ~ r = Cat(softmax(phi/T))", exactOn: "every cost",
    cost: "1 value", source: "importance sampling; a one-query class is arXiv 2602.05119",
    traps: [
      "The target stays the gradient under softmax(phi), whatever the proposal.",
      "Unverified: that arXiv 2602.05119 contains this form was read from its first page only.",
    ],
    invariants: EstimatorInvariants(costShift: false),
    parameters: [
      ParameterSpec(
        "proposal-temperature", .number(minimum: 1, maximum: 1000, exclusive: false),
        default: .number(2), "temperature T of the proposal")
    ],
    make: { try ImportanceReinforce(temperature: $0.number("proposal-temperature")) })
}
