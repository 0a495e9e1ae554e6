import Discrete
import Tensors

/// Double control variates: leave-one-out baselines corrected by the gradients at the other samples.
///
/// `u_i = z_i - p`, `h_i = df/dz(z_i)`, `c_i = <<mean_{j != i} h_j, u_i>>`:
/// `g = (1/n) sum_i (f_i + a c_i - mean_{j != i}(f_j + a c_j)) u_i - a J(p) mean_i h_i`.
/// Unbiased for every `a`; `a = 0` is `reinforce-loo`. Exact moments of two draws are sums over pairs of
/// joint codes, `O(jointCodes^2 D K)`. Complexity: `O(n D K)` beside `n` oracle gradients.
public struct DoubleControlVariate: ProbingEstimator, ExactEstimator {
  public let samples: Int
  public let alpha: Double

  public init(samples: Int, alpha: Double) {
    self.samples = min(max(samples, 2), 64)
    self.alpha = alpha
  }

  public var plan: EvaluationPlan {
    EvaluationPlan(samples: samples, probes: ProbePlan(codes: samples, codeGradients: true))
  }

  public func probes(_ row: RowLogits, _ draws: RowDraws) -> Probes {
    Probes(codes: draws.interleavedCodes(samples, latents: row.latents))
  }
  public var traits: EstimatorTraits {
    EstimatorTraits(ignoredConstants: [.level, .gradients], ragged: .served)
  }

  public func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    clear(&estimates)
    let score = Score(row)
    let width = score.width
    let n = Double(samples)
    for draw in 0..<draws.count {
      let first = draw * samples
      let derivatives = draws.probes.codeGradients[first * width..<(first + samples) * width]
      var total = [Double](repeating: 0, count: width)
      for (index, derivative) in derivatives.enumerated() { total[index % width] += derivative }
      var corrected: [Double] = []
      for sample in 0..<samples {
        let from = derivatives.startIndex + sample * width
        let others = (0..<width).map { (total[$0] - derivatives[from + $0]) / (n - 1) }
        let correction = score.product(
          others, at: 0, draws.probes.codes, at: (first + sample) * row.latents)
        corrected.append(draws.probes.codeValues[first + sample] + alpha * correction)
      }
      let sum = corrected.reduce(0, +)
      for sample in 0..<samples {
        let advantage = corrected[sample] - (sum - corrected[sample]) / (n - 1)
        score.add(
          advantage / n, draws.probes.codes, at: (first + sample) * row.latents, to: &estimates,
          at: draw * width)
      }
      score.addJacobian(-alpha / n, total, at: 0, to: &estimates, at: draw * width)
    }
  }
}

extension DoubleControlVariate {
  public func hasExactMoments(on shape: LayerShape) -> Bool? {
    samples == 2 && JointCodePairs.fits(shape)
  }

  /// Of two draws, with `m = J(p) h` and `A_ij = f_i - f_j + a (<<h_j, u_i>> - <<h_i, u_j>>)`:
  /// `g = A_ij (u_i - u_j) / 2 - a (m_i + m_j) / 2`.
  ///
  /// `A` is antisymmetric, so `E g = sum_i q_i A_i u_i - a E m`, `A_i = sum_j q_j A_ij`, and with all sums
  /// over pairs weighted by `q_i q_j`, `E g g^T` has the terms `sum_ij A_ij^2 (u_i u_i^T - u_i u_j^T) / 2`,
  /// `-a (X + X^T) / 2`, `X = sum_i q_i A_i u_i m_i^T + sum_ij A_ij u_i m_j^T`, and
  /// `a^2 (E m m^T + E m E m^T) / 2`.
  public func exactMoments(_ row: RowLogits, _ jointCodes: RowJointCodes) -> ExactMoments? {
    guard samples == 2, !jointCodes.gradients.isEmpty, let pairs = JointCodePairs(jointCodes) else {
      return nil
    }
    let score = Score(row)
    let width = jointCodes.width
    let gradients = jointCodes.gradients
    var pulled = [Double](repeating: 0, count: gradients.count)
    for jointCode in 0..<jointCodes.count {
      score.addJacobian(1, gradients, at: jointCode * width, to: &pulled, at: jointCode * width)
    }
    let weighted = pairs.weighted(pairs.scores)
    let weightedPulled = pairs.weighted(pulled)
    let zeros = [Double](repeating: 0, count: width * width)
    var (squareCross, cross) = (zeros, zeros)
    var firsts = [Double](repeating: 0, count: jointCodes.count)
    var squares = firsts
    for tile in pairs.tiles {
      func product(_ left: [Double], _ right: [Double]) -> [Double] {
        matrixProduct(
          pairs.part(left, tile), right, m: tile.count, n: jointCodes.count, k: width,
          transposeB: true)
      }
      var differences = product(pairs.scores, gradients)
      let other = product(gradients, pairs.scores)
      var out = differences.mutableSpan
      for i in tile {
        let from = (i - tile.lowerBound) * jointCodes.count
        var (first, square) = (0.0, 0.0)
        for j in 0..<jointCodes.count {
          let own =
            jointCodes.values[i] - jointCodes.values[j] + alpha * (out[from + j] - other[from + j])
          first += jointCodes.weights[j] * own
          square += jointCodes.weights[j] * own * own
          out[from + j] = own
        }
        firsts[i] = first
        squares[i] = square
      }
      pairs.add(weighted, differences, weightedPulled, tile, to: &cross)
      for index in differences.indices { differences[index] *= differences[index] }
      pairs.add(weighted, differences, weighted, tile, to: &squareCross)
    }
    let derivative = pairs.sum([Double](repeating: 1, count: jointCodes.count), weightedPulled)
    let mean = zip(pairs.sum(firsts, weighted), derivative).map { $0 - alpha * $1 }
    let own = pairs.sum(weighted, squares, pairs.scores)
    let derivatives = weightedGram(
      pulled, weights: jointCodes.weights, rows: jointCodes.count, columns: width)
    let mixed = zip(pairs.sum(weighted, firsts, pulled), cross).map { $0 + $1 }
    var covariance = zeros
    for i in 0..<width {
      for j in 0..<width {
        let place = i * width + j
        let gradientPart = derivatives[place] + derivative[i] * derivative[j]
        let second =
          0.5
          * (own[place] - squareCross[place] - alpha * (mixed[place] + mixed[j * width + i])
            + alpha * alpha * gradientPart)
        covariance[place] = second - mean[i] * mean[j]
      }
    }
    return ExactMoments(RowMoments(mean: mean, covariance: covariance))
  }
}

extension EstimatorDescriptor {
  /// What estimators of several draws say of their exact moments.
  static let pairMoments =
    "Exact moments of 2 draws sum over all pairs of joint codes, up to \(JointCodePairs.mostJointCodes) of them; of n > 2 draws over all n-tuples, up to 2^18 of these."
}

extension RowDraws {
  /// The codes of all samples, estimate by estimate: `[count][samples][D]`.
  func interleavedCodes(_ samples: Int, latents: Int) -> [Int32] {
    var points: [Int32] = []
    points.reserveCapacity(count * samples * latents)
    for draw in 0..<count {
      for sample in 0..<samples {
        points.append(contentsOf: codes[sample][draw * latents..<(draw + 1) * latents])
      }
    }
    return points
  }
}

extension EstimatorDescriptor {
  static let doubleControlVariateFormula =
    "g = (1/n) sum_i (f_i + a c_i - mean_{j!=i}(f_j + a c_j)) (z_i - p) - a J(p) mean_i h_i, c_i = <<mean_{j!=i} h_j, z_i - p>>"

  static let doubleControlVariate = EstimatorDescriptor(
    name: "double-cv", family: .scoreFunction, bias: .unbiased,
    summary: "Leave-one-out baselines corrected by the gradients at the other samples.",
    formula: doubleControlVariateFormula, exactOn: "every cost", cost: "n gradients",
    source: "Titsias and Shi, arXiv 2111.05300",
    traps: [
      "It can raise the variance where the cost is far from linear between the samples.",
      "With automatic differentiation, the factor of a batch mean must be taken out of every h_i.",
      pairMoments,
    ],
    parameters: [
      ParameterSpec("samples", .integer(2...64), default: .integer(2), "draws per estimate, n"),
      ParameterSpec("alpha", .real, default: .number(1), "weight a of the correction"),
    ],
    make: {
      DoubleControlVariate(samples: $0.integer("samples"), alpha: $0.number("alpha"))
    })
}
