import Foundation
import GradientFidelity

/// What the store costs: saving, asking, exporting, and the bookkeeping around tiny cells.
enum StoreWorkload {
  /// Runs the workloads whose names are wanted, each on a fresh store in a folder that is removed.
  static func run(
    wanted: (String) -> Bool, report: (WorkloadTiming) throws -> Void
  ) throws {
    let sizes = [(cells: 5_000, measurements: 200), (cells: 50_000, measurements: 20)]
    for size in sizes {
      let study = SyntheticStudy(cellCount: size.cells, measurementsPerCell: size.measurements)
      let kinds = ["insert", "aggregate", "export"].filter { wanted(name($0, study)) }
      guard !kinds.isEmpty else { continue }
      try inFolder { folder in
        let path = folder + "/store.sqlite"
        let inserted = try insert(study, path: path)
        if kinds.contains("insert") { try report(inserted) }
        if kinds.contains("aggregate") {
          for timing in try aggregate(study, path: path) { try report(timing) }
        }
        if kinds.contains("export") { try report(export(study, path: path, to: folder)) }
      }
    }
    for kind in TinyCells.allCases where wanted(kind.rawValue) {
      try inFolder { folder in
        for timing in try tinyCells(kind, folder: folder) { try report(timing) }
      }
    }
  }

  /// The name of a workload on a study.
  static func name(_ kind: String, _ study: SyntheticStudy) -> String {
    "\(kind)-\(study.cellCount)x\(study.measurementsPerCell)"
  }

  private static func inFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("gradfid-bench-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }
}
