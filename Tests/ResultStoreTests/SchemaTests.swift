import Fidelity
import GRDB
import ResultStore
import Testing

@Suite struct SchemaTests {
  private func columns(_ store: ResultStore) throws -> [String: [String]] {
    let result = try ReadOnlyQuery(path: store.path).run(
      """
      SELECT s.name, c.name FROM sqlite_schema s, pragma_table_info(s.name) c
      WHERE s.type IN ('table', 'view') AND s.name NOT LIKE 'sqlite%'
        AND s.name <> 'grdb_migrations'
      ORDER BY s.name, c.cid
      """)
    var columns: [String: [String]] = [:]
    for case let row in result.rows {
      guard case .text(let table) = row[0], case .text(let column) = row[1] else { continue }
      columns[table, default: []].append(column)
    }
    return columns
  }

  @Test func tablesAreThoseOfTheirVersion() throws {
    let directory = try TemporaryDirectory()
    let store = try ResultStore(path: directory.file("s.sqlite"))
    var found = try columns(store).mapValues { $0.joined(separator: " ") }
    for view in PublicView.all { found[view.name] = nil }
    #expect(
      found == [
        "study": "id name file content_hash resolved_json created_at",
        "run": "id study_id study_hash version source_commit host cpu blas toolchain seed jobs "
          + "started_at ended_at exit_code command",
        "cell": "id hash problem problem_json model_state estimator estimator_label "
          + "estimator_json tau_forward tau_backward step training target target_law seed "
          + "resolved_json route route_reason",
        "study_cell": "study_id cell_id position",
        "result": "cell_id run_id state message moments seconds finished_at",
        "cell_scope": "cell_id scope",
        "measurement": "cell_id scope metric value se ci_low ci_high n resolved form",
        "form": "id value_kind unit ci_level ci_method moments debiased warnings",
        "coverage": "id measured_at version problem estimator metric ci_method ci_level n repeats "
          + "coverage constant flagged warned coverage_unwarned uniformity",
        "parameter_file": "cell_id file bytes sha256 coordinates",
        "parameter_quantile": "cell_id scope quantity quantile value se count",
        "training": "id hash problem estimator estimator_label optimiser learning_rate batch seed "
          + "resolved_json",
        "study_training": "study_id training_id position steps",
        "training_step": "training_id step",
        "training_value": "training_id step metric value",
        "series_metric": "id name unit definition",
      ])
  }

  @Test func viewsHaveTheDocumentedColumns() throws {
    let directory = try TemporaryDirectory()
    let store = try ResultStore(path: directory.file("s.sqlite"))
    let found = try columns(store)
    for view in PublicView.all { #expect(found[view.name] == view.columns.map(\.name)) }
    #expect(found.keys.filter { $0.hasPrefix("v_") }.count == PublicView.all.count)
    for column in PublicView.all.flatMap(\.columns) { #expect(!column.definition.isEmpty) }
  }

  /// The text of a released migration must never change. If this fails, put the change into a
  /// new migration.
  @Test func schemaTextIsFrozen() throws {
    let directory = try TemporaryDirectory()
    let store = try ResultStore(path: directory.file("s.sqlite"))
    #expect(StoreSchema.version == 6)
    #expect(try Self.digest(store.path) == 15_245_373_376_939_774_174)
  }

  /// FNV-1a, 64 bits, of the text of all tables, indexes and views.
  static func digest(_ path: String) throws -> UInt64 {
    let result = try ReadOnlyQuery(path: path).run(
      "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%' "
        + "ORDER BY name")
    var digest: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in CSVFormat.text(result).utf8 {
      digest = (digest ^ UInt64(byte)) &* 0x100_0000_01b3
    }
    return digest
  }

  /// The planner's sizes are a part of the schema too.
  @Test func statisticsAreFixed() throws {
    let directory = try TemporaryDirectory()
    let store = try ResultStore(path: directory.file("s.sqlite"))
    func sizes() throws -> QueryResult {
      try ReadOnlyQuery(path: store.path).run(
        "SELECT tbl, idx, stat FROM sqlite_stat1 ORDER BY 1, 2")
    }
    let empty = try sizes()
    #expect(empty.rows.count == 12)
    let indexes = try ReadOnlyQuery(path: store.path).run(
      """
      SELECT count(*) FROM sqlite_stat1 s
      WHERE s.idx = s.tbl OR EXISTS (
        SELECT 1 FROM sqlite_schema i WHERE i.type = 'index' AND i.tbl_name = s.tbl AND i.name = s.idx)
      """)
    #expect(indexes.rows == [[.integer(12)]])
    try SampleStudy.fill(store)
    try store.close()
    #expect(try sizes() == empty)
  }

  /// Two views that are joined on the cell must not go through all cells of the study for each of
  /// them.
  @Test(arguments: [
    ("v_fidelity", "v_cells"), ("v_cells", "v_fidelity"), ("v_measurements", "v_cells"),
    ("v_fidelity", "v_fidelity"),
  ]) func joinsOnTheCellUseItsIndex(_ first: String, _ second: String) throws {
    let directory = try TemporaryDirectory()
    let store = try ResultStore(path: directory.file("s.sqlite"))
    let plan = try ReadOnlyQuery(path: store.path).run(
      """
      EXPLAIN QUERY PLAN SELECT a.label, b.cell_state FROM \(first) a
      JOIN \(second) b ON b.study = a.study AND b.cell = a.cell
      WHERE a.study = 'tau-grid'
      """)
    let steps = plan.rows.map { "\($0)" }
    #expect(steps.contains { $0.contains("cell_by_short_hash") })
    #expect(steps.filter { $0.contains("study_cell_by_position") }.count == 1)
  }

  /// One metric on one scope is looked up by the key of `measurement`, cell by cell.
  @Test func oneMetricIsLookedUpByItsKey() throws {
    let directory = try TemporaryDirectory()
    let store = try ResultStore(path: directory.file("s.sqlite"))
    for source in ["v_measurements", "v_fidelity", "v_rmse"] {
      let filter = source == "v_measurements" ? "AND metric = 'bias_sq'" : "AND 1"
      let column = ["v_measurements": "value", "v_rmse": "rmse"][source] ?? "bias_sq"
      let plan = try ReadOnlyQuery(path: store.path).run(
        """
        EXPLAIN QUERY PLAN SELECT label, avg(\(column)) FROM \(source)
        WHERE study = 'tau-grid' AND scope = 'logits' \(filter) GROUP BY label
        """)
      let lookups = plan.rows.map { "\($0)" }.filter {
        $0.contains("cell_id=? AND scope=? AND metric=?")
      }
      #expect(!lookups.isEmpty, "\(source): \(plan.rows)")
    }
  }

  /// The wide view is frozen: a metric that is newer than it is a row of the long form.
  @Test func everyWideColumnIsADefinedMetric() {
    let identity = Set(
      (PublicView.all.first { $0.name == "v_measurements" }?.columns ?? []).map(\.name))
    let wide = PublicView.all.first { $0.name == "v_fidelity" }?.columns.map(\.name) ?? []
    let metrics = wide.filter {
      !identity.contains($0) && !$0.hasSuffix("_se")
        && !["bias_resolved", "seconds", "ns_per_estimate", "tail", "warning"].contains($0)
    }
    #expect(metrics.count == 37 && Set(metrics).isSubset(of: Metric.allCases.map(\.rawValue)))
  }
}
