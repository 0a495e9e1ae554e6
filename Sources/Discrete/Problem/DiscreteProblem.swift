/// A frozen measuring problem: logits, a cost oracle and, where there is a network upstream, its
/// exact Jacobian.
///
/// The objective is `L(phi) = (1/B) sum_b E_q[f_b(z)]`.
public protocol DiscreteProblem: Sendable {
  var logits: Logits { get }
  var oracle: any CostOracle { get }
  /// Upstream parameters; nil where the logits are the parameters.
  var pullback: (any ParameterPullback)? { get }

  /// What the problem was built from beyond its parameters, by name: part of its identity (which
  /// data set was found, say).
  var inputs: [String: String] { get }

  /// Whether the expectation is over independent latents, `z_d ~ Cat(softmax(phi_d / T))`. False
  /// where the problem has a distribution of its own (subsets of a given size, say): `closedFormGradient` is
  /// then the gradient of that expectation, the only target of the problem, and independent draws
  /// cannot estimate it.
  var hasIndependentLatents: Bool { get }

  /// `grad_phi E_{softmax(phi/T)} f` in closed form, `[B][D][K]` without the factor `1/B`;
  /// nil where there is none.
  func closedFormGradient(temperature: Double) -> [Double]?

  /// The problem again with each of several equal parts of an integral behind its logits left out: what its numbers
  /// owe to that integral is their spread (the jackknife). Empty where nothing was integrated.
  var replicates: [any DiscreteProblem] { get }

  /// Itself, where its weights can be trained; nobody writes it.
  var trainable: (any TrainableProblem)? { get }
  /// Itself, where its forward is a quantiser; written only by kinds that are one at some settings.
  var quantiser: (any QuantisedProblem)? { get }
}

extension DiscreteProblem {
  public var shape: LayerShape { logits.shape }
  public var pullback: (any ParameterPullback)? { nil }
  public var inputs: [String: String] { [:] }
  public var hasIndependentLatents: Bool { true }
  public func closedFormGradient(temperature: Double) -> [Double]? { nil }
  public var replicates: [any DiscreteProblem] { [] }
  public var trainable: (any TrainableProblem)? { nil }
  public var quantiser: (any QuantisedProblem)? { nil }
}

extension DiscreteProblem where Self: TrainableProblem {
  public var trainable: (any TrainableProblem)? { self }
}
extension DiscreteProblem where Self: QuantisedProblem {
  public var quantiser: (any QuantisedProblem)? { self }
}
