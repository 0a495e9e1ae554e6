import Discrete
import ResultStore
import Studies

/// Tables of `gradfid status`.
public enum StatusTable {
  /// One row per study.
  public static func studies(in store: ResultStore) throws -> QueryResult {
    QueryResult(
      columns: ["study", "cells", "done", "failed", "diverged", "missing", "created", "trained"],
      rows: try store.studies().map { summary in
        let missing = summary.cells - summary.done - summary.failed - summary.diverged
        return [
          .text(summary.study.name), .integer(Int64(summary.cells)), .integer(Int64(summary.done)),
          .integer(Int64(summary.failed)), .integer(Int64(summary.diverged)),
          .integer(Int64(missing)), .text(summary.createdAt),
          summary.training.map { .text("\($0.done) of \($0.steps) steps") } ?? .null,
        ]
      })
  }

  /// One row per cell of a study.
  public static func cells(of study: String, in store: ResultStore) throws -> QueryResult {
    QueryResult(
      columns: [
        "cell", "problem", "state", "estimator", "target", "status", "seconds", "message",
        "training",
      ],
      rows: try store.cellStates(study: study).map { cell in
        [
          .text(String(cell.hash.prefix(12))), .text(cell.problem), .text(cell.weights),
          .text(cell.estimatorLabel), .text(cell.target), .text(cell.state.rawValue),
          cell.seconds.map(QueryValue.real) ?? .null, cell.message.map(QueryValue.text) ?? .null,
          cell.training.map(QueryValue.text) ?? .null,
        ]
      })
  }

  /// How many cells are of an older form of their numbers, in words: of one study, or of all; nil where
  /// there are none.
  ///
  /// - Throws: `StoreError`.
  public static func olderForms(
    of study: String?, in store: ResultStore, catalogue: Catalogue
  ) throws -> String? {
    let older = try CellFormats.older(in: store, catalogue: catalogue)
      .filter { study == nil || study == $0.key }.sorted { $0.key < $1.key }
    let count = older.reduce(0) { $0 + $1.value }
    guard count > 0 else { return nil }
    let studies = older.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    return "\(count) \(count == 1 ? "cell is" : "cells are") of an older form (\(studies)): "
      + "this program measures other numbers; `gradfid run` of the study measures them again"
  }
}
