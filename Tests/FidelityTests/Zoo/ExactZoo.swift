import Discrete
import Estimators
import Fidelity
import Testing

/// An estimator of the registry with settings.
struct ZooSetting: Sendable, CustomTestStringConvertible {
  let kind: String
  let parameters: [String: ParameterValue]

  init(_ kind: String, _ parameters: [String: ParameterValue] = [:]) {
    self.kind = kind
    self.parameters = parameters
  }

  func make() throws -> any GradientEstimator { try EstimatorRegistry.make(kind, parameters) }

  var testDescription: String {
    kind
      + parameters.keys.sorted().map { " \($0)=\(parameters[$0].map { "\($0)" } ?? "")" }.joined()
  }
}

/// Moments of one estimate on `test-problem`, summed over all its randomness.
struct ExactZoo {
  let problem: any DiscreteProblem
  let target: [Double]
  private let engine: ExactEngine

  init(latents: Int, categories: Int) throws {
    try self.init(
      registered(
        "test-problem",
        ["latents": .integer(latents), "categories": .integer(categories)]))
  }

  init(_ problem: any DiscreteProblem) throws {
    self.problem = problem
    target = try exactTarget(problem).gradient
    engine = ExactEngine(
      problem: problem,
      table: try OracleTable(oracle: problem.oracle, limit: 1 << 12, gradients: true),
      geometry: ScopeGeometry(problem: problem, scopes: [.logits]), quadratureStep: 0.2, key: 1,
      workers: 1)
  }

  /// Mean and total variance; fails the test where there are none.
  func moments(
    _ estimator: any GradientEstimator
  ) throws -> (mean: [Double], variance: Double) {
    let measured = try #require(try engine.measure([estimator])[0])
    return (measured.mean, measured.traces[0])
  }

  /// `|E g - g*|`.
  func bias(_ mean: [Double]) -> Double {
    squaredNorm(zip(mean, target).map { $0 - $1 }).squareRoot()
  }
}
