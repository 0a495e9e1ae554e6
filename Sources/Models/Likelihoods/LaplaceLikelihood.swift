import Discrete
import Networks

/// `f = sum_j |y_j - x_j| / scale`: outputs are medians, without the constant of the distribution.
struct LaplaceLikelihood: Likelihood {
  let scale: Double

  static let kind = LikelihoodKind(
    entry: EntryKind(
      "l1", "sum_j |y_j - x_j| / scale: medians of a Laplace distribution, its constant left out",
      parameters: [LikelihoodKinds.scale])
  ) { LaplaceLikelihood(scale: $0.number("scale")) }

  func values<Scalar: NetworkScalar>(
    _ y: [Scalar], data: [Scalar], rows: [Int], columns: Int
  ) -> [Double] {
    rowSums(y, data: data, rows: rows, columns: columns) { abs($0) / scale }
  }

  /// 0 where an output meets its number.
  func residual<Scalar: NetworkScalar>(
    _ y: [Scalar], data: [Scalar], rows: [Int], columns: Int
  ) -> [Scalar] {
    let derivative = Scalar(1 / scale)
    return rowMap(y, data: data, rows: rows, columns: columns) {
      $0 == 0 ? 0 : $0 < 0 ? -derivative : derivative
    }
  }
}
