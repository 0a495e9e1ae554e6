import Foundation
import ResultStore
import Testing

@Suite struct CellWriterTests {
  private func opened(
    _ directory: TemporaryDirectory, cells: [CellRecord]
  ) throws -> (ResultStore, CellWriter) {
    let store = try ResultStore(path: directory.file("s.sqlite"))
    let handle = try store.beginRun(study: SampleStudy.study, cells: cells, run: SampleStudy.run)
    return (store, CellWriter(store: store, run: handle))
  }

  @Test func everyCellIsThereWhenItHasFinished() throws {
    let directory = try TemporaryDirectory()
    let cells = (0..<8).map { SampleStudy.cell($0) }
    let (store, writer) = try opened(directory, cells: cells)
    let results = cells.map { SampleStudy.result($0, SampleStudy.rows(3)) }
    for result in results { try writer.save(result) }
    try writer.finish()
    for result in results { #expect(try store.result(cellHash: result.cellHash) == result) }
    // It may be used again, and a cell that comes again is replaced.
    let shorter = SampleStudy.result(cells[0], SampleStudy.rows(1))
    try writer.save(shorter)
    try writer.finish()
    #expect(try store.result(cellHash: cells[0].hash) == shorter)
  }

  /// More measurements than may wait.
  @Test func largeCellsAreSavedWhole() throws {
    let directory = try TemporaryDirectory()
    let cells = (0..<3).map { SampleStudy.cell($0) }
    let (store, writer) = try opened(directory, cells: cells)
    for cell in cells { try writer.save(SampleStudy.result(cell, SampleStudy.rows(60_000))) }
    try writer.finish()
    let counts = try ReadOnlyQuery(path: store.path).run(
      "SELECT count(*) FROM v_measurements GROUP BY cell")
    #expect(counts.rows == [[.integer(60_000)], [.integer(60_000)], [.integer(60_000)]])
  }

  /// A cell is not kept waiting for the next one.
  @Test func aCellIsSavedWithoutAnother() throws {
    let directory = try TemporaryDirectory()
    let (store, writer) = try opened(directory, cells: [SampleStudy.cell(0)])
    let result = SampleStudy.result(SampleStudy.cell(0), SampleStudy.rows(2))
    try writer.save(result)
    let limit = ContinuousClock.now + .seconds(20)
    while try store.result(cellHash: result.cellHash) == nil, ContinuousClock.now < limit {
      usleep(2000)
    }
    #expect(try store.result(cellHash: result.cellHash) == result)
  }

  /// A transaction of several cells, one of them refused: the others are kept, and the writer says
  /// why from then on.
  @Test func aRefusedCellTakesNoOtherWithIt() throws {
    let directory = try TemporaryDirectory()
    let cells = (0..<4).map { SampleStudy.cell($0) }
    let (store, writer) = try opened(directory, cells: cells)
    try writer.save(SampleStudy.result(cells[0], SampleStudy.rows(1)))
    try writer.finish()
    // So soon after a transaction cells wait for each other.
    try writer.save(SampleStudy.result(cells[1], SampleStudy.rows(1)))
    try writer.save(SampleStudy.result(cells[2], SampleStudy.rows(1) + SampleStudy.rows(1)))
    let refused = StoreError.rejected(
      what: "cell \(cells[2].hash) has two values of 'metric-100000' on 'logits'",
      hint: "a cell has one value for each scope and metric")
    #expect(throws: refused) { try writer.finish() }
    #expect(try store.result(cellHash: cells[1].hash) != nil)
    #expect(try store.result(cellHash: cells[2].hash) == nil)
    #expect(throws: refused) { try writer.save(SampleStudy.result(cells[3], SampleStudy.rows(1))) }
  }

  /// Cells that finish before their run is registered wait for it.
  @Test func aRunIsRegisteredBesideItsFirstCells() throws {
    let directory = try TemporaryDirectory()
    let store = try ResultStore(path: directory.file("s.sqlite"))
    let cells = (0..<3).map { SampleStudy.cell($0) }
    let mayBegin = DispatchSemaphore(value: 0)
    let writer = CellWriter(store: store) {
      mayBegin.wait()
      return try store.beginRun(study: SampleStudy.study, cells: cells, run: SampleStudy.run)
    }
    let results = cells.map { SampleStudy.result($0, SampleStudy.rows(2)) }
    for result in results { try writer.save(result) }
    #expect(try store.studies().isEmpty)
    mayBegin.signal()
    let handle = try writer.registered()
    try writer.finish()
    for result in results { #expect(try store.result(cellHash: result.cellHash) == result) }
    try store.finishRun(handle, exitCode: 0)
    #expect(try store.runs().map(\.exitCode) == [0])
  }

  @Test func aRunThatIsRefusedSavesNothing() throws {
    let directory = try TemporaryDirectory()
    let store = try ResultStore(path: directory.file("s.sqlite"))
    let refused = StoreError.rejected(what: "the run", hint: "none")
    let writer = CellWriter(store: store) { throw refused }
    #expect(throws: refused) { _ = try writer.registered() }
    let result = SampleStudy.result(SampleStudy.cell(0), SampleStudy.rows(1))
    #expect(throws: refused) { try writer.save(result) }
    #expect(throws: refused) { try writer.finish() }
  }
}
