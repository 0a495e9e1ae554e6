import Foundation
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
