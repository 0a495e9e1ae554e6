import Discrete
import Networks

/// What the decoder's outputs `y` say of a row of data `x`: the cost of a code and its derivative.
protocol Likelihood: Sendable {
  /// What data must lie in; nil: they may be any numbers.
  var domain: ClosedRange<Float>? { get }

  /// `f(y, x)` of each row of `y[points][columns]` with the row of data `rows[point]`.
  func values<Scalar: NetworkScalar>(
    _ y: [Scalar], data: [Scalar], rows: [Int], columns: Int
  ) -> [Double]

  /// `df/dy`, in the same order.
  func residual<Scalar: NetworkScalar>(
    _ y: [Scalar], data: [Scalar], rows: [Int], columns: Int
  ) -> [Scalar]
}

extension Likelihood {
  var domain: ClosedRange<Float>? { nil }
}

/// A likelihood with its name: a new one is a file and a line in `LikelihoodKinds.all`.
struct LikelihoodKind: Sendable {
  let entry: EntryKind
  let make: @Sendable (ResolvedParameters) -> any Likelihood
}

package enum LikelihoodKinds {
  static let all: [LikelihoodKind] = [
    BernoulliLikelihood.kind, GaussianLikelihood.kind, LaplaceLikelihood.kind,
  ]

  /// For study files and listings.
  package static let entries = all.map(\.entry)

  /// The likelihood of an entry that was resolved against `entries`.
  static func make(_ entry: (kind: String, parameters: ResolvedParameters)) -> any Likelihood {
    guard let kind = all.first(where: { $0.entry.name == entry.kind }) else {
      preconditionFailure("no likelihood '\(entry.kind)'")
    }
    return kind.make(entry.parameters)
  }

  /// Width of Gaussian and Laplace distributions.
  static let scale = ParameterSpec(
    "scale", .number(minimum: 0, maximum: .greatestFiniteMagnitude, exclusive: true),
    default: .number(1), "Width of the distribution")
}
