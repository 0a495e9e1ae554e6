import Foundation
import GRDB
import ResultStore
import Testing

/// A damaged store is told of: whatever stands in a column or on a page, no reader traps.
@Suite struct DamagedStoreTests {
  /// Everything that reads a store; returns the errors that are no `StoreError`.
  static func read(_ path: String, export folder: String) -> [any Error] {
    var odd: [any Error] = []
    func attempt(_ body: () throws -> Void) {
      do {
        try body()
      } catch is StoreError {
        return
      } catch {
        odd.append(error)
      }
    }
    // Opened once each: opening takes longer than what is read.
    attempt {
      let store = try ResultStore(readingPath: path)
      attempt { _ = try store.studies() }
      attempt { _ = try store.runs() }
      attempt { _ = try store.cellFormats() }
      for study in ["tau-grid", "along-training"] {
        attempt { _ = try store.cellStates(study: study) }
        attempt { _ = try store.cells(study: study) }
        attempt { _ = try StudyExport(store: store).write(study: study, to: folder) }
      }
      let hashes = (0..<5).map { SampleStudy.cell($0).hash }
      attempt { _ = try store.doneHashes(among: hashes) }
      attempt { _ = try store.storedSteps(training: SampleStudy.training().hash) }
      for hash in hashes { attempt { _ = try store.result(cellHash: hash) } }
    }
    attempt {
      let query = try ReadOnlyQuery(path: path)
      for view in PublicView.all {
        attempt { _ = try query.run("SELECT * FROM \(view.name)") }
      }
      attempt {
        _ = try query.run(
          BudgetQuery.sql(budgets: [10, 1000]),
          parameters: ["study": "tau-grid", "scope": "logits"])
      }
    }
    attempt {
      let store = try ResultStore(path: path, busyTimeout: 0.1)
      try SampleStudy.fill(store)
      try SampleStudy.fillTraining(store)
      try store.close()
    }
    return odd
  }

  /// A small store in one file.
  private static func store(_ directory: TemporaryDirectory) throws -> String {
    let path = directory.file("s.sqlite")
    let store = try ResultStore(path: path)
    let run = try SampleStudy.fill(store)
    try SampleStudy.addMoments(store, run)
    try SampleStudy.fillTraining(store)
    try store.finishRun(run, exitCode: 0)
    try store.close()
    return path
  }

  /// Every column of every table with values that it cannot have.
  @Test func oddValues() throws {
    let directory = try TemporaryDirectory()
    let path = try Self.store(directory)
    let tables = [
      "study", "run", "cell", "study_cell", "result", "cell_scope", "form", "measurement",
      "training", "study_training", "training_step", "training_value", "series_metric",
    ]
    var damaged = 0
    for table in tables {
      let columns = try DatabaseQueue(path: path).read { db in
        try db.columns(in: table).map(\.name)
      }
      for column in columns {
        for value in ["NULL", "'text'", "9000000000000000000", "x'ff00'"] {
          let copy = directory.file("copy.sqlite")
          for ending in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: copy + ending)
          }
          try FileManager.default.copyItem(atPath: path, toPath: copy)
          let queue = try DatabaseQueue(path: copy)
          try queue.writeWithoutTransaction { db in
            try db.execute(
              sql: """
                PRAGMA foreign_keys = 0;
                PRAGMA legacy_alter_table = 1;
                ALTER TABLE \(table) RENAME TO strict_one;
                CREATE TABLE \(table) AS SELECT * FROM strict_one;
                DROP TABLE strict_one;
                UPDATE \(table) SET \(column) = \(value);
                """)
          }
          try queue.close()
          let odd = Self.read(copy, export: directory.file("out"))
          #expect(odd.isEmpty, "\(table).\(column) = \(value): \(odd)")
          do {
            let store = try ResultStore(readingPath: copy)
            _ = try (store.studies(), store.runs(), store.cells(study: "tau-grid"))
          } catch let error as StoreError {
            damaged += 1
            // A study of another name or number is not there.
            #expect(
              error.exitCode == (["name", "id"].contains(column) ? error.exitCode : 5),
              "\(table).\(column) = \(value): \(error)")
          }
        }
      }
    }
    #expect(damaged > 50)
  }

  @Test func theMessageNamesFileColumnAndValue() throws {
    let directory = try TemporaryDirectory()
    let path = try Self.store(directory)
    let queue = try DatabaseQueue(path: path)
    try queue.writeWithoutTransaction { db in
      try db.execute(
        sql: """
          PRAGMA foreign_keys = 0;
          PRAGMA legacy_alter_table = 1;
          ALTER TABLE run RENAME TO strict_one;
          CREATE TABLE run AS SELECT * FROM strict_one;
          DROP TABLE strict_one;
          UPDATE run SET jobs = 'two';
          """)
    }
    try queue.close()
    let error = #expect(throws: StoreError.self) {
      try ResultStore(readingPath: path).runs()
    }
    #expect(error?.exitCode == 5)
    #expect(
      error?.description.hasPrefix(
        "\(path): damaged: 'jobs' of a run is text in place of an integer; ") == true)
  }

  /// Bytes and pages changed at random places (a fixed key): none of 300 mutants makes a reader or a
  /// writer trap, or gives an error that is not a store's.
  @Test func mutatedFiles() throws {
    let directory = try TemporaryDirectory()
    let bytes = try {
      let path = try Self.store(directory)
      return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }()
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(bound))
    }
    let page = 4096
    let pages = bytes.count / page
    for mutant in 0..<300 {
      var mutated = bytes
      switch mutant % 6 {
      case 0: mutated[random(bytes.count)] ^= UInt8(1 << random(8))
      case 1: for _ in 0..<8 { mutated[random(bytes.count)] = UInt8(random(256)) }
      case 2:
        let start = random(pages) * page
        for index in 0..<64 { mutated[start + index] = UInt8(random(256)) }
      case 3:
        let (one, other) = (1 + random(pages - 1), 1 + random(pages - 1))
        mutated.replaceSubrange(
          one * page..<(one + 1) * page, with: bytes[other * page..<(other + 1) * page])
      case 4:
        let start = random(bytes.count - 32)
        for index in 0..<32 { mutated[start + index] = 0 }
      default: mutated.removeLast(1 + random(bytes.count - 1))
      }
      let path = directory.file("mutant.sqlite")
      for ending in ["-wal", "-shm", "-journal"] {
        try? FileManager.default.removeItem(atPath: path + ending)
      }
      try Data(mutated).write(to: URL(fileURLWithPath: path))
      let odd = Self.read(path, export: directory.file("out"))
      #expect(odd.isEmpty, "mutant \(mutant): \(odd)")
    }
  }
}
