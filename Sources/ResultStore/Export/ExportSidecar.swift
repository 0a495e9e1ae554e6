import Fidelity
import GRDB

/// The text of `NAME.meta.json`: everything needed to read the file of measurements and to judge it.
struct ExportSidecar {
  /// The document with a line end.
  let text: String

  /// A further file.
  struct PartFile {
    let key: String
    let name: String
    let rows: Int
    let digest: String
    let columns: [PublicColumn]
  }

  init(
    study: Int64, format: OutputFormat, name: String, rows: Int, digest: String,
    parts: [PartFile], _ db: Database
  ) throws {
    guard
      let record = try Row.fetchOne(
        db, sql: "SELECT name, file, content_hash, resolved_json FROM study WHERE id = ?",
        arguments: [study])
    else { throw StoreError.rejected(what: "the study is gone", hint: "export it again") }
    let stored = StoredRow(record, of: "a study")
    let further = parts.map { file in
      (
        key: file.key,
        value: JSONNode.object([
          (format.rawValue, .string(file.name)), ("sha256", .string(file.digest)),
          ("rows", .integer(Int64(file.rows))),
          ("columns", .array(file.columns.map(Self.column))),
        ])
      )
    }
    let head: [(key: String, value: JSONNode)] = [
      ("format", .string("gradient-fidelity measurements")),
      ("schema_version", .integer(Int64(StoreSchema.version))),
      (format.rawValue, .string(name)),
      ("sha256", .string(digest)),
      ("rows", .integer(Int64(rows))),
      ("study", .string(try stored.text("name"))),
      ("study_file", .string(try stored.text("file"))),
      ("study_hash", .string(try stored.text("content_hash"))),
      ("seeds", .array(try Self.seeds(study, db))),
      ("cells", .object(try Self.states(study, db))),
      ("runs", .array(try Self.runs(study, db))),
      ("columns", .array(PublicView.measurements.columns.map(Self.column))),
      ("metrics", .array(Metric.allCases.map(Self.metric))),
    ]
    let document = JSONNode.object(
      head + further + [("resolved_study", .stored(try stored.text("resolved_json")))])
    text = document.text() + "\n"
  }

  /// Seeds as text: a JSON number would lose digits above 2^53 in most readers.
  private static func seeds(_ study: Int64, _ db: Database) throws -> [JSONNode] {
    try String.fetchAll(
      db,
      sql: """
        SELECT DISTINCT c.seed FROM study_cell sc JOIN cell c ON c.id = sc.cell_id
        WHERE sc.study_id = ? ORDER BY length(c.seed), c.seed
        """, arguments: [study]
    ).map(JSONNode.string)
  }

  private static func states(
    _ study: Int64, _ db: Database
  ) throws -> [(key: String, value: JSONNode)] {
    try Row.fetchAll(
      db,
      sql: """
        SELECT coalesce(r.state, 'pending') AS state, count(*) AS cells
        FROM study_cell sc LEFT JOIN result r ON r.cell_id = sc.cell_id
        WHERE sc.study_id = ? GROUP BY 1 ORDER BY 1
        """, arguments: [study]
    ).map { row -> (key: String, value: JSONNode) in
      let row = StoredRow(row, of: "a count of cells")
      return (key: try row.text("state"), value: .integer(try row.integer("cells")))
    }
  }

  /// The runs that measured the cells of the study, whichever study they belonged to.
  private static func runs(_ study: Int64, _ db: Database) throws -> [JSONNode] {
    let names = ["version", "source_commit", "toolchain", "cpu", "blas", "seed", "study_hash"]
    return try Row.fetchAll(
      db,
      sql: """
        SELECT n.*, count(*) AS cells FROM study_cell sc
        JOIN result r ON r.cell_id = sc.cell_id JOIN run n ON n.id = r.run_id
        WHERE sc.study_id = ? GROUP BY n.id ORDER BY n.id
        """, arguments: [study]
    ).map { row in
      let row = StoredRow(row, of: "a run")
      let texts: [(key: String, value: JSONNode)] = try names.map {
        (key: $0, value: .string(try row.text($0)))
      }
      return .object(
        [("run", .integer(try row.integer("id")))] + texts
          + [
            ("jobs", .integer(try row.integer("jobs"))),
            ("cells", .integer(try row.integer("cells"))),
          ])
    }
  }

  private static func column(_ column: PublicColumn) -> JSONNode {
    .object([
      ("name", .string(column.name)), ("type", .string(column.type)),
      ("definition", .string(column.definition)),
    ])
  }

  private static func metric(_ metric: Metric) -> JSONNode {
    .object([
      ("name", .string(metric.rawValue)), ("unit", .string(metric.unit)),
      ("definition", .string(metric.definition)),
    ])
  }
}
