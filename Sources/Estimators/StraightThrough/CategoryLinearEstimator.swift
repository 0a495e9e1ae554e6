import Discrete

/// A straight-through estimator without noise of its own: given the drawn category `x`, the
/// estimate of a latent is `S_x^T h`, linear in that latent's `h = df/dz`.
///
/// Its maps are read off `combine` itself, one unit vector of `h` at a time, so its exact moments
/// are those of what `combine` does.
protocol CategoryLinearEstimator: LocallyLinearEstimator {}

extension CategoryLinearEstimator {
  var plan: EvaluationPlan { EvaluationPlan(gradients: true) }
  var traits: EstimatorTraits { EstimatorTraits(softPointsVary: false) }

  /// Nil where the maps would take more than 128 MiB: the moments are then summed estimate by
  /// estimate.
  func localJacobians(_ row: RowLogits, step: Double) -> LocalJacobians? {
    let (latents, categories) = (row.latents, row.categories)
    let square = categories * categories
    guard categories <= 256, square * row.values.count <= 1 << 24 else { return nil }
    let width = row.values.count
    // Draw `x K + j`: all latents at category x, `h` the j-th unit vector in each.
    var draws = RowDraws(count: square)
    draws.codes = [
      (0..<square).flatMap { [Int32](repeating: Int32($0 / categories), count: latents) }
    ]
    draws.gradients = [Double](repeating: 0, count: square * width)
    for draw in 0..<square {
      for latent in 0..<latents {
        draws.gradients[draw * width + latent * categories + draw % categories] = 1
      }
    }
    var columns = [Double](repeating: 0, count: square * width)
    combine(row, draws, into: &columns)
    var means = columns
    for latent in 0..<latents {
      for x in 0..<categories {
        for i in 0..<categories {
          for j in 0..<categories {
            means[((latent * categories + x) * categories + i) * categories + j] =
              columns[(x * categories + j) * width + latent * categories + i]
          }
        }
      }
    }
    return LocalJacobians(
      latents: latents, categories: categories, dependsOnCategory: true, means: means)
  }
}

/// One latent of one draw.
struct LatentDraw {
  let latent: Int
  /// Where the latent starts in an array `[D][K]`.
  let local: Int
  /// Where it starts in an array `[count][D][K]`.
  let base: Int
  /// The drawn category.
  let x: Int
}

/// Visits every latent of every draw.
@inline(__always)
func forEachLatent(_ row: RowLogits, _ draws: RowDraws, _ body: (LatentDraw) -> Void) {
  let width = row.values.count
  for draw in 0..<draws.count {
    for latent in 0..<row.latents {
      let local = latent * row.categories
      body(
        LatentDraw(
          latent: latent, local: local, base: draw * width + local,
          x: Int(draws.codes[0][draw * row.latents + latent])))
    }
  }
}

/// The same soft point `[D][K]` for each of `count` draws.
func repeated(_ points: [Double], _ count: Int) -> [Double] {
  (0..<count).flatMap { _ in points }
}
