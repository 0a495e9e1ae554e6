import Foundation
import GradientFidelity

extension StoreWorkload {
  /// Writes the study as `gradfid export` does: CSV, sidecar and checksum.
  static func export(
    _ study: SyntheticStudy, path: String, to folder: String
  ) throws -> WorkloadTiming {
    var files: [String] = []
    var timing = try WorkloadTiming(name("export", study)) {
      let store = try ResultStore(readingPath: path)
      files = try StudyExport(store: store).write(study: study.name, to: folder + "/export")
      return (study.cellCount * study.measurementsPerCell, "")
    }
    let bytes = try files.reduce(0) { sum, file in
      sum + (try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int ?? 0)
    }
    timing.notes = String(format: "%.0f MB", Double(bytes) / 1e6)
    return timing
  }
}
