import Fidelity
import ResultStore
import Testing

/// Warnings go into the store with their numbers, and come out of every view and file.
@Suite struct WarningTests {
  private func filled(_ directory: TemporaryDirectory) throws -> ResultStore {
    let store = try ResultStore(path: directory.file("s.sqlite"))
    let cells = (0..<3).map { SampleStudy.cell($0) }
    let handle = try store.beginRun(study: SampleStudy.study, cells: cells, run: SampleStudy.run)
    var flagged = SampleStudy.measurement("variance", 2)
    flagged.warnings = [.rounding, .tail]
    var rare = SampleStudy.measurement("bias_sq", 0.5)
    rare.warnings = [.rare]
    rare.ciLevel = nil
    try store.save(
      SampleStudy.result(
        cells[0],
        [flagged, rare, SampleStudy.measurement("rel_bias", 0.1, scope: "all")]), run: handle)
    try store.save(
      SampleStudy.result(cells[1], [SampleStudy.measurement("variance", 2)]), run: handle)
    return store
  }

  @Test func viewsShowThem() throws {
    let directory = try TemporaryDirectory()
    let query = try ReadOnlyQuery(path: try filled(directory).path)
    let long = try query.run(
      "SELECT cell, scope, metric, tail, warning, ci_level FROM v_measurements ORDER BY 1, 2, 3")
    let level = QueryValue.real(0.95)
    let short = (0..<3).map { QueryValue.text("\($0)ffffffffffff".prefix(12).description) }
    #expect(
      long.rows == [
        [short[0], .text("all"), .text("rel_bias"), .integer(0), .text(""), level],
        [short[0], .text("logits"), .text("bias_sq"), .integer(0), .text("rare"), .null],
        [short[0], .text("logits"), .text("variance"), .integer(1), .text("tail,rounding"), level],
        [short[1], .text("logits"), .text("variance"), .integer(0), .text(""), level],
        [short[2], .null, .null, .null, .text(""), .null],
      ])
    let wide = try query.run(
      "SELECT cell, scope, tail, warning FROM v_fidelity ORDER BY cell, scope")
    #expect(
      wide.rows == [
        [short[0], .text("all"), .integer(0), .text("")],
        [short[0], .text("logits"), .integer(1), .text("tail,rare,rounding")],
        [short[1], .text("logits"), .integer(0), .text("")],
        [short[2], .null, .null, .text("")],
      ])
  }

  @Test func theyAreReadBack() throws {
    let directory = try TemporaryDirectory()
    let store = try filled(directory)
    let found = try #require(try store.result(cellHash: SampleStudy.cell(0).hash)).measurements
    #expect(found.map(\.warnings) == [[], [.rare], [.tail, .rounding]])
    #expect(found.map(\.ciLevel) == [0.95, nil, 0.95])
  }

  @Test func theExportHasThem() throws {
    let directory = try TemporaryDirectory()
    let store = try filled(directory)
    _ = try StudyExport(store: store).write(study: "tau-grid", to: directory.path)
    let ends = try directory.text("tau-grid.csv").split(separator: "\n").map {
      $0.components(separatedBy: ",0,")[1...].joined(separator: ",0,")
    }
    #expect(ends[1].hasSuffix("done,0,"))
    #expect(ends[2].hasSuffix("done,0,rare"))
    #expect(ends[3].hasSuffix("done,1,\"tail,rounding\""))
  }
}
