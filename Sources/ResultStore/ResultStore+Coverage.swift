import Fidelity
import GRDB

extension ResultStore {
  /// Stores the rows of a coverage study in one transaction; rows of the same settings are replaced.
  ///
  /// - Parameter version: version of the program that measured them.
  public func save(_ records: [CoverageRecord], version: String) throws {
    try write { db in
      let statement = try db.cachedStatement(
        sql: """
          INSERT OR REPLACE INTO coverage(measured_at, version, problem, estimator, metric,
            ci_method, ci_level, n, repeats, coverage, constant, flagged, warned, coverage_unwarned,
            uniformity)
          VALUES (\(Self.now), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          """)
      for record in records {
        let row = record.row
        let flagged = Metric(rawValue: row.metric)?.isApproximate(draws: row.draws) ?? false
        try statement.execute(arguments: [
          version, row.problem, row.estimator, row.metric, row.interval, record.level, row.draws,
          row.repeats, row.coverage, row.constant ? 1 : 0, flagged ? 1 : 0,
          row.warned, row.unwarned, row.uniformity,
        ])
      }
    }
  }
}
