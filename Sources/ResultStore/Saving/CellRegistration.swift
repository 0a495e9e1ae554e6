import GRDB

/// Brings cells into the store, or up to date where they are there.
struct CellRegistration {
  private let statement: BoundStatement

  init(_ db: Database) throws {
    statement = try BoundStatement(
      """
      INSERT INTO cell(hash, problem, problem_json, model_state, step, training, estimator,
        estimator_label, estimator_json, tau_forward, tau_backward, target, target_law, seed,
        resolved_json)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT(hash) DO UPDATE SET problem = excluded.problem,
        problem_json = excluded.problem_json, model_state = excluded.model_state,
        step = excluded.step, training = excluded.training, estimator = excluded.estimator,
        estimator_label = excluded.estimator_label,
        estimator_json = excluded.estimator_json, tau_forward = excluded.tau_forward,
        tau_backward = excluded.tau_backward, target = excluded.target,
        target_law = excluded.target_law, seed = excluded.seed,
        resolved_json = excluded.resolved_json
      RETURNING id
      """, db)
  }

  /// The number of the cell in the store, which it has afterwards.
  func number(of cell: CellRecord) throws -> Int64 {
    try statement.bind(cell.hash, at: 1)
    try statement.bind(cell.problem, at: 2)
    try statement.bind(cell.problemJSON, at: 3)
    try statement.bind(cell.modelState, at: 4)
    try statement.bind(cell.step.map(Int64.init), at: 5)
    try statement.bind(cell.training, at: 6)
    try statement.bind(cell.estimator, at: 7)
    try statement.bind(cell.estimatorLabel, at: 8)
    try statement.bind(cell.estimatorJSON, at: 9)
    try statement.bind(cell.tauForward, at: 10)
    try statement.bind(cell.tauBackward, at: 11)
    try statement.bind(cell.target, at: 12)
    try statement.bind(cell.targetLaw, at: 13)
    try statement.bind(String(cell.seed), at: 14)
    try statement.bind(cell.resolvedJSON, at: 15)
    return try ResultStore.identifier(statement.number(), of: "cell \(cell.hash)")
  }
}
