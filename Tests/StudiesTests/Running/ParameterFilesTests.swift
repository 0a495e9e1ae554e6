import Foundation
import Networks
import ResultStore
import Studies
import Testing

/// Files of the moments of every parameter: what is in them, when they are written, and what is done where they are
/// gone.
@Suite struct ParameterFilesTests {
  private static let measure = "draws: 64, blocks: 8, per-draw-samples: 0, parameters: true"

  /// Weights and biases of a 784-32-16-6 encoder, and 24 logits of 4 rows.
  private static let coordinates: Int64 = 25_774

  private static func vae(_ measure: String = measure) -> String {
    StudyTexts.vae(states: ["initial"], estimators: ["st", "reinforce"])
      .replacing("draws: 64, blocks: 8, per-draw-samples: 8", with: measure)
  }

  private func files(_ laboratory: Laboratory) -> ParameterFiles {
    ParameterFiles(storePath: laboratory.path + "/s.sqlite")
  }

  private func read(_ path: String) throws -> SafetensorsFile {
    try SafetensorsFile(decoding: Array(Data(contentsOf: URL(fileURLWithPath: path))))
  }

  private func rows(_ store: ResultStore, _ sql: String) throws -> [[QueryValue]] {
    try ReadOnlyQuery(path: store.path).run(sql).rows
  }

  /// An export has the rows of the view in the order of the study, and copies of its files, also where another study
  /// has some of its cells; it ends where a file is not what the store knows of.
  @Test func exportsHoldQuantilesAndFiles() throws {
    let laboratory = try Laboratory()
    let store = try laboratory.store()
    _ = try laboratory.run(Self.vae(), in: store)
    let other = Self.vae().replacing("name: vae", with: "name: other")
      .replacing("kind: reinforce", with: "kind: reinmax")
    #expect(try laboratory.run(other, in: store).reused == 1)
    let out = laboratory.path + "/out"
    let paths = try StudyExport(store: store).write(study: "vae", to: out)
    #expect(
      paths == ["csv", "parameters.csv", "meta.json"].map { "\(out)/vae.\($0)" })
    let bytes = try Data(contentsOf: URL(fileURLWithPath: paths[1]))
    let view = try ReadOnlyQuery(path: store.path).run(
      """
      SELECT p.* FROM v_parameters p JOIN v_cells c ON c.study = p.study AND c.cell = p.cell
      WHERE p.study = 'vae' ORDER BY c.position, p.scope, p.quantity, p.quantile
      """)
    #expect(view.rows.count > 100)
    #expect(String(decoding: bytes, as: UTF8.self) == CSVFormat.text(view))
    let sidecar =
      try JSONSerialization.jsonObject(
        with: Data(contentsOf: URL(fileURLWithPath: paths[2]))) as? [String: Any]
    let entry = sidecar?["parameters"] as? [String: Any]
    #expect(entry?["csv"] as? String == "vae.parameters.csv")
    #expect(entry?["rows"] as? Int == view.rows.count)
    #expect(entry?["sha256"] as? String == SHA256.hexadecimal(of: bytes))
    let columns = entry?["columns"] as? [[String: Any]]
    #expect(columns?.map { $0["name"] as? String } == view.columns)

    let own = files(laboratory)
    #expect(try own.export(study: "vae", of: store, to: out) == out + "/vae-parameters")
    let cells = try store.cells(study: "vae").map(\.hash)
    for cell in cells {
      let copy = "\(out)/vae-parameters/\(ParameterFiles.name(cell: cell))"
      let bytes = try Data(contentsOf: URL(fileURLWithPath: copy))
      #expect(try bytes == Data(contentsOf: URL(fileURLWithPath: own.path(cell: cell))))
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: out + "/vae-parameters")
    #expect(Set(names) == Set(cells.map(ParameterFiles.name)))
    var file = try Data(contentsOf: URL(fileURLWithPath: own.path(cell: cells[0])))
    file[file.count - 1] ^= 1
    try file.write(to: URL(fileURLWithPath: own.path(cell: cells[0])))
    let changed = #expect(throws: StoreError.self) {
      try own.export(study: "vae", of: store, to: out)
    }
    #expect(changed?.exitCode == 5)
    try FileManager.default.removeItem(atPath: own.path(cell: cells[0]))
    let gone = #expect(throws: StoreError.self) {
      try own.export(study: "vae", of: store, to: out)
    }
    #expect(gone?.description.contains("run the study again") == true)
  }

  /// A study that did not ask for single parameters has no folder of them.
  @Test func otherStudiesExportNone() throws {
    let laboratory = try Laboratory()
    let store = try laboratory.store()
    _ = try laboratory.run(StudyTexts.toy(), in: store)
    let out = laboratory.path + "/out"
    #expect(try files(laboratory).export(study: "toy", of: store, to: out) == nil)
    #expect(!FileManager.default.fileExists(atPath: out))
  }

  @Test(arguments: ["auto", "monte-carlo"]) func theyHoldWhatTheStoreSays(_ moments: String) throws
  {
    let laboratory = try Laboratory()
    let store = try laboratory.store()
    let outcome = try laboratory.run(
      Self.vae(Self.measure + ", moments: \(moments)"), in: store)
    #expect(outcome.measured == 2 && outcome.failures.isEmpty)
    for cell in try store.cells(study: "vae") {
      let path = files(laboratory).path(cell: cell.hash)
      let file = try read(path)
      #expect(file.metadata["cell"] == cell.hash && file.metadata["form"] == ParameterFiles.form)
      #expect(file.metadata["estimator"] == cell.estimatorLabel)
      #expect(file.metadata["draws"] == (moments == "auto" ? nil : "64"))
      let names = [
        "encoder.1.weight", "encoder.1.bias", "encoder.2.weight", "encoder.2.bias",
        "encoder.3.weight", "encoder.3.bias", "logits",
      ]
      let wanted = ParameterFiles.kinds.flatMap { kind in names.map { "\(kind)/\($0)" } }
      #expect(Set(file.tensors.map(\.name)) == Set(wanted))
      #expect(file["mean/encoder.1.weight"]?.shape == [784, 32])
      #expect(file["target/encoder.3.bias"]?.shape == [6])
      #expect(file["variance_error/logits"]?.shape == [4, 2, 3])
      let result = try #require(try store.result(cellHash: cell.hash))
      for scope in ["logits", "encoder.1", "encoder.2", "encoder.3"] {
        let own = file.tensors.filter { $0.name.hasPrefix("variance/\(scope)") }
        let sum = own.reduce(0.0) { $0 + $1.values(as: Double.self).reduce(0, +) }
        let stored = try #require(
          result.measurements.first { $0.scope == scope && $0.metric == "variance" }?.value)
        #expect(abs(sum - stored) <= 1e-4 * stored, "\(scope)")
      }
      let most = file["variance/encoder.3.weight"]?.values(as: Double.self).max() ?? 0
      let bias = file["variance/encoder.3.bias"]?.values(as: Double.self).max() ?? 0
      let short = cell.hash.prefix(12)
      #expect(
        try rows(
          store,
          """
          SELECT value, count FROM v_parameters WHERE cell = '\(short)' AND scope = 'encoder.3'
            AND quantity = 'variance' AND quantile = 1
          """) == [[.real(max(most, bias)), .integer(102)]])
      let size = try Data(contentsOf: URL(fileURLWithPath: path)).count
      #expect(
        try rows(
          store,
          "SELECT file, bytes, coordinates FROM v_parameter_files WHERE cell = '\(short)'")
          == [
            [
              .text(ParameterFiles.name(cell: cell.hash)), .integer(Int64(size)),
              .integer(Self.coordinates),
            ]
          ])
    }
  }

  /// The other numbers are those of a study without the key, to the bit; the cells are others.
  @Test func nothingElseChanges() throws {
    let laboratory = try Laboratory()
    let plain = Self.vae("draws: 64, blocks: 8, per-draw-samples: 0")
    let without = try laboratory.resolve(plain).cells
    let off = try laboratory.resolve(
      plain.replacing("draws: 64", with: "parameters: false, draws: 64"))
    #expect(without.map(\.hash) == off.cells.map(\.hash))
    #expect(without.allSatisfy { !$0.record.resolvedJSON.contains(#""parameters":true"#) })
    let with = try laboratory.resolve(Self.vae()).cells
    #expect(Set(with.map(\.hash)).isDisjoint(with: without.map(\.hash)))
    let store = try laboratory.store()
    _ = try laboratory.run(plain, in: store)
    #expect(!FileManager.default.fileExists(atPath: files(laboratory).directory))
    _ = try laboratory.run(Self.vae(), in: store)
    for (cell, other) in zip(without, with) {
      let (a, b) = (try store.result(cellHash: cell.hash), try store.result(cellHash: other.hash))
      #expect(a?.measurements == b?.measurements && a?.measurements.isEmpty == false)
    }
    #expect(try rows(store, "SELECT count(*) FROM v_parameter_files") == [[.integer(2)]])
  }

  /// A file that is gone, cut off, or another cell's is written again; one that is there is left alone.
  @Test(arguments: ["gone", "cut", "swapped"]) func aLostFileIsMadeAgain(_ fault: String) throws {
    let laboratory = try Laboratory()
    let store = try laboratory.store()
    _ = try laboratory.run(Self.vae(), in: store)
    let paths = try store.cells(study: "vae").map { files(laboratory).path(cell: $0.hash) }
    let before = try paths.map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
    #expect(try laboratory.run(Self.vae(), in: store).reused == 2)
    switch fault {
    case "gone": try FileManager.default.removeItem(atPath: paths[0])
    case "cut": try before[0].dropLast(8).write(to: URL(fileURLWithPath: paths[0]))
    default:
      // Of the same size: metadata tell them apart.
      var bytes = before[0]
      let hash = Data(try store.cells(study: "vae")[0].hash.utf8)
      let place = try #require(bytes.range(of: hash))
      bytes.replaceSubrange(place, with: Data(try store.cells(study: "vae")[1].hash.utf8))
      try bytes.write(to: URL(fileURLWithPath: paths[0]))
    }
    let log = ProgressLog()
    let outcome = try laboratory.run(Self.vae(), in: store, seen: log)
    #expect(outcome.measured == 1 && outcome.reused == 1 && outcome.failures.isEmpty)
    #expect(
      log.all.contains {
        if case .warning(let text) = $0 { text.contains("1 cell is measured again") } else { false }
      })
    #expect(try paths.map { try Data(contentsOf: URL(fileURLWithPath: $0)) } == before)
  }

  /// Where a file cannot be written its cell is not stored, and nothing is left of it; what a killed process left
  /// is removed.
  @Test func nothingIsHalfWritten() throws {
    let laboratory = try Laboratory()
    let store = try laboratory.store()
    let folder = files(laboratory).directory
    try Data().write(to: URL(fileURLWithPath: folder))
    #expect(throws: StoreError.self) { try laboratory.run(Self.vae(), in: store) }
    #expect(try store.cellStates(study: "vae").allSatisfy { $0.state != .done })
    try FileManager.default.removeItem(atPath: folder)
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true)
    // No process has this number.
    try Data([1, 2]).write(
      to: URL(fileURLWithPath: folder + "/.half.safetensors.4194305-1.gradfid.tmp"))
    #expect(try laboratory.run(Self.vae(), in: store).measured == 2)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
    let wanted = try store.cells(study: "vae").map { ParameterFiles.name(cell: $0.hash) }
    #expect(names.sorted() == wanted.sorted())
  }

  /// A problem without parameters upstream has its logits.
  @Test func toysHaveTheirLogits() throws {
    let laboratory = try Laboratory()
    let store = try laboratory.store()
    _ = try laboratory.run(StudyTexts.toy(measure: Self.measure), in: store)
    let cell = try #require(try store.cells(study: "toy").first)
    let file = try read(files(laboratory).path(cell: cell.hash))
    #expect(file.tensors.count == 6 && file["mean/logits"]?.shape == [1, 1, 2])
    #expect(
      try rows(store, "SELECT DISTINCT scope FROM v_parameters") == [[.text("logits")]])
  }

  /// `plan` foretells the size of the files.
  @Test func plansForetellTheirSize() throws {
    let laboratory = try Laboratory()
    let study = try laboratory.resolve(Self.vae())
    let plan = try StudyPlan(study, environment: laboratory.environment, jobs: 1)
    let notes = plan.rows.compactMap(\.forecast).flatMap(\.notes)
    #expect(notes.contains { $0.hasPrefix("files of parameters: 2 of 1.2 MiB") }, "\(notes)")
  }
}
