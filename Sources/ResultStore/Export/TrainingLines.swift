import GRDB

/// The lines of the CSV file of a study's training series: the columns of `v_training`, in the order
/// of the study's trainings, then of steps.
struct TrainingLines {
  let study: Int64

  /// Whether the study has trainings.
  func exist(_ db: Database) throws -> Bool {
    try Int.fetchOne(
      db, sql: "SELECT 1 FROM study_training WHERE study_id = ? LIMIT 1", arguments: [study]) != nil
  }

  /// Writes the header and all lines; returns the number of lines without the header.
  func write(to file: AtomicFile, _ db: Database) throws -> Int {
    let columns = PublicView.training.columns.map(\.name)
    try file.append(CSVFormat.line(columns.map(QueryValue.text)).utf8)
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT \(columns.map { "v." + $0 }.joined(separator: ", "))
        FROM study s JOIN study_training st ON st.study_id = s.id
        JOIN training t ON t.id = st.training_id
        JOIN v_training v ON v.study = s.name AND v.training = substr(t.hash, 1, 12)
        WHERE s.id = ? ORDER BY st.position, v.step
        """, arguments: [study])
    var count = 0
    while let row = try rows.next() {
      let fields = Array(row.databaseValues.map { QueryValue($0) })
      try file.append(CSVFormat.line(fields).utf8)
      count += 1
    }
    return count
  }
}
