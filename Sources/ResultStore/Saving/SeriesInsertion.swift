import Discrete
import GRDB

/// Inserts the steps of one training, within one transaction.
struct SeriesInsertion {
  private let db: Database
  private let training: Int64
  private let clear: Statement
  private let mark: Statement
  private let insert: Statement
  private var numbers: [SeriesMetric: Int64] = [:]

  init(_ db: Database, training: Int64) throws {
    self.db = db
    self.training = training
    clear = try db.cachedStatement(
      sql: "DELETE FROM training_value WHERE training_id = ? AND step = ?")
    mark = try db.cachedStatement(
      sql: "INSERT OR REPLACE INTO training_step(training_id, step) VALUES (?, ?)")
    insert = try db.cachedStatement(
      sql: "INSERT INTO training_value(training_id, step, metric, value) VALUES (?, ?, ?, ?)")
  }

  mutating func insert(_ step: TrainingStep) throws {
    try clear.execute(arguments: [training, step.step])
    try mark.execute(arguments: [training, step.step])
    var seen: Set<String> = []
    for (place, number) in step.values.enumerated() {
      let name = number.metric.name
      guard seen.insert(name).inserted else {
        throw StoreError.rejected(
          what: "step \(step.step) of a training has two values of '\(name)'",
          hint: "give each number of a step a name of its own")
      }
      if place >= SeriesMetric.common.count, number.value.isNaN { continue }
      guard !number.value.isNaN else {
        throw StoreError.rejected(
          what: "'\(name)' of step \(step.step) of a training is not a number",
          hint: "end the training at the step before")
      }
      try insert.execute(arguments: [
        training, step.step, try metric(number.metric), number.value,
      ])
    }
  }

  /// The number of a metric in the store, which it is brought into where it is new.
  private mutating func metric(_ metric: SeriesMetric) throws -> Int64 {
    if let known = numbers[metric] { return known }
    guard Self.isName(metric.name) else {
      let columns = PublicView.training.columns.map(\.name).joined(separator: ", ")
      throw StoreError.rejected(
        what: "a series of a training cannot be named '\(metric.name)'",
        hint: "use lower-case letters, digits and '_', a letter first; taken are \(columns)")
    }
    let id = try Int64.fetchOne(
      db,
      sql: """
        INSERT INTO series_metric(name, unit, definition) VALUES (?, ?, ?)
        ON CONFLICT(name) DO UPDATE SET unit = excluded.unit, definition = excluded.definition
        RETURNING id
        """, arguments: [metric.name, metric.unit, metric.definition])
    let number = try ResultStore.identifier(id, of: "the metric '\(metric.name)'")
    numbers[metric] = number
    return number
  }

  private static func isName(_ name: String) -> Bool {
    if SeriesMetric.common.contains(where: { $0.name == name }) { return true }
    let isPlain = name.wholeMatch(of: /[a-z][a-z0-9_]*/) != nil
    return isPlain && !PublicView.training.columns.contains { $0.name == name }
  }
}
