/// A problem whose forward is a deterministic quantiser `z_q = Q(z_e)` between an encoder and a
/// differentiable cost: class D.
///
/// Its almost-everywhere gradient is zero, so straight-through training follows `df/dz` at `z_q`
/// instead. What that does to the encoder is held against the same network with the quantiser
/// bypassed, `z = z_e`.
public protocol QuantisedProblem: DiscreteProblem {
  /// False for settings of a kind that quantise nothing. The default is true.
  var isQuantised: Bool { get }

  /// The Jacobian of `theta -> z_e`. Its vectors are gradients at the quantiser's input, `[B][n]`
  /// with the `n` coordinates of `z_e` in place of the logits.
  var activationPullback: any ParameterPullback { get }

  /// `df_b/dz` of every row at both points. Cost: two gradients of each row's cost.
  ///
  /// - Throws: `DiscreteError.notFinite` where one is not finite.
  func bypassGradients() throws -> BypassGradients
}

extension QuantisedProblem {
  public var isQuantised: Bool { true }
}

/// Gradients of a quantised network's cost at the decoder's input, `[B][n]` without the factor
/// `1/B`.
public struct BypassGradients: Sendable, Equatable {
  /// `df_b/dz` at `z_q`.
  public var quantised: [Double]
  /// `df_b/dz` at `z_e`.
  public var bypassed: [Double]

  public init(quantised: [Double], bypassed: [Double]) {
    precondition(quantised.count == bypassed.count)
    self.quantised = quantised
    self.bypassed = bypassed
  }
}
