import Conformance
import Discrete

/// The problems of a study, held to what the interface promises, with their initial weights.
public struct ConformanceReport: Sendable {
  /// One promise of one problem.
  public struct Row: Sendable {
    public let problem: String
    public let promise: String
    /// What is wrong; empty where the promise holds.
    public let violations: [String]
  }

  public let rows: [Row]

  /// Promises that do not hold.
  public var broken: Int { rows.count { !$0.violations.isEmpty } }

  /// - Parameter progress: told of every problem before it is checked.
  ///
  /// Cost: that of `ProblemCheck.violations`, for each problem.
  /// - Throws: `StudyRunError.problem` for a layer that is too large to be checked, before any is.
  public init(_ study: ResolvedStudy, progress: (String) -> Void) throws {
    for group in study.groups {
      guard let refusal = ProblemCheck.refusal(group.initial.shape) else { continue }
      throw StudyRunError.problem(group.problem.kind, refusal)
    }
    var rows: [Row] = []
    var seen: Set<ProblemEntry> = []
    for group in study.groups where seen.insert(group.problem).inserted {
      let name = group.cells.first?.record.problem ?? group.problem.kind
      progress(name)
      rows += ProblemCheck.all.map {
        Row(problem: name, promise: $0.name, violations: $0.violations(group.initial))
      }
    }
    self.rows = rows
  }
}
