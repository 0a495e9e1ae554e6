import Discrete

/// The four switches that say which straight-through estimator is meant.
public struct SurrogateSwitches: Hashable, Sendable {
  /// What the temperatures divide.
  public enum Placement: String, Sendable, CaseIterable {
    /// `l / tau + g`
    case scaledLogits = "scaled-logits"
    /// `(l + g) / tau`
    case scaledSum = "scaled-sum"
  }

  /// The Gumbel noise in the backward surrogate.
  public enum Noise: String, Sendable, CaseIterable {
    /// The forward's own draw.
    case shared
    /// A new draw.
    case fresh
    /// No noise.
    case none
  }

  /// The forward point.
  public enum Forward: String, Sendable, CaseIterable {
    /// A hard draw.
    case sample
    /// The hard mode of the logits; nothing is drawn.
    case argmax
    /// The softmax at the forward temperature, not made hard.
    case soft
  }

  /// How `df/dz` is carried to the logits.
  public enum Jacobian: String, Sendable, CaseIterable {
    /// `(1 / tau_b) J(s)`
    case softmax
    /// `df/dz` is passed on as it is.
    case identity
  }

  public var placement: Placement
  public var noise: Noise
  public var forward: Forward
  public var jacobian: Jacobian
  /// Forward temperature `tau_f`.
  public var tauForward: Double
  /// Backward temperature `tau_b`.
  public var tauBackward: Double

  /// - Throws: `DiscreteError.parameter` for a temperature that is not a finite number above 0, or
  ///   for shared noise with a forward that draws none.
  public init(
    placement: Placement, noise: Noise, forward: Forward, jacobian: Jacobian, tauForward: Double,
    tauBackward: Double
  ) throws {
    for tau in [tauForward, tauBackward] where !(tau > 0 && tau.isFinite) {
      throw DiscreteError.parameter("a temperature must be a finite number above 0, found \(tau)")
    }
    if forward == .argmax && noise == .shared {
      throw DiscreteError.parameter(
        "noise 'shared' needs a forward that draws noise; use 'fresh' or 'none' with forward 'argmax'"
      )
    }
    self.placement = placement
    self.noise = noise
    self.forward = forward
    self.jacobian = jacobian
    self.tauForward = tauForward
    self.tauBackward = tauBackward
  }

  /// Temperature of the distribution of `argmax` of the perturbed logits: with `scaled-sum` the forward
  /// temperature divides logits and noise alike and leaves the argmax alone.
  var distributionTemperature: Double { placement == .scaledLogits ? tauForward : 1 }
}
