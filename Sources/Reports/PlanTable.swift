import Fidelity
import ResultStore
import Studies

/// The table of `gradfid plan`.
public enum PlanTable {
  /// One row per problem and weights, and the totals: cells, calls and seconds add up, of memory the
  /// largest counts. Calls, seconds and memory are those of the cells that are not stored yet.
  public static func table(_ plan: StudyPlan) -> QueryResult {
    let forecasts = plan.rows.compactMap(\.forecast)
    let total: [QueryValue] = [
      .text("total"), .null, .integer(Int64(plan.rows.reduce(0) { $0 + $1.cells })),
      .integer(Int64(plan.rows.reduce(0) { $0 + $1.stored })), .null, .null, .null,
      .text(routes(forecasts.flatMap(\.routes))), .null,
      .real(forecasts.reduce(0) { $0 + $1.valueCalls }),
      .real(forecasts.reduce(0) { $0 + $1.gradientCalls }),
      .real(plan.rows.reduce(0) { $0 + $1.trainingSeconds }),
      .real(forecasts.reduce(0) { $0 + $1.seconds }),
      .real(mebibytes(forecasts.map(\.peakBytes).max() ?? 0)),
      forecasts.compactMap(\.error).max().map(QueryValue.real) ?? .null, .null, .null,
    ]
    return QueryResult(
      columns: [
        "problem", "state", "cells", "stored", "rows", "joint_states", "target", "moments",
        "target_draws",
        "value_calls", "gradient_calls", "training_s", "seconds", "peak_mib", "rel_bias_se",
        "draws", "notes",
      ], rows: plan.rows.map(row) + [total])
  }

  private static func row(_ row: StudyPlan.Row) -> [QueryValue] {
    let head: [QueryValue] = [
      .text(row.problem), .text(row.weights), .integer(Int64(row.cells)),
      .integer(Int64(row.stored)), .integer(Int64(row.shape.rows)),
      .text(row.shape.jointCodesText),
    ]
    guard let forecast = row.forecast else {
      let zeros: [QueryValue] = [.real(0), .real(0), .real(0), .real(0)]
      return head + [.null, .null, .null] + zeros + [.null, .null, .null, .null]
    }
    return head + [
      .text(forecast.target.rawValue), .text(routes(forecast.routes)),
      .integer(Int64(forecast.targetDraws)), .real(forecast.valueCalls.rounded()),
      .real(forecast.gradientCalls.rounded()), .real(row.trainingSeconds), .real(forecast.seconds),
      .real(mebibytes(forecast.peakBytes)), forecast.error.map(QueryValue.real) ?? .null,
      forecast.draws.map { .integer(Int64($0)) } ?? .null,
      forecast.notes.isEmpty ? .null : .text(forecast.notes.joined(separator: "; ")),
    ]
  }

  /// Routes with their numbers of cells, as in `states 4, draws 1`.
  private static func routes(_ routes: [MomentRoute]) -> String {
    MomentRoute.allCases.compactMap { route in
      let count = routes.count { $0 == route }
      return count > 0 ? "\(route.rawValue) \(count)" : nil
    }.joined(separator: ", ")
  }

  private static func mebibytes(_ bytes: Double) -> Double { (bytes / 1_048_576).rounded() }
}
