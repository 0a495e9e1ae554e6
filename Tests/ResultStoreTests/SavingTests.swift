import Foundation
import GRDB
import ResultStore
import Testing

@Suite struct SavingTests {
  @Test func everyDoubleComesBackBitForBit() throws {
    let directory = try TemporaryDirectory()
    let store = try ResultStore(path: directory.file("s.sqlite"))
    let cell = SampleStudy.cell(1)
    let values: [Double?] = [
      0.0, -0.0, 0.1, 1.0 / 3.0, -1.0, 1e16, 9_007_199_254_740_992, Double.leastNonzeroMagnitude,
      Double.leastNormalMagnitude, Double.greatestFiniteMagnitude, Double.nan, Double.infinity,
      -Double.infinity, nil,
    ]
    let measurements = values.enumerated().map { index, value in
      var m = SampleStudy.measurement("metric-\(100 + index)", value)
      m.se = value
      m.ciLow = value
      m.ciHigh = value
      return m
    }
    let handle = try store.beginRun(
      study: SampleStudy.study, cells: [cell], run: SampleStudy.run)
    try store.save(SampleStudy.result(cell, measurements), run: handle)
    let stored = try #require(try store.result(cellHash: cell.hash)).measurements
    #expect(stored.count == values.count)
    for (value, m) in zip(values, stored) {
      #expect(m.value?.bitPattern == value?.bitPattern)
      // A nan error is stored as not known.
      let error = value.flatMap { $0.isNaN ? nil : $0 }
      for found in [m.se, m.ciLow, m.ciHigh] { #expect(found?.bitPattern == error?.bitPattern) }
    }
    let query = try ReadOnlyQuery(path: store.path).run(
      "SELECT value, value_kind FROM v_measurements ORDER BY metric")
    for (value, row) in zip(values, query.rows) {
      let kind = ValueKind(of: value)
      #expect(row[1] == .text(kind.rawValue))
      guard kind == .finite, let value, case .real(let found) = row[0] else {
        #expect(row[0] == .null && kind != .finite)
        continue
      }
      #expect(found.bitPattern == value.bitPattern)
    }
  }

  /// Insertion leaves the checks of the tables out; what it stores must meet them all the same.
  @Test func whatIsStoredMeetsTheChecksOfTheTables() throws {
    let directory = try TemporaryDirectory()
    let store = try ResultStore(path: directory.file("s.sqlite"))
    let handle = try SampleStudy.fill(store)
    try SampleStudy.fillTraining(store)
    let cell = SampleStudy.cell(4)
    let values: [Double?] = [nil, .nan, .infinity, -.infinity, -0.0, 1]
    let rows = values.enumerated().flatMap { index, value in
      [Bool?.none, false, true].map { resolved in
        Measurement(
          scope: "\(resolved.map(String.init) ?? "open")", metric: "m\(index)", unit: "1",
          value: value, se: value, ciLow: value, ciHigh: value, ciLevel: value, moments: "exact",
          debiased: resolved ?? true, resolved: resolved)
      }
    }
    for state in ResultState.allCases {
      try store.save(
        CellResult(
          cellHash: cell.hash, state: state, moments: "exact", seconds: .nan, measurements: rows),
        run: handle)
      // SQLite looks at checks only where it may write.
      let (found, unmet, odd) = try DatabaseQueue(path: store.path).read {
        (
          try String.fetchAll($0, sql: "PRAGMA integrity_check"),
          try Row.fetchAll($0, sql: "PRAGMA foreign_key_check"),
          try Int.fetchOne(
            $0,
            sql: """
              SELECT count(*) FROM measurement m JOIN form f ON f.id = m.form
              WHERE (f.value_kind = 'finite') <> (m.value IS NOT NULL)
              """)
        )
      }
      #expect(found == ["ok"])
      #expect(unmet.isEmpty)
      #expect(odd == 0)
    }
  }

  @Test func recordsComeBackWhole() throws {
    let directory = try TemporaryDirectory()
    let store = try ResultStore(path: directory.file("s.sqlite"))
    let handle = try SampleStudy.fill(store)
    try store.finishRun(handle, exitCode: 3)
    let cells = (0..<5).map { SampleStudy.cell($0) }
    #expect(try store.cells(study: "tau-grid") == cells)
    #expect(try store.cells(hashPrefix: "3ff") == [cells[3]])
    let study = try #require(try store.studies().first)
    #expect(study.study == SampleStudy.study)
    let counts: [Int] = [study.cells, study.done, study.failed, study.diverged]
    #expect(counts == [5, 2, 1, 1])
    let run = try #require(try store.runs().first)
    #expect(run.record == SampleStudy.run)
    #expect(run.exitCode == 3)
    #expect(run.cells == [.done: 2, .failed: 1, .diverged: 1])
  }

  @Test func savingTwiceReplaces() throws {
    let directory = try TemporaryDirectory()
    let store = try ResultStore(path: directory.file("s.sqlite"))
    let handle = try SampleStudy.fill(store)
    let cell = SampleStudy.cell(0)
    let before = try #require(try store.result(cellHash: cell.hash))
    try store.save([before, before], run: handle)
    let again = try #require(try store.result(cellHash: cell.hash))
    #expect(again.measurements.count == before.measurements.count)
    let smaller = SampleStudy.result(cell, [SampleStudy.measurement("snr", 2)])
    try store.save(smaller, run: handle)
    #expect(try store.result(cellHash: cell.hash) == smaller)
    let scopes = try ReadOnlyQuery(path: store.path).run(
      "SELECT scope FROM v_fidelity WHERE hex(substr(cell, 1, 1)) = '30'")
    #expect(scopes.rows == [[.text("logits")]])
  }

  @Test func aRefusedCellLeavesNothingBehind() throws {
    let directory = try TemporaryDirectory()
    let store = try ResultStore(path: directory.file("s.sqlite"))
    let handle = try SampleStudy.fill(store)
    let twice = SampleStudy.measurement("snr", 1)
    let cell = SampleStudy.cell(4)
    #expect(throws: StoreError.self) {
      try store.save(SampleStudy.result(cell, [twice, twice]), run: handle)
    }
    #expect(try store.result(cellHash: cell.hash) == nil)
    #expect(throws: StoreError.self) {
      try store.save(SampleStudy.result(SampleStudy.cell(77), [twice]), run: handle)
    }
  }

  /// Columns that change from row to row, and back, in every order of scopes.
  @Test func noRowInheritsFromTheOneBefore() throws {
    let directory = try TemporaryDirectory()
    let store = try ResultStore(path: directory.file("s.sqlite"))
    let cell = SampleStudy.cell(0)
    let handle = try store.beginRun(study: SampleStudy.study, cells: [cell], run: SampleStudy.run)
    let bare = Measurement(
      scope: "logits", metric: "a", unit: "", value: nil, moments: "exact", debiased: false)
    let full = Measurement(
      scope: "all", metric: "b", unit: "gradient^2", value: 2.5, se: 0.5, ciLow: 1, ciHigh: 4,
      ciLevel: 0.9, ciMethod: "jackknife-t", moments: "monte-carlo", n: 64, debiased: true,
      resolved: true)
    var endless = full
    (endless.metric, endless.value, endless.resolved) = ("c", -Double.infinity, false)
    var accented = bare
    (accented.metric, accented.scope, accented.unit) = ("d", "Zähler-\u{1F600}", "µ")
    var last = full
    (last.metric, last.scope) = ("e", "logits")
    last.warnings = [.rare, .tail]
    let rows = [bare, full, endless, accented, last]
    for (offset, order) in [rows, rows.reversed(), [full, bare, accented, last, endless]]
      .enumerated()
    {
      var result = SampleStudy.result(cell, order)
      result.seconds = Double(offset)
      try store.save(result, run: handle)
      let found = try #require(try store.result(cellHash: cell.hash))
      let sorted = order.sorted { ($0.scope, $0.metric) < ($1.scope, $1.metric) }
      #expect(found.measurements == sorted)
      #expect(found.seconds == Double(offset))
    }
    let scopes = try ReadOnlyQuery(path: store.path).run("SELECT scope FROM v_fidelity ORDER BY 1")
    #expect(scopes.rows == ["Zähler-\u{1F600}", "all", "logits"].map { [.text($0)] })
  }

  /// Cells of one transaction, as many rows each: more than one statement takes, and other texts in
  /// the same places.
  @Test(arguments: [1, 5, 31, 32, 33, 70]) func noCellInheritsFromTheOneBefore(_ count: Int) throws
  {
    let directory = try TemporaryDirectory()
    let store = try ResultStore(path: directory.file("s.sqlite"))
    let cells = (0..<6).map { SampleStudy.cell($0) }
    let handle = try store.beginRun(study: SampleStudy.study, cells: cells, run: SampleStudy.run)
    let results = cells.enumerated().map { index, cell in
      let rows = (0..<count).map { row in
        Measurement(
          scope: index % 2 == 0 ? "logits" : "scope \((row + index) % 3)",
          metric: index % 3 == 0 ? "m\(row)" : "m\(count - row)",
          unit: index < 2 ? "1" : "unit \((row * index) % 4)",
          value: [1.5, nil, .infinity, -0.0][(row + index) % 4],
          se: (row + index) % 2 == 0 ? nil : Double(row), ciLow: index == 3 ? -1 : nil,
          ciHigh: index == 4 ? 1 : nil, ciLevel: index % 2 == 0 ? 0.9 : nil,
          ciMethod: row % 2 == 0 ? "" : "jackknife", moments: index < 4 ? "exact" : "quadrature",
          n: row % 3 == 0 ? nil : index, debiased: (row + index) % 3 == 0,
          resolved: [nil, true, false][(row + index) % 3],
          warnings: [[], [.tail], [.tail, .rounding]][(row * index) % 3])
      }
      return SampleStudy.result(cell, state: ResultState.allCases[index % 3], rows)
    }
    for order in [results, results.reversed()] {
      try store.save(order, run: handle)
      for result in results {
        let found = try #require(try store.result(cellHash: result.cellHash))
        var expected = result
        expected.measurements.sort { ($0.scope, $0.metric) < ($1.scope, $1.metric) }
        #expect(found == expected)
      }
    }
    let forms = try DatabaseQueue(path: store.path).read {
      try Row.fetchAll(
        $0,
        sql: "SELECT value_kind, unit, ci_level, ci_method, moments, debiased, warnings FROM form")
    }
    #expect(Set(forms).count == forms.count)
  }

  /// A study that is registered again takes over what its cells say now, and their order.
  @Test func cellsAreBroughtUpToDate() throws {
    let directory = try TemporaryDirectory()
    let store = try ResultStore(path: directory.file("s.sqlite"))
    var cells = (0..<4).map { SampleStudy.cell($0) }
    func registered(_ list: [CellRecord]) throws -> [CellRecord] {
      _ = try store.beginRun(study: SampleStudy.study, cells: list, run: SampleStudy.run)
      return try store.cells(study: SampleStudy.study.name)
    }
    #expect(try registered(cells) == cells)
    #expect(try registered(cells) == cells)
    cells[1].problem = "renamed"
    cells[2].training = String(repeating: "c", count: 40)
    cells[2].step = 7
    cells[3].step = nil
    cells[3].tauBackward = nil
    cells[3].tauForward = 0.25
    #expect(try registered(cells) == cells)
    cells.swapAt(0, 3)
    #expect(try registered(cells) == cells)
    #expect(
      try registered(cells + [cells[0]] + [SampleStudy.cell(9)]) == cells + [SampleStudy.cell(9)])
    #expect(try registered([cells[2]]) == [cells[2]])
    #expect(try store.cells(hashPrefix: "3ff") == [cells[0]])
  }

  @Test func twoValuesOfOneMetricAreRefusedWhereverTheyStand() throws {
    let directory = try TemporaryDirectory()
    let store = try ResultStore(path: directory.file("s.sqlite"))
    let handle = try SampleStudy.fill(store)
    let cell = SampleStudy.cell(3)
    let before = try store.result(cellHash: cell.hash)
    let rows = [
      SampleStudy.measurement("snr", 1), SampleStudy.measurement("snr", 2, scope: "all"),
      SampleStudy.measurement("mse", 3), SampleStudy.measurement("snr", 4),
    ]
    #expect(
      throws: StoreError.rejected(
        what: "cell \(cell.hash) has two values of 'snr' on 'logits'",
        hint: "a cell has one value for each scope and metric")
    ) { try store.save(SampleStudy.result(cell, rows), run: handle) }
    #expect(try store.result(cellHash: cell.hash) == before)
    try store.save(SampleStudy.result(cell, Array(rows.prefix(3))), run: handle)
    #expect(try store.result(cellHash: cell.hash)?.measurements.count == 3)
  }

  @Test func runOfAnotherStoreIsRefused() throws {
    let directory = try TemporaryDirectory()
    let one = try ResultStore(path: directory.file("one.sqlite"))
    let two = try ResultStore(path: directory.file("two.sqlite"))
    try SampleStudy.fill(one)
    let handle = try SampleStudy.fill(one)
    try SampleStudy.fill(two)
    #expect(throws: StoreError.self) { try two.finishRun(handle, exitCode: 0) }
    #expect(throws: StoreError.self) {
      try two.save(SampleStudy.result(SampleStudy.cell(4), []), run: handle)
    }
  }

  @Test func cellsAreSharedBetweenStudies() throws {
    let directory = try TemporaryDirectory()
    let store = try ResultStore(path: directory.file("s.sqlite"))
    try SampleStudy.fill(store)
    let other = StudyRecord(name: "other", file: "o.yaml", contentHash: "b", resolvedJSON: "{}")
    let cells = [SampleStudy.cell(9), SampleStudy.cell(1), SampleStudy.cell(1)]
    let handle = try store.beginRun(study: other, cells: cells, run: SampleStudy.run)
    #expect(handle.doneHashes == [cells[1].hash])
    #expect(try store.cells(study: "other") == [cells[0], cells[1]])
    #expect(try store.cells(study: "tau-grid").count == 5)
  }

  @Test func aStudyThatShrinksKeepsItsResults() throws {
    let directory = try TemporaryDirectory()
    let store = try ResultStore(path: directory.file("s.sqlite"))
    try SampleStudy.fill(store)
    _ = try store.beginRun(
      study: SampleStudy.study, cells: [SampleStudy.cell(1)], run: SampleStudy.run)
    #expect(try store.cells(study: "tau-grid").count == 1)
    #expect(try store.result(cellHash: SampleStudy.cell(0).hash)?.state == .done)
  }
}
