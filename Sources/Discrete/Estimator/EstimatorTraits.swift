/// What is known of an estimator's temperatures, noise, tails and constants: by these the engine chooses
/// how to integrate, what to take out of the cost, and how far to trust its intervals.
public struct EstimatorTraits: Sendable {
  /// Whether the soft points coupled to the draws differ from draw to draw.
  public var softPointsVary: Bool
  /// Whether a relaxed estimate is a smooth function of its noise; false where it jumps or has
  /// kinks, which quadrature must know.
  public var smoothInNoise: Bool
  /// The temperature of the forward point where it is not that of `plan.distribution`: of soft points, say.
  public var forwardTemperature: Double?
  /// The temperature of the surrogate whose Jacobian carries `df/dz` to the logits; nil for none.
  public var backwardTemperature: Double?
  /// The difference of two perturbed logits within which an estimate goes from what it is where the
  /// one is the larger to what it is where the other is: for a softmax of them, its temperature.
  /// Quadratures resolve what is narrower than 1 only where this says so.
  public var noiseWidth: Double
  /// The largest factor by which an estimate multiplies `df/dz`, beside the scores: `1/tau` of a
  /// surrogate softmax. Rounding is judged by it.
  public var gradientGain: Double
  /// Whether second moments are integrals over the estimator's noise that points of a lattice in
  /// place of random numbers approach: false where they are infinite, or where uniforms key random
  /// streams.
  public var hasIntegrableNoise: Bool
  /// Which moments of one estimate exist.
  public var tail: EstimateTail
  /// Layers of at most so many joint codes have light tails whatever `tail` says: an estimate takes all
  /// of them.
  public var lightUpToJointCodes: Int
  /// Constants in the cost that no estimate, or no mean, depends on; they are taken away before
  /// anything is rounded. None is always right.
  public var ignoredConstants: CostConstants
  /// How the estimator works on latents of different numbers of categories. The default refuses them.
  public var ragged: RaggedLayers

  /// - Parameter gradientGain: by default `1/noiseWidth`.
  public init(
    softPointsVary: Bool = true, smoothInNoise: Bool = true, forwardTemperature: Double? = nil,
    backwardTemperature: Double? = nil, noiseWidth: Double = 1, gradientGain: Double? = nil,
    hasIntegrableNoise: Bool = true, tail: EstimateTail = .light, lightUpToJointCodes: Int = 0,
    ignoredConstants: CostConstants = [], ragged: RaggedLayers = .undeclared
  ) {
    self.softPointsVary = softPointsVary
    self.smoothInNoise = smoothInNoise
    self.forwardTemperature = forwardTemperature
    self.backwardTemperature = backwardTemperature
    self.noiseWidth = noiseWidth
    self.gradientGain = gradientGain ?? 1 / noiseWidth
    self.hasIntegrableNoise = hasIntegrableNoise
    self.tail = tail
    self.lightUpToJointCodes = lightUpToJointCodes
    self.ignoredConstants = ignoredConstants
    self.ragged = ragged
  }

  /// Which moments of one estimate exist on a layer of this shape.
  public func tail(on shape: LayerShape) -> EstimateTail {
    shape.jointCodes(limit: lightUpToJointCodes) == nil ? tail : .light
  }
}
