import GRDB

/// The rows of the file of quantiles over single parameters: those of `v_parameters`, in the order of the study's
/// cells, then of scope, quantity and quantile.
struct ParameterLines {
  private let study: Int64

  /// Nil where no cell of the study was measured with `parameters: true`.
  init?(study: Int64, _ db: Database) throws {
    guard try db.tableExists("parameter_quantile") else { return nil }
    let found = try Int.fetchOne(
      db,
      sql: """
        SELECT 1 FROM study_cell sc JOIN parameter_quantile q ON q.cell_id = sc.cell_id
        WHERE sc.study_id = ? LIMIT 1
        """, arguments: [study])
    guard found != nil else { return nil }
    self.study = study
  }

  var part: ExportPart {
    ExportPart(key: "parameters", columns: PublicView.parameters.columns, write: write)
  }

  private func write(to file: AtomicFile, as encoding: RowEncoding, _ db: Database) throws -> Int {
    let names = PublicView.parameters.columns.map(\.name)
    var lines = try RowLines(encoding, columns: names, to: file)
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT \(names.map { "v." + $0 }.joined(separator: ", "))
        FROM study s JOIN study_cell sc ON sc.study_id = s.id JOIN cell c ON c.id = sc.cell_id
        JOIN v_parameters v ON v.study = s.name AND v.cell = substr(c.hash, 1, 12)
        WHERE s.id = ? ORDER BY sc.position, v.scope, v.quantity, v.quantile
        """, arguments: [study])
    return try lines.end(with: rows)
  }
}
