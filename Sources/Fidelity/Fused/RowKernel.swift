import CKernels
import Discrete
import Tensors

/// A compiled kernel with the tables of one estimator on one row.
protocol RowKernel: Sendable {
  /// Sums of the estimates of a range of draws and of their squares, `[D][K]` each, without the
  /// factor `1/B`.
  func sums(_ draws: gf_draws) -> (sum: [Double], squares: [Double])
}

/// The distribution of the codes of one row.
struct FusedDistribution: Sendable {
  let latents: Int
  let categories: Int
  /// `log p`, `[D][K]`.
  let logProbabilities: [Double]
  private let places: AlignedTable<Int32>

  init(_ row: RowLogits, temperature: Double) {
    latents = row.latents
    categories = row.categories
    logProbabilities = logSoftmax(row.values, categories: row.categories, scale: 1 / temperature)
    places = AlignedTable(
      CategoricalSampler.places(
        row.probabilities(temperature: temperature), categories: row.categories))
  }

  var width: Int { latents * categories }
  var view: gf_distribution {
    gf_distribution(latents: latents, categories: categories, thresholds: places.base)
  }
}

/// Powers of two that bring numbers into the range of float32 and their squares with them.
enum FusedScale {
  /// Least power of two above a bound; 1 for the bound 0, nil where the bound is far outside.
  static func above(_ bound: Double) -> Double? {
    guard bound != 0 else { return 1 }
    guard bound > 1e-200, bound < 1e200 else { return nil }
    return 2 * bound.binade
  }

  /// Largest ratio of weights, as a logarithm, whose square float32 still tells from 0.
  static let widestLogRatio = 40.0
}
