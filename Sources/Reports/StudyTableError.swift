import ResultStore
import Tensors

/// Why a table of a study cannot be shown.
public struct StudyTableError: Error, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}

/// The scope that a table is of.
enum StudyScope {
  /// The scope asked for, or the first of the usual ones that the study has.
  ///
  /// - Parameters:
  ///   - sql: names of the study's scopes, one a row.
  ///   - usual: in order; the first is meant where the study has none of them.
  /// - Throws: `StudyTableError` for a scope that the study does not have; `StoreError`.
  static func chosen(
    _ scope: String?, usual: [String], of study: String, in query: ReadOnlyQuery, _ sql: String,
    parameters: [String: String] = [:]
  ) throws -> String {
    let rows = try query.runOwn(sql, parameters: parameters.merging(["study": study]) { $1 }).rows
    let known = rows.compactMap { row -> String? in
      guard case .text(let name) = row[0] else { return nil }
      return name
    }
    let chosen = scope ?? usual.first(where: known.contains) ?? usual[0]
    guard !known.contains(chosen) else { return chosen }
    guard !known.isEmpty else {
      throw StudyTableError("study '\(study)' has no measured cells; run it first")
    }
    throw StudyTableError(
      "study '\(study)' has no scope '\(chosen)'; "
        + NearestName.advice(for: chosen, among: known, title: "known"))
  }
}
