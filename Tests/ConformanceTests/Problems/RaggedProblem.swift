import Discrete
import Models
import Tensors

/// Two rows of latents of three and two categories under a cubic cost, behind a linear map of six parameters in
/// two groups: `phi_b = W_b theta`.
struct RaggedProblem: DiscreteProblem {
  let logits: Logits
  let oracle: any CostOracle
  let pullback: (any ParameterPullback)?

  init() throws {
    let shape = LayerShape(rows: 2, categories: [3, 2])
    let stream = RandomStream(key: RandomKey(seed: 17), row: 0, site: 0)
    func numbers(_ count: Int, _ from: UInt64) -> [Double] {
      stream.normals(from: from, count: count).map { 0.5 * Double($0) }
    }
    let map = LinearMap(
      shape: shape, matrix: numbers(shape.rows * shape.packedWidth * 6, 0), counts: [4, 2])
    logits = try Logits(shape: shape, values: map.image(numbers(6, 100)))
    oracle = try SharedCostOracle(
      shape: shape,
      cost: CubicCost(
        latents: 2, categories: 3, matrix: numbers(36, 200), factors: numbers(12, 300)))
    pullback = map
  }
}

/// `phi = W theta` on the categories that there are, `W[B][sum_d K_d][parameters]`.
private struct LinearMap: ParameterPullback {
  let shape: LayerShape
  let matrix: [Double]
  /// Parameters of each group.
  let counts: [Int]

  private var parameters: Int { counts.reduce(0, +) }

  var groups: [ParameterGroup] {
    counts.enumerated().map { ParameterGroup(name: "group-\($0)", count: $1) }
  }

  /// Packed logits of all rows.
  func image(_ theta: [Double]) -> [Double] {
    (0..<matrix.count / parameters).map { line in
      theta.indices.reduce(0) { $0 + matrix[line * parameters + $1] * theta[$1] }
    }
  }

  func pullBack(_ logitGradient: [Double]) -> [[Double]] {
    var gradient = [Double](repeating: 0, count: parameters)
    for row in 0..<shape.rows {
      for (index, place) in shape.places.enumerated() {
        let line = (row * shape.packedWidth + index) * parameters
        for parameter in gradient.indices {
          gradient[parameter] +=
            matrix[line + parameter] * logitGradient[row * shape.width + place]
        }
      }
    }
    return split(gradient)
  }

  func rowGrams(_ row: Int) -> [RowGram] {
    var first = 0
    return counts.map { count in
      defer { first += count }
      var gram = [Double](repeating: 0, count: shape.width * shape.width)
      for (i, one) in shape.places.enumerated() {
        for (j, other) in shape.places.enumerated() {
          for parameter in first..<first + count {
            gram[one * shape.width + other] +=
              matrix[(row * shape.packedWidth + i) * parameters + parameter]
              * matrix[(row * shape.packedWidth + j) * parameters + parameter]
          }
        }
      }
      return RowGram(gram, precision: .double)
    }
  }

  private func split(_ vector: [Double]) -> [[Double]] {
    var first = 0
    return counts.map { count in
      defer { first += count }
      return Array(vector[first..<first + count])
    }
  }
}

/// The oracle of another problem with a `df/dz` of 1 beyond a latent's own categories.
struct FilledPadding: CostOracle {
  let inner: any CostOracle

  var shape: LayerShape { inner.shape }
  var capabilities: OracleCapabilities { inner.capabilities }

  func costs(at codes: CodeBlock, gradients: Bool) throws -> CostBlock {
    filled(try inner.costs(at: codes, gradients: gradients))
  }

  func costs(at points: SoftBlock, gradients: Bool) throws -> CostBlock {
    filled(try inner.costs(at: points, gradients: gradients))
  }

  private func filled(_ costs: CostBlock) -> CostBlock {
    var costs = costs
    let places = Set(shape.places)
    for index in costs.gradients.indices where !places.contains(index % shape.width) {
      costs.gradients[index] = 1
    }
    return costs
  }
}
