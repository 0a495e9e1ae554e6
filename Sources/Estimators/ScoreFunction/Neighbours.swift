import Discrete

/// The `D (K - 1)` hard points that differ from a draw in exactly one latent: latent by latent, the
/// other categories in ascending order.
struct Neighbours {
  let latents: Int
  let categories: Int

  init(_ row: RowLogits) {
    latents = row.latents
    categories = row.categories
  }

  init(_ shape: LayerShape) {
    latents = shape.latents
    categories = shape.categories
  }

  var count: Int { latents * (categories - 1) }

  /// Appends the codes of all neighbours of the draw whose codes start at `first`.
  func append(of codes: [Int32], at first: Int, to points: inout [Int32]) {
    for latent in 0..<latents {
      let own = codes[first + latent]
      for category in 0..<Int32(categories) where category != own {
        points.append(contentsOf: codes[first..<first + latents])
        points[points.count - latents + latent] = category
      }
    }
  }

  /// All neighbours of every draw, `codes[count][D]`.
  func probes(of codes: [Int32], count: Int) -> Probes {
    var points: [Int32] = []
    for draw in 0..<count { append(of: codes, at: draw * latents, to: &points) }
    return Probes(codes: points)
  }

  /// `F[d, k] = f(z[d <- k])`, `[D][K]`, from the cost of the draw and those of its neighbours,
  /// which start at `start`.
  func costs(
    _ value: Double, _ codes: [Int32], at first: Int, neighbours: [Double], at start: Int
  ) -> [Double] {
    var costs: [Double] = []
    costs.reserveCapacity(latents * categories)
    var next = start
    for latent in 0..<latents {
      let own = Int(codes[first + latent])
      for category in 0..<categories {
        if category == own {
          costs.append(value)
        } else {
          costs.append(neighbours[next])
          next += 1
        }
      }
    }
    return costs
  }
}

extension RowStates {
  /// `F[d, k] = f(z[d <- k])` of every joint state `z`, `[states][D][K]`.
  func neighbourCosts() -> [Double] {
    var costs: [Double] = []
    costs.reserveCapacity(count * width)
    for state in 0..<count {
      var stride = count
      for latent in 0..<latents {
        stride /= categories
        let first = state - Int(codes[state * latents + latent]) * stride
        for category in 0..<categories { costs.append(values[first + category * stride]) }
      }
    }
    return costs
  }
}

extension RowMoments {
  /// Moments of the mean of `count` independent estimates.
  func averaged(_ count: Int) -> RowMoments {
    RowMoments(mean: mean, covariance: covariance.map { $0 / Double(count) })
  }
}
