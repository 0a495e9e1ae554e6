import Discrete
import GRDB

/// The rows of the file of a study's training series: the columns of `v_training` and, after them, one for
/// each further metric that its trainings record, by name; in the order of the study's trainings, then of steps.
struct TrainingLines {
  let columns: [PublicColumn]
  private let study: Int64
  /// Names of the further metrics.
  private let further: [String]

  /// Nil where the study has no trainings.
  init?(study: Int64, _ db: Database) throws {
    let found = try Int.fetchOne(
      db, sql: "SELECT 1 FROM study_training WHERE study_id = ? LIMIT 1", arguments: [study])
    guard found != nil else { return nil }
    self.study = study
    let own = PublicView.training.columns.map(\.name)
    let rows = try Row.fetchAll(
      db,
      sql: """
        SELECT DISTINCT v.metric, v.definition FROM study s JOIN v_series v ON v.study = s.name
        WHERE s.id = ? ORDER BY v.metric
        """, arguments: [study])
    let more = try rows.map { row in
      let row = StoredRow(row, of: "a metric of a series")
      return PublicColumn(try row.text("metric"), "real", try row.text("definition"))
    }.filter { !own.contains($0.name) }
    further = more.map(\.name)
    columns = PublicView.training.columns + more
  }

  var part: ExportPart { ExportPart(key: "training", columns: columns, write: write) }

  private func write(to file: AtomicFile, as encoding: RowEncoding, _ db: Database) throws -> Int {
    var lines = try RowLines(encoding, columns: columns.map(\.name), to: file)
    let own = PublicView.training.columns.map { "v." + $0.name }
    let values = further.map { _ in
      """
      (SELECT n.value FROM training_value n WHERE n.training_id = t.id AND n.step = v.step
        AND n.metric = (SELECT m.id FROM series_metric m WHERE m.name = ?))
      """
    }
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT \((own + values).joined(separator: ", "))
        FROM study s JOIN study_training st ON st.study_id = s.id
        JOIN training t ON t.id = st.training_id
        JOIN v_training v ON v.study = s.name AND v.training = substr(t.hash, 1, 12)
        WHERE s.id = ? ORDER BY st.position, v.step
        """, arguments: StatementArguments(further) + [study])
    return try lines.end(with: rows)
  }
}
