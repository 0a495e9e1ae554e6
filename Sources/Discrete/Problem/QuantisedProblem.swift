/// A problem whose forward is a deterministic quantiser `z_q = Q(z_e)` between an encoder and a
/// differentiable cost: class D.
///
/// Its almost-everywhere gradient is zero, so straight-through training follows `df/dz` at `z_q`
/// instead. What that does to the encoder is held against the same network with the quantiser
/// bypassed, `z = z_e`.
public protocol QuantisedProblem: DiscreteProblem {
  /// The Jacobian of `theta -> z_e`. Its vectors are gradients at the quantiser's input, `[B][n]`
  /// with the `n` coordinates of `z_e` in place of the logits.
  var activationPullback: any ParameterPullback { get }

  /// Every row's tokens with the quantiser and what stands behind it: what surrogates are measured on. Empty, the
  /// default, where a kind does not hand them over.
  var quantisedPoints: [QuantisedPoint] { get }

  /// The Jacobian of `z_e -> phi`, with one group `z_e`, `[B][n]`; nil, the default, where surrogates are not measured.
  var assignmentPullback: (any ParameterPullback)? { get }

  /// The Jacobian of `theta -> z_e`; nil, the default, where nothing stands upstream of `z_e`.
  var encoderPullback: (any ParameterPullback)? { get }

  /// `df_b/dz` of every row at both points. Cost: two gradients of each row's cost.
  ///
  /// - Throws: `DiscreteError.notFinite` where one is not finite.
  func bypassGradients() throws -> BypassGradients
}

extension QuantisedProblem {
  public var quantisedPoints: [QuantisedPoint] { [] }
  public var assignmentPullback: (any ParameterPullback)? { nil }
  public var encoderPullback: (any ParameterPullback)? { nil }
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
