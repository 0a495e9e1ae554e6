import Discrete
import Foundation

/// MVE, the minimum-variance straight-through estimator: `g = S_x^T h` with the maps that minimise
/// `sum_x p_x |S_x|^2 + lambda |quadratic residual|^2` among those exact on linear costs.
///
/// `lambda = 0` is straight-through, `lambda = infinity` is exact on costs quadratic in each latent
/// with the least energy of all such maps. `den_ij = 1 + lambda (p_i + p_j)`; `A v = R J` with
/// `A_ij = -lambda p_i p_j / den_ij`,
/// `A_ii = sum_{j != i} p_j (1 + lambda p_i)/den_ij + p_i/(1 + 2 lambda p_i)`,
/// `R = diag((1 + lambda p)/(1 + 2 lambda p))`; `S_x[i] = ((1 + lambda p_i) v_i - lambda p_i v_x)/den_ix`,
/// `S_x[x] = (v_x + lambda J_x)/(1 + 2 lambda p_x)`. Complexity: `O(D K^3)` once per row, `O(D K^2)`
/// per estimate, beside one oracle gradient.
struct MinimumVariance: CategoryLinearEstimator, SoftPointEstimator {
  /// Infinity is allowed.
  let lambda: Double

  /// More categories would make the elimination dominate everything.
  static let maximumCategories = 256
  var traits: EstimatorTraits {
    EstimatorTraits(softPointsVary: false, ignoredConstants: [.gradients], ragged: .servedByLatent)
  }

  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    let categories = row.categories
    let distribution = row.probabilities()
    let logs = logSoftmax(row.values, categories: categories)
    let maps = (0..<row.latents).map { latent in
      let range = latent * categories..<(latent + 1) * categories
      return MinimumVarianceMaps(
        distribution: Array(distribution[range]), logs: Array(logs[range]), lambda: lambda)
    }
    forEachLatent(row, draws) { at in
      for k in 0..<categories { estimates[at.base + k] = 0 }
      let maps = maps[at.latent]
      for i in 0..<categories {
        let h = draws.gradients[at.base + i]
        for k in 0..<categories {
          estimates[at.base + k] += h * maps.entry(drawn: at.x, row: i, column: k)
        }
      }
    }
  }

  func softPoints(_ row: RowLogits, _ draws: RowDraws) -> [Double]? {
    repeated(row.probabilities(), draws.count)
  }
}

/// The solution `v` for one latent, and the maps made of it.
private struct MinimumVarianceMaps {
  let distribution: [Double]
  let logs: [Double]
  let lambda: Double
  /// `[K][K]`
  private var v: [Double] = []

  init(distribution: [Double], logs: [Double], lambda: Double) {
    self.distribution = distribution
    self.logs = logs
    self.lambda = lambda
    v = lambda.isFinite ? finiteSolution() : limitSolution()
  }

  /// `S_x[i, k]`
  @inline(__always)
  func entry(drawn x: Int, row i: Int, column k: Int) -> Double {
    let size = distribution.count
    let jacobian = (x == k ? 1.0 : 0) - distribution[k]
    if lambda.isFinite {
      let p = distribution[i]
      if i == x {
        return (v[x * size + k] + lambda * p * jacobian) / (1 + 2 * lambda * p)
      }
      return (v[i * size + k] + lambda * p * (v[i * size + k] - v[x * size + k]))
        / (1 + lambda * (p + distribution[x]))
    }
    if i == x { return 0.5 * jacobian }
    return share(i, x) * (v[i * size + k] - v[x * size + k])
  }

  /// `p_i / (p_i + p_j)`, of vanishing probabilities too.
  private func share(_ i: Int, _ j: Int) -> Double {
    let gap = logs[j] - logs[i]
    return gap > 0 ? 1 - 1 / (1 + exp(-gap)) : 1 / (1 + exp(gap))
  }

  private func finiteSolution() -> [Double] {
    let size = distribution.count
    var matrix = [Double](repeating: 0, count: size * size)
    var right = matrix
    for i in 0..<size {
      let p = distribution[i]
      var diagonal = p / (1 + 2 * lambda * p)
      for j in 0..<size where j != i {
        let den = 1 + lambda * (p + distribution[j])
        matrix[i * size + j] = -lambda * p * distribution[j] / den
        diagonal += distribution[j] * (1 + lambda * p) / den
      }
      matrix[i * size + i] = diagonal
      for k in 0..<size {
        right[i * size + k] =
          (1 + lambda * p) / (1 + 2 * lambda * p) * p * ((i == k ? 1 : 0) - distribution[k])
      }
    }
    solveDiagonallyDominant(&matrix, &right, size: size)
    return right
  }

  /// The Laplacian with weights `p_i p_j / (p_i + p_j)`, each row over `p_i` so that rare
  /// categories keep their digits, grounded at the likeliest category `g`: `v_g = 0`, of which only
  /// differences matter. Diagonally dominant, since `p_g / (p_i + p_g) >= 1/2`.
  private func limitSolution() -> [Double] {
    let size = distribution.count
    let ground = distribution.indices.max { distribution[$0] < distribution[$1] } ?? 0
    var matrix = [Double](repeating: 0, count: size * size)
    var right = matrix
    for i in 0..<size {
      guard i != ground else {
        matrix[i * size + i] = 1
        continue
      }
      for j in 0..<size where j != i {
        let weight = share(j, i)
        matrix[i * size + i] += weight
        if j != ground { matrix[i * size + j] = -weight }
      }
      for k in 0..<size { right[i * size + k] = 0.5 * ((i == k ? 1 : 0) - distribution[k]) }
    }
    solveDiagonallyDominant(&matrix, &right, size: size)
    return right
  }
}

/// Solves `A X = R` in place by elimination without exchanges, which a diagonally dominant `A`
/// does not need. `X` is left in `right`; cost `O(size^3)`.
private func solveDiagonallyDominant(_ matrix: inout [Double], _ right: inout [Double], size: Int) {
  for pivot in 0..<size {
    for i in pivot + 1..<max(size, pivot + 1) {
      let factor = matrix[i * size + pivot] / matrix[pivot * size + pivot]
      if factor == 0 { continue }
      for j in pivot..<size { matrix[i * size + j] -= factor * matrix[pivot * size + j] }
      for k in 0..<size { right[i * size + k] -= factor * right[pivot * size + k] }
    }
  }
  for i in stride(from: size - 1, through: 0, by: -1) {
    for j in i + 1..<max(size, i + 1) {
      let factor = matrix[i * size + j]
      if factor == 0 { continue }
      for k in 0..<size { right[i * size + k] -= factor * right[j * size + k] }
    }
    for k in 0..<size { right[i * size + k] /= matrix[i * size + i] }
  }
}

extension EstimatorDescriptor {
  static let minimumVariance = EstimatorDescriptor(
    name: "mve", family: .straightThrough, bias: .biased,
    summary: "Minimum-variance straight-through between ST (lambda 0) and a quadratic-exact map.",
    formula:
      "g = S_x^T h(z), S = argmin sum_x p_x |S_x|^2 + lambda |quadratic residual|^2, exact on linear f",
    exactOn: "linear costs; with 'infinite' costs quadratic in each latent", cost: "1 gradient",
    source: "Generalised and optimal straight-through, AISTATS 2026, openreview 5LZQfHUVER",
    traps: [
      "Unverified: the published text was not read; the formulas were derived anew."
    ],
    parameters: [
      ParameterSpec(
        "lambda", .number(minimum: 0, maximum: 1e9, exclusive: false), default: .number(1),
        "weight of the quadratic residual"),
      ParameterSpec(
        "infinite", .flag, default: .flag(false), "lambda = infinity, in closed form"),
    ],
    layerRefusal: { shape, _ in
      shape.categories > MinimumVariance.maximumCategories
        ? "'mve' solves a system of the size of the categories for every latent, at most \(MinimumVariance.maximumCategories), and this problem has \(shape.categories); take 'reinmax'"
        : nil
    },
    inertParameters: {
      $0.flag("infinite") ? [("lambda", "with 'infinite' lambda is infinity")] : []
    },
    make: { MinimumVariance(lambda: $0.flag("infinite") ? .infinity : $0.number("lambda")) })
}
