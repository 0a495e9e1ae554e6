import Discrete

/// All problem kinds that a study file can name.
public enum ProblemRegistry {
  public static let all: [ProblemDescriptor] = [
    BernoulliToy.descriptor,
    ThreeBernoullis.descriptor,
    CarmsLinear.descriptor,
    QuadraticCubic.descriptor,
    PolynomialProgramming.descriptor,
    TestProblem.descriptor,
    SubsetProblem.descriptor,
    CategoricalVAEProblem.descriptor,
    VectorQuantiserProblem.descriptor,
    AutoencoderProblem.descriptor,
    CustomProblem.descriptor,
  ]

  /// The kind called `name`, or nil.
  public static func named(_ name: String) -> ProblemDescriptor? {
    all.first { $0.name == name }
  }
}
