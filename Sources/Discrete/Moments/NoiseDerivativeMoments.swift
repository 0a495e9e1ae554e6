import Foundation

/// Moments of the map of one latent that differentiates through conditional Gumbel noise, where
/// categories are few.
///
/// Given the winner `x`, the other perturbed logits are `log r_i = -log(1 + e^(eta_i))` beside the
/// winner's, `e^(eta_i) = E_i / (p_i E_x)` with standard exponentials, and their derivative after the
/// logits is `diag(1 - r) + r p^T`. So the map is `A = (diag(1 - r) + p r^T) J(s)`, `s` the softmax of
/// `alpha log r`. The `eta` have the density
///
///     (K - 1)! prod_i p_i e^(eta_i) / (1 + sum_i p_i e^(eta_i))^K
///
/// Trapezoidal rule in every `eta`, whose nodes and all that depends on them alone are the same for
/// all winners and distributions: singularities are at least `pi / 2` away from the real line at any `alpha`.
public struct NoiseDerivativeMoments: SurrogateMoments {
  public let distributions: Int
  /// `E[A | x]`, `[x][K][K]`, with rows and columns that sum to 0.
  public let jacobianMeans: [Double]
  private let categories: Int
  /// `E[A_ik A_jl | x]`, `[x][i <= j][k][l]`.
  private let products: [Double]

  /// The nodes are those of a grid of `K - 1` dimensions.
  public static let maximumCategories = 4

  /// Winners and losers below are left out, as in `SoftmaxMoments`.
  private static let negligible = SoftmaxMoments.negligible
  /// Nodes are left out below this share of the likeliest loser's probability.
  private static let share = 1e-10
  /// `|log(E_i / E_x)|` beyond which there is no weight.
  private static let reach = 18.0

  /// Moments given every winner.
  ///
  /// Cost: up to `(40 / step')^(K - 1)` nodes a winner, `step' = 1/4 + 3/4 step`, of which about a
  /// tenth counts with `K^4 / 2` multiplications each: for `K = 4` a tenth of a second.
  ///
  /// - Parameters:
  ///   - logProbabilities: `log p`, normalised, of at most `maximumCategories` categories.
  ///   - exponent: `alpha`, above 0.
  ///   - step: 0.5 gives some 1e-6 of the largest moment, 0.2 some 1e-8; temperatures below a tenth
  ///     and rare winners less.
  public static func conditional(
    logProbabilities: [Double], exponent: Double, step: Double
  ) -> NoiseDerivativeMoments {
    let size = logProbabilities.count
    precondition(size <= maximumCategories)
    var sums = MapSums(logProbabilities.map { exp($0) }, distributions: size)
    let winners = logProbabilities.indices.filter { logProbabilities[$0] > negligible }
    for winner in winners {
      let losers = winners.filter { $0 != winner }
      let grids = losers.map {
        NodeLine(logProbabilities[$0], exponent: exponent, step: 0.25 + 0.75 * step, reach: reach)
      }
      let likeliest = losers.reduce(0) { max($0, exp(logProbabilities[$1])) }
      sums.integrate(winner, losers, grids, leastWeight: share * likeliest)
    }
    return NoiseDerivativeMoments(
      distributions: size, jacobianMeans: sums.means, categories: size, products: sums.products)
  }

  public func sandwich(_ matrices: [Double]) -> [Double] {
    let square = categories * categories
    precondition(matrices.count == distributions * square)
    var result = [Double](repeating: 0, count: square)
    var base = 0
    for x in 0..<distributions {
      for i in 0..<categories {
        for j in i..<categories {
          var sum = 0.0
          for kl in 0..<square { sum += products[base + kl] * matrices[x * square + kl] }
          base += square
          result[i * categories + j] += sum
          if i != j { result[j * categories + i] += sum }
        }
      }
    }
    return result
  }
}

/// The nodes of one loser.
private struct NodeLine {
  /// `h p e^eta`, `p e^eta`, `r` and `r^alpha`.
  var weights: [Double] = []
  var rates: [Double] = []
  var ratios: [Double] = []
  var powers: [Double] = []

  init(_ log: Double, exponent: Double, step: Double, reach: Double) {
    // To the left nothing changes any more, also relative to the weight of an unlikely loser.
    let first = ((-reach - max(0, Foundation.log(exponent))) / step).rounded(.down)
    let last = ((reach - log) / step).rounded(.up)
    for index in stride(from: first, through: last, by: 1) {
      let eta = index * step
      let rate = exp(eta + log)
      weights.append(step * rate)
      rates.append(rate)
      let logRatio = -(max(eta, 0) + log1p(exp(-abs(eta))))
      ratios.append(exp(logRatio))
      powers.append(exp(exponent * logRatio))
    }
  }
}

/// Sums over the nodes.
private struct MapSums {
  let probabilities: [Double]
  /// `[x][K][K]`.
  var means: [Double]
  /// `[x][i <= j][k][l]`.
  var products: [Double]

  init(_ probabilities: [Double], distributions: Int) {
    let size = probabilities.count
    self.probabilities = probabilities
    means = [Double](repeating: 0, count: distributions * size * size)
    products = [Double](repeating: 0, count: distributions * size * (size + 1) / 2 * size * size)
  }

  mutating func integrate(
    _ winner: Int, _ losers: [Int], _ grids: [NodeLine], leastWeight: Double
  ) {
    let size = probabilities.count
    var ratios = [Double](repeating: 0, count: size)
    var powers = ratios
    ratios[winner] = 1
    powers[winner] = 1
    // (K - 1)!, of the losers that count.
    let factor = losers.indices.reduce(1.0) { $0 * Double($1 + 1) }
    var map = [Double](repeating: 0, count: size * size)

    func visit(_ depth: Int, _ weight: Double, _ rate: Double) {
      // The weight of the node or, as `p e^eta` is less than the sum it adds to, a bound of those below.
      var bound = weight
      for _ in 0...depth { bound /= rate }
      guard bound > leastWeight else { return }
      guard depth < losers.count else {
        setMap(&map, ratios, powers)
        add(bound, map, winner)
        return
      }
      let (grid, loser) = (grids[depth], losers[depth])
      for node in grid.rates.indices {
        ratios[loser] = grid.ratios[node]
        powers[loser] = grid.powers[node]
        visit(depth + 1, weight * grid.weights[node], rate + grid.rates[node])
      }
    }
    visit(0, factor, 1)
  }

  /// `A_ik = (1 - r_i) s_i (1[i = k] - s_k) + p_i s_k (r_k - <r, s>)`.
  private func setMap(_ map: inout [Double], _ ratios: [Double], _ powers: [Double]) {
    let size = probabilities.count
    let scale = 1 / powers.reduce(0, +)
    var mean = 0.0
    for k in 0..<size { mean += scale * powers[k] * ratios[k] }
    for i in 0..<size {
      let own = (1 - ratios[i]) * scale * powers[i]
      for k in 0..<size {
        let s = scale * powers[k]
        map[i * size + k] =
          own * ((i == k ? 1 : 0) - s) + probabilities[i] * s * (ratios[k] - mean)
      }
    }
  }

  private mutating func add(_ weight: Double, _ map: [Double], _ winner: Int) {
    let size = probabilities.count
    let square = size * size
    var base = winner * size * (size + 1) / 2 * square
    for index in 0..<square { means[winner * square + index] += weight * map[index] }
    for i in 0..<size {
      for j in i..<size {
        for k in 0..<size {
          let factor = weight * map[i * size + k]
          for l in 0..<size { products[base + k * size + l] += factor * map[j * size + l] }
        }
        base += square
      }
    }
  }
}
