import Discrete

/// The `sum_d (K_d - 1)` hard points that differ from a draw in exactly one latent: latent by latent, the
/// other categories in ascending order.
struct Neighbours {
  let shape: LayerShape

  init(_ row: RowLogits) { shape = row.shape }

  init(_ shape: LayerShape) { self.shape = shape }

  var latents: Int { shape.latents }
  var count: Int { shape.freeCategories }

  /// Appends the codes of all neighbours of the draw whose codes start at `first`.
  func append(of codes: [Int32], at first: Int, to points: inout [Int32]) {
    for latent in 0..<latents {
      let own = codes[first + latent]
      for category in 0..<Int32(shape.categories(of: latent)) where category != own {
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
  /// which start at `start`. In the padding of a layer with `levels` stands the cost of the draw.
  func costs(
    _ value: Double, _ codes: [Int32], at first: Int, neighbours: [Double], at start: Int
  ) -> [Double] {
    var costs: [Double] = []
    costs.reserveCapacity(shape.width)
    var next = start
    for latent in 0..<latents {
      let own = Int(codes[first + latent])
      let size = shape.categories(of: latent)
      for category in 0..<size {
        if category == own {
          costs.append(value)
        } else {
          costs.append(neighbours[next])
          next += 1
        }
      }
      costs += repeatElement(value, count: shape.categories - size)
    }
    return costs
  }
}

extension RowJointCodes {
  /// `F[d, k] = f(z[d <- k])` of every joint code `z`, `[jointCodes][D][K]`; `f(z)` in the padding.
  func neighbourCosts() -> [Double] {
    let shape = shape
    var costs: [Double] = []
    costs.reserveCapacity(count * width)
    for jointCode in 0..<count {
      var stride = count
      for latent in 0..<latents {
        let size = shape.categories(of: latent)
        stride /= size
        let first = jointCode - Int(codes[jointCode * latents + latent]) * stride
        for category in 0..<size { costs.append(values[first + category * stride]) }
        costs += repeatElement(values[jointCode], count: categories - size)
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
