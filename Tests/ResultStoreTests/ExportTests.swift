import Fidelity
import Foundation
import ResultStore
import Testing

@Suite struct ExportTests {
  private func store(_ directory: TemporaryDirectory, _ name: String) throws -> ResultStore {
    try ResultStore(path: directory.file(name))
  }

  @Test func headerIsFixed() {
    #expect(
      StudyExport.header.joined(separator: ",")
        == "study,cell,model,state,step,training,estimator,label,target,target_law,tau_forward,tau_backward,seed,"
        + "scope,metric,unit,value,value_kind,se,ci_low,ci_high,ci_level,ci_method,moments,n,"
        + "debiased,resolved,cell_state,tail,warning")
  }

  @Test func linesAreExact() throws {
    let directory = try TemporaryDirectory()
    let store = try store(directory, "s.sqlite")
    try SampleStudy.fill(store)
    let paths = try StudyExport(store: store).write(
      study: "tau-grid", to: directory.file("new/out"))
    #expect(
      paths == [
        directory.file("new/out/tau-grid.csv"), directory.file("new/out/tau-grid.parameters.csv"),
        directory.file("new/out/tau-grid.meta.json"),
      ])
    let lines = try directory.text("new/out/tau-grid.csv").split(separator: "\n")
    #expect(lines.count == 1 + 4 + 4 + 3)
    let rest = "initial,0,,st,st(tau=0),exact,own,,0.0,18446744073709551615"
    let tail = "0.5,-1.0,2.0,0.95,jackknife,monte-carlo,1024,1,0,done,0,"
    let start = "tau-grid,0fffffffffff,categorical-vae 8x4 mnist,\(rest)"
    #expect(lines[1] == "\(start),all,rel_bias,1,nan,nan,\(tail)")
    #expect(lines[2] == "\(start),all,variance,1,0.30000000000000004,finite,\(tail)")
    #expect(lines[3] == "\(start),logits,bias_sq,1,0.010000000000000002,finite,\(tail)")
    #expect(lines[4] == "\(start),logits,rel_bias,1,0.1,finite,\(tail)")
    #expect(lines[9].hasSuffix(",,,,,missing,,,,,,monte-carlo,,,,failed,,"))
    #expect(lines[10].contains(",variance,1,inf,pos_inf,"))
    #expect(lines[11].hasSuffix("551615,,,,,missing,,,,,,,,,,pending,,"))
    for line in lines { #expect(line.filter { $0 == "," }.count == 29) }
  }

  @Test func exportEqualsTheView() throws {
    let directory = try TemporaryDirectory()
    let store = try store(directory, "s.sqlite")
    try SampleStudy.fill(store)
    _ = try StudyExport(store: store).write(study: "tau-grid", to: directory.path)
    let view = try ReadOnlyQuery(path: store.path).run(
      "SELECT * FROM v_measurements ORDER BY cell, scope, metric")
    let spelled = view.rows.map { row in
      guard case .text(let kind) = row[17], let known = ValueKind(rawValue: kind),
        known != .finite, let value = known.value(stored: nil)
      else { return row }
      return Array(row[..<16]) + [.real(value)] + Array(row[17...])
    }
    let text = CSVFormat.text(QueryResult(columns: view.columns, rows: spelled))
    #expect(try directory.text("tau-grid.csv") == text)
  }

  @Test func sameContentGivesTheSameBytes() throws {
    let directory = try TemporaryDirectory()
    let one = try store(directory, "one.sqlite")
    try SampleStudy.fill(one)
    // Another machine, another order of work, a cell done twice, another study before it.
    let two = try store(directory, "two.sqlite")
    var run = SampleStudy.run
    run.host = "other"
    run.cpu = "other"
    _ = try two.beginRun(
      study: StudyRecord(name: "a", file: "a", contentHash: "a", resolvedJSON: "{}"),
      cells: [SampleStudy.cell(3)], run: run)
    let handle = try SampleStudy.fill(two)
    let again = try #require(try two.result(cellHash: SampleStudy.cell(0).hash))
    try two.save(
      CellResult(
        cellHash: again.cellHash, state: .done, moments: again.moments, seconds: 9,
        measurements: again.measurements.reversed()), run: handle)
    _ = try StudyExport(store: one).write(study: "tau-grid", to: directory.file("1"))
    _ = try StudyExport(store: two).write(study: "tau-grid", to: directory.file("2"))
    #expect(try directory.bytes("1/tau-grid.csv") == directory.bytes("2/tau-grid.csv"))
  }

  @Test func sidecarDescribesTheFile() throws {
    let directory = try TemporaryDirectory()
    let store = try store(directory, "s.sqlite")
    let handle = try SampleStudy.fill(store)
    try store.finishRun(handle, exitCode: 3)
    _ = try StudyExport(store: store).write(study: "tau-grid", to: directory.path)
    let data = try Data(contentsOf: URL(fileURLWithPath: directory.file("tau-grid.meta.json")))
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(object["rows"] as? Int == 11)
    #expect(object["csv"] as? String == "tau-grid.csv")
    #expect(object["study_hash"] as? String == "aa11")
    #expect(object["schema_version"] as? Int == StoreSchema.version)
    #expect((object["sha256"] as? String)?.count == 64)
    #expect(object["seeds"] as? [String] == ["18446744073709551615"])
    #expect(
      object["cells"] as? [String: Int]
        == ["done": 2, "failed": 1, "diverged": 1, "pending": 1])
    #expect((object["columns"] as? [Any])?.count == 30)
    #expect((object["metrics"] as? [Any])?.count == Metric.allCases.count)
    let runs = try #require(object["runs"] as? [[String: Any]])
    #expect(runs.count == 1)
    #expect(runs.first?["cpu"] as? String == "cpu model")
    #expect(runs.first?["host"] == nil)
    let text = try directory.text("tau-grid.meta.json")
    #expect(text.contains(#""resolved_study": {"format": 1, "seed": 18446744073709551615}"#))
  }

  @Test func oldFilesStayWhenAnExportFails() throws {
    let directory = try TemporaryDirectory()
    let store = try store(directory, "s.sqlite")
    try SampleStudy.fill(store)
    let export = StudyExport(store: store)
    _ = try export.write(study: "tau-grid", to: directory.file("out"))
    let before = try directory.bytes("out/tau-grid.csv")
    #expect(throws: StoreError.self) {
      _ = try export.write(study: "tau-grit", to: directory.file("out"))
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: directory.file("out"))
    #expect(names.sorted() == ["tau-grid.csv", "tau-grid.meta.json", "tau-grid.parameters.csv"])
    #expect(try directory.bytes("out/tau-grid.csv") == before)
    try "x".write(toFile: directory.file("file"), atomically: false, encoding: .utf8)
    #expect(throws: StoreError.self) {
      _ = try export.write(study: "tau-grid", to: directory.file("file/out"))
    }
  }

  @Test func aFailedExportLeavesNoTemporaryFile() throws {
    let directory = try TemporaryDirectory()
    let store = try store(directory, "s.sqlite")
    try SampleStudy.fill(store)
    // A directory in the place of the CSV file: everything is written, the rename fails.
    try FileManager.default.createDirectory(
      atPath: directory.file("out/tau-grid.csv"), withIntermediateDirectories: true)
    #expect(throws: StoreError.self) {
      _ = try StudyExport(store: store).write(study: "tau-grid", to: directory.file("out"))
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: directory.file("out"))
    #expect(names == ["tau-grid.csv"])
  }

  @Test(arguments: ["a/b", "", ".hidden", "..", "a\u{0}b"])
  func namesThatAreNoFileNamesAreRefused(name: String) throws {
    let directory = try TemporaryDirectory()
    let store = try store(directory, "s.sqlite")
    _ = try store.beginRun(
      study: StudyRecord(name: name, file: "f", contentHash: "h", resolvedJSON: "{}"),
      cells: [], run: SampleStudy.run)
    #expect(throws: StoreError.self) {
      _ = try StudyExport(store: store).write(study: name, to: directory.path)
    }
  }

  @Test func emptyStudyHasAHeaderOnly() throws {
    let directory = try TemporaryDirectory()
    let store = try store(directory, "s.sqlite")
    _ = try store.beginRun(study: SampleStudy.study, cells: [], run: SampleStudy.run)
    _ = try StudyExport(store: store).write(study: "tau-grid", to: directory.path)
    #expect(
      try directory.text("tau-grid.csv") == StudyExport.header.joined(separator: ",") + "\n")
  }
}
