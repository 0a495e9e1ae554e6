/// Which moments of one estimate exist, whatever the cost: how far intervals can be trusted that are
/// formed from the spread of draws.
public enum EstimateTail: String, Sendable, CaseIterable {
  /// All that intervals need.
  case light
  /// A fourth moment, but no eighth: a sampled variance settles, its own spread does not.
  case noEighthMoment = "no-eighth-moment"
  /// A variance, but no fourth moment: the spread of the variance, and of ratios to it, is infinite.
  case noFourthMoment = "no-fourth-moment"
  /// No variance: sampled variances do not settle, and errors of means fall more slowly than
  /// `1/sqrt(n)`.
  case noVariance = "no-variance"
}
