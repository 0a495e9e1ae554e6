import Discrete
import Estimators
import Models
import Tensors

/// The declared target of a quantiser under one assignment, with what noise integrals leave open.
struct QuantiserTarget: Sendable {
  /// `E L`.
  let value: Double
  /// `dE L/dz_e`, `[tokens][d]`.
  let gradient: [Double]
  /// The same with each replicate of an integral left out; empty where it is closed.
  let replicates: [(value: Double, gradient: [Double])]

  /// - Parameter table: of all joint codes of the problem's layer.
  init(_ problem: QuantiserProblem, table: OracleTable) throws {
    (value, gradient) = try Self.numbers(problem, table)
    replicates = try problem.assignment.replicates.indices.map {
      try Self.numbers(problem.leavingOut($0), table)
    }
  }

  private static func numbers(
    _ problem: QuantiserProblem, _ table: OracleTable
  ) throws -> (value: Double, gradient: [Double]) {
    let target = try TargetGradient.exact(
      problem: problem, table: table, temperature: 1, workers: 1)
    let weights = JointCodes(problem.shape).weights(problem.logits.row(0).probabilities())
    return (
      zip(weights, table.values(row: 0)).reduce(0) { $0 + $1.0 * $1.1 },
      problem.pullback?.pullBack(target.gradient)[0] ?? []
    )
  }

  /// The jackknife's standard error of a function of the gradient; 0 where there are no replicates.
  func error(_ function: ([Double]) -> Double) -> Double {
    Jackknife.error(replicates.map { function($0.gradient) })
  }

  var valueError: Double { Jackknife.error(replicates.map(\.value)) }
}
