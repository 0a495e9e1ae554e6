import Discrete
import Networks

/// `f = |y - x|^2 / (2 scale^2)`: outputs are means, without the constant of the distribution.
struct GaussianLikelihood: Likelihood {
  let scale: Double

  static let kind = LikelihoodKind(
    entry: EntryKind(
      "gaussian", "sum_j (y_j - x_j)^2 / (2 scale^2): means of a Gaussian, its constant left out",
      parameters: [LikelihoodKinds.scale])
  ) { GaussianLikelihood(scale: $0.number("scale")) }

  func values<Scalar: NetworkScalar>(
    _ y: [Scalar], data: [Scalar], rows: [Int], columns: Int
  ) -> [Double] {
    let factor = 0.5 / (scale * scale)
    return rowSums(y, data: data, rows: rows, columns: columns) { factor * $0 * $0 }
  }

  func residual<Scalar: NetworkScalar>(
    _ y: [Scalar], data: [Scalar], rows: [Int], columns: Int
  ) -> [Scalar] {
    let factor = Scalar(1 / (scale * scale))
    return rowMap(y, data: data, rows: rows, columns: columns) { factor * $0 }
  }
}

/// `sum_j term(y_j - x_j)` of each row of `y`.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func rowSums<Scalar: NetworkScalar>(
  _ y: [Scalar], data: [Scalar], rows: [Int], columns: Int, _ term: (Double) -> Double
) -> [Double] {
  rows.enumerated().map { point, row in
    (0..<columns).reduce(0.0) {
      $0 + term(Double(y[point * columns + $1]) - Double(data[row * columns + $1]))
    }
  }
}

/// `derivative(y_j - x_j)`, number by number.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func rowMap<Scalar: NetworkScalar>(
  _ y: [Scalar], data: [Scalar], rows: [Int], columns: Int, _ derivative: (Scalar) -> Scalar
) -> [Scalar] {
  var result = y
  for (point, row) in rows.enumerated() {
    for column in 0..<columns {
      let index = point * columns + column
      result[index] = derivative(y[index] - data[row * columns + column])
    }
  }
  return result
}
