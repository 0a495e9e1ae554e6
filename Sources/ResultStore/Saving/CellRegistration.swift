import GRDB

/// Brings cells into the store, or up to date where they are there. What a cell shares with the one
/// before is bound already.
struct CellRegistration {
  private static let columns = [
    "problem", "problem_json", "model_state", "step", "training", "estimator", "estimator_label",
    "estimator_json", "tau_forward", "tau_backward", "target", "target_law", "seed",
    "resolved_json",
  ]

  private let insert: BoundStatement
  private let find: BoundStatement
  private var last: CellRecord?

  init(_ db: Database) throws {
    let names = Self.columns.joined(separator: ", ")
    // The target of a measured cell is what was done, which nobody knows beforehand.
    let kept = Self.columns.filter { $0 != "target" }
    let updated = kept.joined(separator: ", ")
    let excluded = kept.map { "excluded.\($0)" }.joined(separator: ", ")
    // A cell that is there as it should be is not written again.
    insert = try BoundStatement(
      """
      INSERT INTO cell(hash, \(names))
      VALUES (?\(String(repeating: ", ?", count: Self.columns.count)))
      ON CONFLICT(hash) DO UPDATE SET (\(updated)) = (\(excluded))
      WHERE (\(kept.map { "cell.\($0)" }.joined(separator: ", "))) IS NOT (\(excluded))
      """, db)
    find = try BoundStatement("SELECT id FROM cell WHERE hash = ?", db)
  }

  /// The number of the cell in the store, which it has afterwards.
  mutating func number(of cell: CellRecord) throws -> Int64 {
    try bindShared(cell)
    try insert.bind(cell.hash, at: 1)
    try insert.bind(cell.estimatorLabel, at: 8)
    try insert.bind(cell.estimatorJSON, at: 9)
    try insert.bind(cell.tauForward, at: 10)
    try insert.bind(cell.tauBackward, at: 11)
    try insert.bind(cell.resolvedJSON, at: 15)
    last = cell
    if let number = try insert.insertedRow() { return number }
    try find.bind(cell.hash, at: 1)
    return try ResultStore.identifier(find.number(), of: "cell \(cell.hash)")
  }

  /// The statement may be bound from an earlier use: the first cell binds everything.
  private func bindShared(_ cell: CellRecord) throws {
    if cell.problem != last?.problem { try insert.bind(cell.problem, at: 2) }
    if cell.problemJSON != last?.problemJSON { try insert.bind(cell.problemJSON, at: 3) }
    if cell.weights != last?.weights { try insert.bind(cell.weights, at: 4) }
    if last == nil || cell.step != last?.step { try insert.bind(cell.step.map(Int64.init), at: 5) }
    if last == nil || cell.training != last?.training { try insert.bind(cell.training, at: 6) }
    if cell.estimator != last?.estimator { try insert.bind(cell.estimator, at: 7) }
    if cell.target != last?.target { try insert.bind(cell.target, at: 12) }
    if cell.targetDistribution != last?.targetDistribution {
      try insert.bind(cell.targetDistribution, at: 13)
    }
    if cell.seed != last?.seed { try insert.bind(String(cell.seed), at: 14) }
  }
}
