import Discrete

/// An optimiser of several tensors: `advance` starts a step, then every tensor is updated once.
package protocol Optimiser<Scalar>: Sendable {
  associatedtype Scalar: NetworkScalar

  /// Steps begun.
  var step: Int { get set }
  /// All running means, in an order of their own: with `step` the whole state.
  var moments: [[Scalar]] { get set }

  /// Moves the weights of tensor `index` against their gradient.
  mutating func update(_ weights: inout [Scalar], _ gradient: [Scalar], tensor index: Int)
}

extension Optimiser {
  /// Starts the next step.
  package mutating func advance() { step += 1 }
}

extension OptimiserKind {
  /// An optimiser at step 0.
  ///
  /// - Parameter sizes: element counts of the tensors, in the order of the updates.
  package func make<Scalar: NetworkScalar>(
    _ type: Scalar.Type, rate: Double, sizes: [Int]
  ) -> any Optimiser<Scalar> {
    switch self {
    case .adam: Adam<Scalar>(rate: rate, sizes: sizes)
    case .radam: RectifiedAdam<Scalar>(rate: rate, sizes: sizes)
    case .sgd: GradientDescent<Scalar>(rate: rate)
    }
  }
}
