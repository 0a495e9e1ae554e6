import Discrete
import Foundation
import Tensors

/// VIMCO: leave-one-out baselines for the bound `L = log mean_i exp f(z_i)` of `n` draws.
///
/// `L_i` is `L` with `f_i` replaced by the mean of the others, `g = sum_i (L - L_i) (z_i - p)`. Unbiased
/// for `d/dphi E[L]`, which is another target than `d/dphi E[f]`; unchanged by a constant added to the
/// cost. Exact moments of two draws are sums over pairs of joint codes, `O(jointCodes^2 D K)`. Complexity:
/// `O(n^2 + n D K)` beside `n` oracle values.
public struct Vimco: ExactEstimator {
  public let samples: Int

  public init(samples: Int) { self.samples = min(max(samples, 2), 64) }

  public var plan: EvaluationPlan { EvaluationPlan(samples: samples, values: true) }
  public var traits: EstimatorTraits {
    EstimatorTraits(ignoredConstants: [.level], ragged: .served)
  }

  public func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    clear(&estimates)
    let score = Score(row)
    for draw in 0..<draws.count {
      let values = (0..<samples).map { draws.values[$0][draw] }
      let bound = logMeanExp(values)
      let sum = values.reduce(0, +)
      for sample in 0..<samples {
        var replaced = values
        replaced[sample] = (sum - values[sample]) / Double(samples - 1)
        score.add(
          bound - logMeanExp(replaced), draws.codes[sample], at: draw * row.latents,
          to: &estimates, at: draw * score.width)
      }
    }
  }

  private func logMeanExp(_ values: [Double]) -> Double {
    let top = values.reduce(-Double.infinity, max)
    return top + log(values.reduce(0) { $0 + exp($1 - top) } / Double(values.count))
  }
}

extension Vimco {
  public func hasExactMoments(on shape: LayerShape) -> Bool? {
    samples == 2 && JointCodePairs.fits(shape)
  }

  /// Of two draws, `g = a(f_i - f_j) u_i + a(f_j - f_i) u_j` with `a(d) = log((1 + e^d) / 2)`, so that
  /// `E g g^T = 2 sum_i q_i (sum_j q_j a_ij^2) u_i u_i^T + 2 sum_ij q_i q_j a_ij a_ji u_i u_j^T`.
  public func exactMoments(_ row: RowLogits, _ jointCodes: RowJointCodes) -> ExactMoments? {
    guard samples == 2, let pairs = JointCodePairs(jointCodes) else { return nil }
    let weighted = pairs.weighted(pairs.scores)
    let width = jointCodes.width
    var cross = [Double](repeating: 0, count: width * width)
    // sum_j q_j a_ij and sum_j q_j a_ij^2.
    var firsts = [Double](repeating: 0, count: jointCodes.count)
    var squares = firsts
    for tile in pairs.tiles {
      var coefficients: [Double] = []
      coefficients.reserveCapacity(tile.count * jointCodes.count)
      for i in tile { coefficients += jointCodes.values.map { -abs(jointCodes.values[i] - $0) } }
      VectorMath.exp(&coefficients)
      for index in coefficients.indices { coefficients[index] = 0.5 + 0.5 * coefficients[index] }
      VectorMath.log(&coefficients)
      var out = coefficients.mutableSpan
      for i in tile {
        let from = (i - tile.lowerBound) * jointCodes.count
        var (first, square) = (0.0, 0.0)
        for j in 0..<jointCodes.count {
          let difference = jointCodes.values[i] - jointCodes.values[j]
          let own = max(difference, 0) + out[from + j]
          first += jointCodes.weights[j] * own
          square += jointCodes.weights[j] * own * own
          out[from + j] = own * (own - difference)
        }
        firsts[i] = first
        squares[i] = square
      }
      pairs.add(weighted, coefficients, weighted, tile, to: &cross)
    }
    let mean = pairs.sum(firsts, weighted).map { 2 * $0 }
    var covariance = pairs.sum(weighted, squares, pairs.scores)
    for index in covariance.indices {
      covariance[index] =
        2 * (covariance[index] + cross[index]) - mean[index / width] * mean[index % width]
    }
    return ExactMoments(RowMoments(mean: mean, covariance: covariance))
  }
}

extension EstimatorDescriptor {
  static let vimco = EstimatorDescriptor(
    name: "vimco", family: .scoreFunction, bias: .ownTarget,
    summary: "Leave-one-out baselines for the log of the mean of exp f over n draws.",
    formula:
      "g = sum_i (L - L_i) (z_i - p), L = log mean_i exp f_i, L_i with f_i <- mean_{j!=i} f_j",
    exactOn: "no cost; unbiased for the gradient of E[log mean_i exp f(z_i)]", cost: "n values",
    source: "Mnih and Rezende, arXiv 1602.06725",
    traps: [
      "Its target is the gradient of the multi-sample bound: its bias here is no error.",
      pairMoments,
    ],
    invariants: EstimatorInvariants(costScale: false),
    parameters: [
      ParameterSpec("samples", .integer(2...64), default: .integer(2), "draws per estimate, n")
    ],
    make: { Vimco(samples: $0.integer("samples")) })
}
