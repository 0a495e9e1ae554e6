import Discrete
import Networks

/// `f = sum_j softplus(y_j) - x . y`: outputs are logits of pixels in `[0, 1]`.
struct BernoulliLikelihood: Likelihood {
  static let kind = LikelihoodKind(
    entry: EntryKind("bernoulli", "sum_j softplus(y_j) - x_j y_j: logits of numbers from 0 to 1")
  ) { _ in BernoulliLikelihood() }

  var domain: ClosedRange<Float>? { 0...1 }

  func values<Scalar: NetworkScalar>(
    _ y: [Scalar], data: [Scalar], rows: [Int], columns: Int
  ) -> [Double] {
    DecoderOracle<Scalar>.likelihood(y, data: data, rows: rows, pixels: columns)
  }

  func residual<Scalar: NetworkScalar>(
    _ y: [Scalar], data: [Scalar], rows: [Int], columns: Int
  ) -> [Scalar] {
    DecoderOracle<Scalar>.residual(y, data: data, rows: rows, pixels: columns)
  }
}
