import Foundation
import ResultStore
import Testing

@Suite struct KilledRunTests {
  @Test func unfinishedRunShowsStaleCells() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("s.sqlite")
    try SampleStudy.fill(try ResultStore(path: path))
    let store = try ResultStore(path: path)
    let states: [CellState] = [.done, .done, .failed, .diverged, .stale]
    #expect(try store.cellStates(study: "tau-grid").map(\.state) == states)
    #expect(try store.runs().map(\.endedAt) == [nil])

    let handle = try store.beginRun(
      study: SampleStudy.study, cells: (0..<5).map { SampleStudy.cell($0) },
      run: SampleStudy.run)
    #expect(handle.doneHashes == Set((0..<2).map { SampleStudy.cell($0).hash }))
    let hashes = (1..<9).map { SampleStudy.cell($0).hash }
    #expect(try store.doneHashes(among: hashes) == [SampleStudy.cell(1).hash])
    try store.finishRun(handle, exitCode: 130)
    #expect(try store.cellStates(study: "tau-grid").map(\.state).last == .pending)
  }

  /// A copy of the files of an open store is what a killed process leaves: the log was never
  /// brought into the database.
  @Test func theLogHoldsEveryFinishedCell() throws {
    let directory = try TemporaryDirectory()
    let store = try ResultStore(path: directory.file("s.sqlite"))
    try SampleStudy.fill(store)
    for suffix in ["", "-wal"] {
      try FileManager.default.copyItem(
        atPath: directory.file("s.sqlite" + suffix), toPath: directory.file("k.sqlite" + suffix))
    }
    let killed = try ResultStore(path: directory.file("k.sqlite"))
    #expect(try killed.cells(study: "tau-grid") == store.cells(study: "tau-grid"))
    for index in 0..<4 {
      let hash = SampleStudy.cell(index).hash
      let found = try #require(try killed.result(cellHash: hash))
      let expected = try #require(try store.result(cellHash: hash))
      #expect(found.measurements.count == expected.measurements.count)
      #expect(found.state == expected.state)
    }
  }

  @Test func unknownStudyNamesTheNearest() throws {
    let directory = try TemporaryDirectory()
    let store = try ResultStore(path: directory.file("s.sqlite"))
    try SampleStudy.fill(store)
    #expect(throws: StoreError.unknownStudy(name: "tau-grit", nearest: "tau-grid")) {
      _ = try store.cellStates(study: "tau-grit")
    }
    #expect(
      StoreError.unknownStudy(name: "tau-grit", nearest: "tau-grid").description
        == "store: no study 'tau-grit'; did you mean 'tau-grid'?")
  }
}
