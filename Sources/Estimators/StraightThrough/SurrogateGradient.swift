import Discrete
import Foundation
import Tensors

/// The straight-through family with one surrogate softmax: a forward point `z` (hard or soft),
/// a surrogate `s` at the backward temperature, and `g = (1/tau_b) J(s) df/dz(z)`.
///
/// The switches decide the rest; each named estimator is a preset in its own file.
/// Complexity: `O(D K)` per estimate beside one oracle gradient.
public struct SurrogateGradient: LocallyLinearEstimator, SoftPointEstimator {
  public let switches: SurrogateSwitches

  public init(_ switches: SurrogateSwitches) { self.switches = switches }

  public var plan: EvaluationPlan {
    let soft = switches.forward == .soft
    return EvaluationPlan(
      distribution: switches.forward == .argmax
        ? .mode : .sample(temperature: switches.distributionTemperature),
      gradients: !soft,
      perturbed: switches.noise == .shared || (soft && switches.noise != .none),
      freshNoise: switches.noise == .fresh,
      relaxed: soft)
  }

  /// With `scaled-logits` the noise is not divided.
  public var traits: EstimatorTraits {
    EstimatorTraits(
      softPointsVary: switches.noise != .none,
      forwardTemperature: switches.forward == .soft ? switches.tauForward : nil,
      backwardTemperature: switches.jacobian == .softmax ? switches.tauBackward : nil,
      noiseWidth: switches.placement == .scaledSum
        ? min(switches.tauForward, switches.tauBackward) : 1,
      gradientGain: switches.jacobian == .identity ? 1 : 1 / switches.tauBackward,
      ignoredConstants: switches.jacobian == .softmax ? [.gradients] : [], ragged: .servedByLatent)
  }

  public func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    let width = row.values.count
    let gradients = switches.forward == .soft ? draws.softGradients : draws.gradients
    if switches.jacobian == .identity {
      for index in 0..<draws.count * width { estimates[index] = gradients[index] }
      return
    }
    let surrogate = backwardSurrogate(row, draws)
    let varies = surrogate.count > width
    let factor = 1 / switches.tauBackward
    let s = surrogate.span
    let h = gradients.span
    var out = estimates.mutableSpan
    for draw in 0..<draws.count {
      for latent in 0..<row.latents {
        let local = latent * row.categories
        softmaxJacobianProduct(
          s, at: varies ? draw * width + local : local, h, at: draw * width + local,
          categories: row.categories, factor: factor, into: &out)
      }
    }
  }

  /// The backward surrogate `s`: `[D][K]` without noise, `[count][D][K]` with.
  private func backwardSurrogate(_ row: RowLogits, _ draws: RowDraws) -> [Double] {
    switch switches.noise {
    case .none:
      return row.probabilities(temperature: switches.tauBackward)
    case .shared:
      return tempered(row, draws.perturbed, draws.count, tau: switches.tauBackward)
    case .fresh:
      // Fresh noise perturbs the logits at the backward temperature itself.
      let scale = switches.placement == .scaledLogits ? 1 / switches.tauBackward : 1
      var sums = draws.freshNoise
      for draw in 0..<draws.count {
        for (index, logit) in row.values.enumerated() {
          sums[draw * row.values.count + index] += scale * logit
        }
      }
      return softmax(
        sums, categories: row.categories,
        scale: switches.placement == .scaledLogits ? 1 : 1 / switches.tauBackward)
    }
  }

  /// The surrogate softmax at `tau` from perturbed forward logits `l / T + g`.
  private func tempered(
    _ row: RowLogits, _ perturbed: [Double], _ count: Int, tau: Double
  ) -> [Double] {
    switch switches.placement {
    case .scaledSum:
      return softmax(perturbed, categories: row.categories, scale: 1 / tau)
    case .scaledLogits:
      let shift = 1 / tau - 1 / switches.tauForward
      guard shift != 0 else { return softmax(perturbed, categories: row.categories) }
      var moved = perturbed
      for draw in 0..<count {
        for (index, logit) in row.values.enumerated() {
          moved[draw * row.values.count + index] += shift * logit
        }
      }
      return softmax(moved, categories: row.categories)
    }
  }

  /// For a soft forward, the forward point at `tau_f`; otherwise the surrogate `s` itself.
  public func softPoints(_ row: RowLogits, _ draws: RowDraws) -> [Double]? {
    let points: [Double]
    if switches.forward == .soft {
      points =
        switches.noise == .none
        ? row.probabilities(temperature: switches.tauForward)
        : tempered(row, draws.perturbed, draws.count, tau: switches.tauForward)
    } else {
      points = backwardSurrogate(row, draws)
    }
    guard points.count == row.values.count, draws.count != 1 else { return points }
    return (0..<draws.count).flatMap { _ in points }
  }

  public func localJacobians(_ row: RowLogits, step: Double) -> LocalJacobians? {
    guard switches.forward != .soft else { return nil }
    let categories = row.categories
    if switches.jacobian == .identity {
      let unit = (0..<categories * categories).map { $0 % (categories + 1) == 0 ? 1.0 : 0.0 }
      return LocalJacobians(
        latents: row.latents, categories: categories, dependsOnCategory: false,
        means: (0..<row.latents).flatMap { _ in unit })
    }
    let scale = 1 / switches.tauBackward
    if switches.noise == .none {
      let distribution = row.probabilities(temperature: switches.tauBackward)
      let means = (0..<row.latents).flatMap { latent in
        softmaxJacobian(distribution[latent * categories..<(latent + 1) * categories]).map {
          scale * $0
        }
      }
      return LocalJacobians(
        latents: row.latents, categories: categories, dependsOnCategory: false, means: means)
    }
    guard categories <= SurrogateSoftmax.maximumCategories, scale.isFinite else { return nil }
    let shared = switches.noise == .shared
    if shared && switches.placement == .scaledLogits && offsetSpread(row) > Self.widestSpread {
      return nil
    }
    return LocalJacobians(
      latents: row.latents, categories: categories, scale: scale,
      moments: shared ? sharedMoments(row, step: step) : freshMoments(row, step: step))
  }

  /// The quadrature's grid grows with the spread of `(1/tau_b - 1/tau_f) l`. Beyond this one, layers
  /// of at most 16 joint codes and 16 noise variables are integrated by a lattice, and others sampled.
  private static let widestSpread = 1e6

  private func offsetSpread(_ row: RowLogits) -> Double {
    let shift = abs(1 / switches.tauBackward - 1 / switches.tauForward)
    return shift * ((row.values.max() ?? 0) - (row.values.min() ?? 0))
  }

  /// Moments of `s` given each winner of the forward perturbation, latent by latent.
  private func sharedMoments(_ row: RowLogits, step: Double) -> [any SurrogateMoments] {
    let scaled = switches.placement == .scaledLogits
    let logs = logSoftmax(
      row.values, categories: row.categories, scale: 1 / switches.distributionTemperature)
    let shift = scaled ? 1 / switches.tauBackward - 1 / switches.tauForward : 0
    return (0..<row.latents).map { latent in
      let range = latent * row.categories..<(latent + 1) * row.categories
      return SurrogateSoftmax.conditional(
        logProbabilities: Array(logs[range]), logOffsets: row.values[range].map { shift * $0 },
        exponent: scaled ? 1 : 1 / switches.tauBackward, step: step)
    }
  }

  /// Moments of `s` with noise of its own, latent by latent.
  private func freshMoments(_ row: RowLogits, step: Double) -> [any SurrogateMoments] {
    let scaled = switches.placement == .scaledLogits
    let distribution = row.probabilities(temperature: scaled ? switches.tauBackward : 1)
    return (0..<row.latents).map { latent in
      SurrogateSoftmax.unconditional(
        probabilities: Array(distribution[latent * row.categories..<(latent + 1) * row.categories]),
        exponent: scaled ? 1 : 1 / switches.tauBackward, step: step)
    }
  }
}
