import GRDB

/// Inserts what is kept of the single parameters of cells, within one transaction.
struct ParameterInsertion {
  private let insertFile: BoundStatement
  private let insertQuantile: BoundStatement

  init(_ db: Database) throws {
    insertFile = try BoundStatement(
      """
      INSERT INTO parameter_file(cell_id, file, bytes, sha256, coordinates)
      VALUES (?, ?, ?, ?, ?)
      """, db)
    insertQuantile = try BoundStatement(
      """
      INSERT INTO parameter_quantile(cell_id, scope, quantity, quantile, value, se, count)
      VALUES (?, ?, ?, ?, ?, ?, ?)
      """, db)
  }

  func insert(_ record: ParameterRecord, cell: Int64) throws {
    try insertFile.bind(cell, at: 1)
    try insertFile.bind(record.file, at: 2)
    try insertFile.bind(Int64(record.bytes), at: 3)
    try insertFile.bind(record.sha256, at: 4)
    try insertFile.bind(Int64(record.coordinates), at: 5)
    try insertFile.run()
    for row in record.quantiles {
      try insertQuantile.bind(cell, at: 1)
      try insertQuantile.bind(row.scope, at: 2)
      try insertQuantile.bind(row.quantity, at: 3)
      try insertQuantile.bind(row.quantile, at: 4)
      try insertQuantile.bind(row.value, at: 5)
      try insertQuantile.bind(row.se, at: 6)
      try insertQuantile.bind(Int64(row.count), at: 7)
      try insertQuantile.run()
    }
  }
}
