import Discrete

/// `y' A y` with any square `A`, and its gradient `(A + A') y`.
struct QuadraticForm: Sendable {
  private let latents: Int
  private let categories: Int
  /// `A[D K][D K]`, row-major.
  let matrix: [Double]
  private let symmetric: PointMap

  /// - Parameter matrix: `A[D K][D K]`, row-major.
  init(_ matrix: [Double], latents: Int, categories: Int) {
    let width = latents * categories
    var sum = matrix
    for row in 0..<width {
      for column in 0..<width { sum[row * width + column] += matrix[column * width + row] }
    }
    self.latents = latents
    self.categories = categories
    self.matrix = matrix
    symmetric = PointMap(sum, outputs: width, latents: latents, categories: categories)
  }

  /// Values `[count]` and, on request, gradients `[count][D K]`.
  ///
  /// Cost per point: `D^2` additions for a hard value, `D^2 K` for a hard gradient,
  /// `2 (D K)^2` flops at soft points.
  func evaluate(_ points: CostPoints, count: Int, gradients: Bool) -> CostBlock {
    switch points {
    case .hard(let codes):
      CostBlock(
        values: hardValues(codes, count: count),
        gradients: gradients ? symmetric.apply(points, count: count) : [])
    case .soft(let soft):
      softBlock(soft, derivatives: symmetric.apply(points, count: count), count: count, gradients)
    }
  }

  private func softBlock(
    _ points: [Double], derivatives: [Double], count: Int, _ gradients: Bool
  ) -> CostBlock {
    let width = latents * categories
    let values = (0..<count).map { point in
      var sum = 0.0
      for index in point * width..<(point + 1) * width { sum += points[index] * derivatives[index] }
      return sum / 2
    }
    return CostBlock(values: values, gradients: gradients ? derivatives : [])
  }

  private func hardValues(_ codes: [Int32], count: Int) -> [Double] {
    let width = latents * categories
    var indices = [Int](repeating: 0, count: latents)
    return (0..<count).map { point in
      for latent in 0..<latents {
        indices[latent] = latent * categories + Int(codes[point * latents + latent])
      }
      var sum = 0.0
      for row in indices {
        for column in indices { sum += matrix[row * width + column] }
      }
      return sum
    }
  }
}
