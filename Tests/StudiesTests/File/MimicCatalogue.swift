import Discrete
import Studies

/// A small catalogue with the names and ranges of the real one.
enum MimicCatalogue {
  private static let tau = ParameterSpec(
    "tau", .temperature, default: .number(1), "temperature of the softmax")
  private static let tauForward = ParameterSpec(
    "tau-forward", .temperature, default: .number(1), "temperature of the sampling distribution")
  private static let tauBackward = ParameterSpec(
    "tau-backward", .temperature, default: .number(1), "temperature of the Jacobian")

  static let estimators: [EstimatorDescriptor] = [
    estimator("reinforce"),
    estimator(
      "reinforce-loo",
      [ParameterSpec("samples", .integer(2...64), default: .integer(2), "samples per estimate")]),
    estimator("identity-st"),
    estimator("st", [tau]),
    estimator("gumbel-softmax", [tau]),
    estimator("st-gs", [tau]),
    estimator("decoupled-st", [tauForward, tauBackward]),
    estimator(
      "decoupled-st-gs",
      [
        tauForward, tauBackward,
        choice("placement", ["scaled-logits", "scaled-sum"], "where the temperature stands"),
        choice("noise", ["shared", "fresh", "none"], "Gumbel noise of the surrogate"),
        choice("forward", ["sample", "argmax", "soft"], "what is passed on"),
        choice("jacobian", ["softmax", "identity"], "how gradients are passed back"),
      ],
      inert: { parameters in
        parameters["placement"] == .text("scaled-sum")
          ? [("tau-forward", "under scaled-sum an argmax does not depend on it")] : []
      }),
    estimator("reinmax", [tau]),
  ]

  static let problems: [ProblemDescriptor] = [
    problem(
      "bernoulli-toy",
      [
        ParameterSpec("t", .real, default: .number(0.45), "target of the square"),
        ParameterSpec("logit", .real, default: .number(0), "logit of the variable"),
      ]),
    problem(
      "quadratic-cubic",
      [
        count("latents", 1...1000, 4), count("categories", 2...1000, 4), count("terms", 1...64, 8),
        count("seed", 0...Int.max, 1),
      ]),
    problem(
      "polynomial-programming",
      [
        count("latents", 1...1000, 8),
        ParameterSpec(
          "p", .number(minimum: 1, maximum: 16, exclusive: false), default: .number(2), "exponent"),
        ParameterSpec("c", .real, default: .number(0.45), "offset"),
      ]),
    problem("json", [ParameterSpec("file", .path, "table of costs")]),
    problem(
      "categorical-vae",
      [
        count("categories", 2...1000, 8), count("latents", 1...1000, 4),
        count("rows", 1...4096, 32),
        choice("data", ["auto", "mnist", "procedural"], "which images"),
        count("seed", 0...Int.max, 1),
      ], trainable: true),
  ]

  static func read(_ text: String, name: String = "study.yaml") throws -> StudyFile {
    try StudyFileReader.read(text: text, name: name, estimators: estimators, problems: problems)
  }

  /// The rendered errors of a text, or its rendered warnings where it has no errors.
  static func findings(_ text: String) -> [Diagnostic] {
    do {
      return try read(text).warnings
    } catch let errors as StudyFileErrors {
      return errors.diagnostics
    } catch {
      return []
    }
  }

  private static func estimator(
    _ name: String, _ parameters: [ParameterSpec] = [],
    inert: @escaping @Sendable (ResolvedParameters) -> [(name: String, reason: String)] = { _ in []
    }
  ) -> EstimatorDescriptor {
    EstimatorDescriptor(
      name: name, family: .straightThrough, bias: .biased, summary: "", formula: "", exactOn: "",
      cost: "", source: "", parameters: parameters, inertParameters: inert,
      make: { _ in throw DiscreteError.unsupported(name) })
  }

  private static func problem(
    _ name: String, _ parameters: [ParameterSpec], trainable: Bool = false
  ) -> ProblemDescriptor {
    ProblemDescriptor(
      name: name, summary: "", formula: "", source: "", parameters: parameters,
      trainable: trainable, make: { _, _ in throw DiscreteError.unsupported(name) })
  }

  private static func choice(_ name: String, _ names: [String], _ summary: String) -> ParameterSpec
  {
    ParameterSpec(name, .choice(names), default: .text(names[0]), summary)
  }

  private static func count(_ name: String, _ range: ClosedRange<Int>, _ standard: Int)
    -> ParameterSpec
  {
    ParameterSpec(name, .integer(range), default: .integer(standard), "number of \(name)")
  }
}
