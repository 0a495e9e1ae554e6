/// What measuring a problem with given weights will take, from its sizes and a short pilot.
public struct FidelityForecast: Sendable {
  /// How the moments of each request are got.
  public var routes: [MomentRoute]
  public var target: TargetGradient.Method
  /// Estimates of the largest sampled target; 0 where none is.
  public var targetDraws = 0
  /// Evaluations of the cost of a row.
  public var valueCalls = 0.0
  /// Evaluations of the gradient of the cost of a row.
  public var gradientCalls = 0.0
  public var seconds = 0.0
  /// Most bytes in use at once.
  public var peakBytes = 0.0
  /// Standard error of `rel_bias` at the logits with the draws of the study, the largest of the
  /// sampled cells; nil where none is, or where the pilot cannot tell the target from zero.
  public var error: Double?
  /// Draws that the stop rule will take, the most of all sampled cells; nil without a rule on
  /// `rel_bias`, or where `error` is nil.
  public var draws: Int?
  /// Whether those draws are enough.
  public var isPrecise = true
  /// What the numbers above are to be taken with.
  public var notes: [String] = []
}
