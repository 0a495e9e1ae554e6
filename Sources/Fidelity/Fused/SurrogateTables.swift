import CKernels
import Discrete
import Foundation

/// A noisy surrogate softmax in the terms of the kernels.
struct SurrogateTables: Sendable {
  private let exponent: Float
  private let weights: AlignedTable<Float>?
  private let logOdds: AlignedTable<Float>?
  private let inverseDistribution: AlignedTable<Float>?
  private let factors: AlignedTable<Float>?

  /// Nil for distributions, offsets or exponents so extreme that float32 has no room for the squares.
  init?(_ surrogate: NoisySurrogate, distribution: FusedDistribution) {
    let categories = distribution.categories
    let exponent = surrogate.exponent
    guard exponent > 1e-3, exponent < 1e3 else { return nil }
    self.exponent = Float(exponent)
    let logs = distribution.logProbabilities
    if categories == 2 {
      let combined = logs.indices.map { logs[$0] + surrogate.offsets[$0] / exponent }
      let odds = (0..<distribution.latents).map { combined[2 * $0 + 1] - combined[2 * $0] }
      guard odds.allSatisfy({ abs($0) <= FusedScale.widestLogRatio }) else { return nil }
      weights = AlignedTable(odds.flatMap { [exp(min(0, -$0)), exp(min(0, $0))] })
      logOdds = AlignedTable(odds)
      inverseDistribution = nil
      factors = nil
      return
    }
    var offsets = surrogate.offsets
    for latent in 0..<distribution.latents {
      let range = latent * categories..<(latent + 1) * categories
      let largest = offsets[range].max() ?? 0
      for index in range { offsets[index] -= largest }
    }
    guard (logs + offsets).allSatisfy({ $0 >= -FusedScale.widestLogRatio }) else { return nil }
    weights = nil
    logOdds = nil
    inverseDistribution = AlignedTable(logs.map { exp(-$0) })
    factors = AlignedTable(offsets.map { exp($0) })
  }

  var view: gf_surrogate {
    gf_surrogate(
      exponent: exponent, weights: weights?.base, log_odds: logOdds?.base,
      inverse_distribution: inverseDistribution?.base, factors: factors?.base)
  }
}
