import Foundation
import GradientFidelity

extension StoreWorkload {
  /// Saves every cell through a `CellWriter`, as a run does. Making the numbers up is part of
  /// the time, registering the cells too.
  static func insert(_ study: SyntheticStudy, path: String) throws -> WorkloadTiming {
    var making = 0.0
    var timing = try WorkloadTiming(name("insert", study)) {
      let began = Date()
      let cells = study.cells
      making += Date().timeIntervalSince(began)
      let store = try ResultStore(path: path)
      let handle = try store.beginRun(study: study.study, cells: cells, run: study.run)
      let writer = CellWriter(store: store, run: handle)
      for index in 0..<study.cellCount {
        let began = Date()
        let result = study.result(index)
        making += Date().timeIntervalSince(began)
        try writer.save(result)
      }
      try writer.finish()
      try store.finishRun(handle, exitCode: 0)
      try store.close()
      return (study.cellCount * study.measurementsPerCell, "")
    }
    let bytes = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
    timing.notes = String(
      format: "%.2f s of it making up the numbers; file of %.0f MB", making, Double(bytes) / 1e6)
    return timing
  }
}
