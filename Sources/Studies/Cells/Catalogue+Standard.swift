import Discrete
import Estimators
import Models

extension Catalogue {
  /// The kinds that come with the program.
  public static let standard = Catalogue(
    estimators: EstimatorRegistry.all + EstimatorRegistry.surrogates,
    problems: ProblemRegistry.all)
}
