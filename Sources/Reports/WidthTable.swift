import Discrete
import Fidelity
import ResultStore
import Tensors

/// The table of `gradfid widths`: for every estimator on a problem that was smoothed with several widths, the one at
/// which it is least biased.
public struct WidthTable: Sendable {
  public let table: QueryResult

  /// Metrics of a bias that have a least value.
  public static let metrics = [Metric.relativeBias, .biasSquared].map(\.rawValue)

  /// Reads it from a store.
  ///
  /// - Parameters:
  ///   - scope: nil for the features `z_e` where they were measured, else all coordinates, else the logits.
  ///   - metric: one of `metrics`.
  ///   - catalogue: knows the width of a problem that was given none.
  /// - Throws: `StoreError`, `.unknownStudy` for a name that is not there; `StudyTableError` for a scope that the study does
  ///   not have, or no problem of several widths.
  public init(
    study: String, scope: String?, metric: String, storePath: String, catalogue: Catalogue
  ) throws {
    // Refuses an unknown name.
    _ = try ResultStore(readingPath: storePath).cellStates(study: study)
    let query = try ReadOnlyQuery(path: storePath)
    let scope = try StudyScope.chosen(
      scope, usual: ["z_e", "all", "logits"], of: study, in: query,
      "SELECT DISTINCT scope FROM v_measurements WHERE study = :study AND metric = :metric ORDER BY scope",
      parameters: ["metric": metric])
    let rows = try query.runOwn(
      """
      SELECT c.model, c.state, c.target_law, c.label, json_extract(c.problem_json, '$.parameters.s'),
        json_remove(c.problem_json, '$.parameters.s'), m.value, m.ci_low, m.ci_high,
        json_extract(c.problem_json, '$.kind')
      FROM v_measurements m JOIN v_cells c ON c.study = m.study AND c.cell = m.cell
      WHERE m.study = :study AND m.scope = :scope AND m.metric = :metric
      ORDER BY c.position
      """, parameters: ["study": study, "scope": scope, "metric": metric]
    ).rows
    var order: [[String]] = []
    var curves: [[String]: (labels: [QueryValue], points: [LeastBiasedWidth.Point])] = [:]
    for row in rows {
      let key = [row[5], row[1], row[2], row[3]].map { Self.text($0) ?? "" }
      guard let width = Self.number(row[4]) ?? Self.width(of: Self.text(row[9]), catalogue) else {
        continue
      }
      if curves[key] == nil {
        order.append(key)
        let model = (Self.text(row[0]) ?? "").split(separator: " ")
          .filter { !$0.hasPrefix("s=") }.joined(separator: " ")
        curves[key] = ([.text(model), row[1], row[2], row[3]], [])
      }
      curves[key]?.points.append(
        LeastBiasedWidth.Point(
          width: width, value: Self.number(row[6]) ?? .nan, low: Self.number(row[7]) ?? .nan,
          high: Self.number(row[8]) ?? .nan))
    }
    let found = order.compactMap { key -> [QueryValue]? in
      guard let curve = curves[key], let least = LeastBiasedWidth(curve.points) else { return nil }
      return curve.labels + [
        .text(scope), .integer(Int64(curve.points.count)), least.width.map { .real($0) } ?? .null,
        least.low.map { .real($0) } ?? .null, least.high.map { .real($0) } ?? .null,
        .real(least.bias),
      ]
    }
    guard !found.isEmpty else {
      throw StudyTableError(
        "study '\(study)' has no estimator with a finite bias at three or more widths s: give the problem a list, as in `s: [0.25, 0.5, 1.0]`, and run it"
      )
    }
    table = QueryResult(
      columns: [
        "problem", "state", "law", "estimator", "scope", "widths", "s_star", "low", "high", metric,
      ], rows: found)
  }

  /// The default width of a kind of problem; nil where it has none.
  private static func width(of kind: String?, _ catalogue: Catalogue) -> Double? {
    let spec = kind.flatMap(catalogue.problem)?.parameters.first { $0.name == "s" }
    guard case .number(let width)? = spec?.defaultValue else { return nil }
    return width
  }

  private static func text(_ value: QueryValue) -> String? {
    if case .text(let text) = value { text } else { nil }
  }

  private static func number(_ value: QueryValue) -> Double? {
    switch value {
    case .real(let number): number
    case .integer(let number): Double(number)
    default: nil
    }
  }
}
