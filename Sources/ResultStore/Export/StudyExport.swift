import Foundation
import GRDB

/// Writes a study as a tidy CSV file with a sidecar that explains it.
///
/// `NAME.csv` has the columns of `v_measurements`, one row per cell, scope and metric, in the order
/// of the study, then of scope and metric by bytes. Cells without measurements appear with an
/// empty value and their state. Nothing is rounded or left out. The same store content gives the
/// same bytes on every machine; what depends on the machine stands in `NAME.meta.json` only. The
/// series of a study's trainings stand in `NAME.training.csv`.
public struct StudyExport: Sendable {
  private let store: ResultStore

  /// An export from `store`.
  public init(store: ResultStore) {
    self.store = store
  }

  /// The first line of the CSV file.
  public static let header = PublicView.measurements.columns.map(\.name)

  /// Writes `NAME.csv`, `NAME.meta.json` and, for a study with trainings, `NAME.training.csv` into
  /// `directory`, which is created if need be.
  ///
  /// All files are written beside their place and renamed when whole. Memory does not grow with
  /// the number of rows.
  ///
  /// - Returns: the paths of the files.
  /// - Throws: `StoreError.unknownStudy`, `rejected` for a name that cannot be a file name,
  ///   `unwritable`, `locked` or `corrupt`.
  public func write(study name: String, to directory: String) throws -> [String] {
    try Self.checkFileName(name)
    let base = URL(fileURLWithPath: directory, isDirectory: true)
    let csvPath = base.appendingPathComponent(name + ".csv").path
    let metaPath = base.appendingPathComponent(name + ".meta.json").path
    let trainingPath = base.appendingPathComponent(name + ".training.csv").path
    let hasTrainings = try store.read { db in
      let study = try ResultStore.studyID(named: name, db)
      do {
        try FileManager.default.createDirectory(at: base, withIntermediateDirectories: true)
      } catch {
        throw StoreError.output(
          path: directory,
          reason: FileManager.default.fileExists(atPath: directory)
            ? "this is a file, not a folder" : "the folder cannot be created")
      }
      AtomicFile.sweep(base.path)
      let csv = try AtomicFile(path: csvPath)
      let rows = try MeasurementLines(study: study, name: name).write(to: csv, db)
      let digest = try csv.seal()
      let series = TrainingLines(study: study)
      var training: (file: AtomicFile, entry: ExportSidecar.SeriesFile)?
      if try series.exist(db) {
        let file = try AtomicFile(path: trainingPath)
        let rows = try series.write(to: file, db)
        let entry = ExportSidecar.SeriesFile(
          name: name + ".training.csv", rows: rows, digest: try file.seal())
        training = (file, entry)
      }
      let meta = try AtomicFile(path: metaPath)
      let sidecar = try ExportSidecar(
        study: study, csvName: name + ".csv", rows: rows, digest: digest,
        training: training?.entry, db)
      try meta.append(sidecar.text.utf8)
      _ = try meta.seal()
      try csv.commit()
      try training?.file.commit()
      try meta.commit()
      return training != nil
    }
    return [csvPath] + (hasTrainings ? [trainingPath] : []) + [metaPath]
  }

  private static func checkFileName(_ name: String) throws {
    let isPlain = name.unicodeScalars.allSatisfy { $0 != "/" && $0.value >= 0x20 }
    guard isPlain, !name.isEmpty, !name.hasPrefix("."), name.utf8.count <= 200 else {
      throw StoreError.rejected(
        what: "the study name '\(ShownText.visible(name))' cannot be a file name",
        hint: "give the study a name without '/', not starting with '.', of at most 200 bytes")
    }
  }
}
