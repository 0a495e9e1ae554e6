/// The rule that turns gradients into changes of the weights, as a study names it.
///
/// What is at its default is left out, so that equal rules are equal values.
public struct OptimiserSettings: Hashable, Sendable, CustomStringConvertible {
  /// Name of the optimiser: `adam`, `adamw`, `radam`, `sgd`.
  public var kind: String
  /// Its hyper-parameters that differ from their defaults, by name.
  public var parameters: [String: ParameterValue]
  /// How the learning rate changes over the steps, `.entry(name, settings)`; nil: it stays.
  public var schedule: ParameterValue?
  /// Most that the norm of all gradients together may be; nil: no bound.
  public var clip: Double?

  public init(
    _ kind: String, parameters: [String: ParameterValue] = [:], schedule: ParameterValue? = nil,
    clip: Double? = nil
  ) {
    self.kind = kind
    self.parameters = parameters
    self.schedule = schedule
    self.clip = clip
  }

  /// Kingma and Ba 2015 with its usual 0.9, 0.999, 1e-8.
  public static let adam = OptimiserSettings("adam")
  /// Rectified Adam (Liu et al. 2020, arXiv:1908.03265) with the same constants.
  public static let radam = OptimiserSettings("radam")
  /// Plain stochastic gradient descent, without momentum.
  public static let sgd = OptimiserSettings("sgd")

  /// `adamw(weight-decay=0.01)+cosine(steps=1000)+clip=1.0`; the name alone where all is at its default.
  public var description: String {
    ([ParameterValue.entry(kind, parameters).description]
      + [schedule?.description, clip.map { "clip=\($0)" }].compactMap { $0 })
      .joined(separator: "+")
  }
}
