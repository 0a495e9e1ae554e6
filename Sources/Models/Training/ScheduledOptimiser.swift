import Discrete
import Networks

/// An optimiser with the schedule of its learning rate and the bound of its gradients.
struct ScheduledOptimiser<Scalar: NetworkScalar>: Sendable {
  private var optimiser: Optimiser<Scalar>
  private let rate: Double
  private let schedule: RateSchedule
  private let clip: Double?

  init(_ optimiser: Optimiser<Scalar>, schedule: RateSchedule, clip: Double?) {
    self.optimiser = optimiser
    rate = optimiser.rate
    self.schedule = schedule
    self.clip = clip
  }

  /// Steps begun.
  var step: Int { optimiser.step }

  /// Starts the next step.
  ///
  /// - Parameter gradients: of all tensors.
  /// - Returns: the gradients within the bound.
  mutating func begin(_ gradients: [[Scalar]]) -> [[Scalar]] {
    optimiser.rate = rate * schedule.factor(after: step)
    optimiser.advance()
    guard let clip else { return gradients }
    var bounded = gradients
    GradientClipping.clip(&bounded, norm: clip)
    return bounded
  }

  /// Moves the weights of tensor `index` against their gradient.
  mutating func update(_ weights: inout [Scalar], _ gradient: [Scalar], tensor index: Int) {
    optimiser.update(&weights, gradient, tensor: index)
  }

  /// The running arrays with their names.
  var state: [NamedTensor] { optimiser.state }

  /// - Throws: `NetworkError` for arrays of another optimiser.
  mutating func restore(step: Int, _ state: [NamedTensor]) throws {
    try optimiser.restore(step: step, state)
  }
}
