import Discrete
import Estimators

/// The gradient that estimates are held against, with its own error.
public struct TargetGradient: Sendable {
  public enum Method: String, Sendable {
    /// Summed over all joint codes.
    case exact
    /// A formula of the problem.
    case closedForm = "closed-form"
    /// The mean of REINFORCE leave-one-out estimates.
    case monteCarlo = "monte-carlo"
  }

  public let method: Method
  /// `grad L`, `[B][D][K]`, with the factor `1/B`.
  public let gradient: [Double]
  /// Block sums of a Monte Carlo target; nil for exact ones.
  public let sampled: SampledMeasurement?
  /// What rounding may make of an exact one, row by row; empty for sampled ones.
  var rounding: [RowRounding] = []

  /// Exact gradient of every row at a temperature of the distribution, from the table:
  /// `(1/T) sum_z q(z) f(z) (z - q)`. Cost: two passes over the table.
  public static func exact(
    problem: any DiscreteProblem, table: OracleTable, temperature: Double, workers: Int
  ) throws -> TargetGradient {
    let shape = problem.shape
    let scale = 1 / (temperature * Double(shape.rows))
    let rows = parallelMap(shape.rows, workers: workers) { index -> ([Double], RowRounding) in
      let logits = problem.logits.row(index)
      let distribution = logits.probabilities(temperature: temperature)
      let values = table.values(row: index)
      let gradient = JointExpectation(probabilities: distribution, shape: shape).scoreCovariance(
        values)
      return (
        gradient.map { $0 / (temperature * Double(shape.rows)) },
        RowRounding(
          logits, distribution: distribution, temperature: temperature, values: values,
          valueError: table.costRounding[index], scale: scale)
      )
    }
    var target = TargetGradient(method: .exact, gradient: rows.flatMap(\.0), sampled: nil)
    target.rounding = rows.map(\.1)
    return target
  }

  /// Closed form, where the problem has one.
  public static func closedForm(
    problem: any DiscreteProblem, temperature: Double
  ) -> TargetGradient? {
    problem.closedFormGradient(temperature: temperature).map { gradient in
      TargetGradient(
        method: .closedForm, gradient: gradient.map { $0 / Double(problem.shape.rows) },
        sampled: nil)
    }
  }

  /// Monte Carlo: leave-one-out REINFORCE under the distribution at `temperature`.
  ///
  /// - Parameter smaller: sums of the draws before these, which are extended.
  public static func monteCarlo(
    engine: MonteCarloEngine, samples: Int, temperature: Double, blocks: Int, drawsPerBlock: Int,
    after smaller: SampledMeasurement? = nil
  ) throws -> TargetGradient {
    let estimator = try ReinforceLeaveOneOut(samples: samples, temperature: temperature)
    let added = try engine.measure(
      [estimator], blocks: blocks, drawsPerBlock: drawsPerBlock, from: smaller?.draws ?? 0)[0]
    let sampled = smaller?.extended(by: added) ?? added
    guard sampled.isFinite else {
      throw DiscreteError.notFinite("the Monte Carlo target is not finite")
    }
    return TargetGradient(method: .monteCarlo, gradient: sampled.mean, sampled: sampled)
  }
}
