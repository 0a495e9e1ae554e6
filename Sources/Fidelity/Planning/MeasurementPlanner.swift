import Discrete
import Synchronization

/// Makes the plans of one frozen problem: which joint codes are tabulated, how its targets are got, and the
/// moments of each estimator.
final class MeasurementPlanner: Sendable {
  let problem: any DiscreteProblem
  let target: TargetSettings
  let moments: MomentsChoice
  private let closedForm = Mutex<Bool?>(nil)

  init(_ problem: any DiscreteProblem, target: TargetSettings, moments: MomentsChoice) {
    self.problem = problem
    self.target = target
    self.moments = moments
  }

  /// Whether the table that serves the estimators holds gradients; nil where there is no table.
  func table(_ estimators: [any GradientEstimator]) -> Bool? {
    OracleTable.holdsGradients(
      for: estimators.map(\.plan), of: problem, moments: moments, limit: target.maxJointCodes)
  }

  func target(hasTable: Bool) -> TargetPlan {
    TargetPlan(problem, target, hasClosedForm: hasClosedForm, hasTable: hasTable)
  }

  /// - Parameter table: of all estimators that are measured together.
  func moments(_ estimator: any GradientEstimator, table: Bool?) -> MomentPlan {
    MomentPlan(
      estimator, on: problem, moments: moments, table: table, maxJointCodes: target.maxJointCodes)
  }

  /// Found once, by evaluating the form: that is the only way to know that it is finite.
  private var hasClosedForm: Bool {
    guard target.kind != .monteCarlo else { return false }
    return closedForm.withLock { known in
      let found = known ?? (problem.closedFormGradient(temperature: 1) != nil)
      known = found
      return found
    }
  }
}
