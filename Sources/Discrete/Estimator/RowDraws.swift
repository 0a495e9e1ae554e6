/// Evaluated draws of one row: everything a combine step may look at.
public struct RowDraws: Sendable {
  /// Number of estimates.
  public var count: Int
  /// Category indices `[count][latents]` of each sample of the estimates.
  public var codes: [[Int32]]
  /// `f` at each sample's codes, `[count]`.
  public var values: [[Double]]
  /// `df/dz` at the first sample's codes, `[count][latents][categories]`.
  public var gradients: [Double]
  /// `phi/T + Gumbel` with the first sample's codes as argmax, up to a shift per latent,
  /// `[count][latents][categories]`.
  public var perturbed: [Double]
  /// Gumbel noise independent of the codes, `[count][latents][categories]`.
  public var freshNoise: [Double]
  /// `df/dz` at the estimator's own soft points, `[count][latents][categories]`.
  public var softGradients: [Double]
  /// The estimator's own uniform numbers, `[count][shared + D * latent]`; see `ProbePlan`.
  public var uniforms: [Double] = []
  /// The estimator's own points with their costs; see `ProbePlan`.
  public var probes = Probes()

  public init(
    count: Int, codes: [[Int32]] = [], values: [[Double]] = [], gradients: [Double] = [],
    perturbed: [Double] = [], freshNoise: [Double] = [], softGradients: [Double] = []
  ) {
    self.count = count
    self.codes = codes
    self.values = values
    self.gradients = gradients
    self.perturbed = perturbed
    self.freshNoise = freshNoise
    self.softGradients = softGradients
  }
}
