import Foundation
import GRDB

/// Writes a study as a tidy file with a sidecar that explains it.
///
/// `NAME.csv` (or with the ending of another format) has the columns of `v_measurements`, one row per
/// cell, scope and metric, in the order of the study, then of scope and metric by bytes. Cells without
/// measurements appear with an empty value and their state. Nothing is rounded or left out. The same
/// store content gives the same bytes on every machine; what depends on the machine stands in
/// `NAME.meta.json` only. The series of a study's trainings stand in `NAME.training.csv`, quantiles over single
/// parameters in `NAME.parameters.csv`.
public struct StudyExport: Sendable {
  private let store: ResultStore

  /// An export from `store`.
  public init(store: ResultStore) {
    self.store = store
  }

  /// The columns of the file.
  public static let header = PublicView.measurements.columns.map(\.name)

  /// Writes `NAME.csv`, `NAME.meta.json` and the further files that the study has into `directory`, which is created
  /// if need be. The format's name is the ending.
  ///
  /// All files are written beside their place and renamed when whole. Memory does not grow with
  /// the number of rows.
  ///
  /// - Parameter format: one of `OutputFormat.streamed`.
  /// - Returns: the paths of the files.
  /// - Throws: `StoreError.unknownStudy`, `rejected` for a name that cannot be a file name and for a
  ///   format that needs all rows at once, `unwritable`, `locked` or `corrupt`.
  public func write(
    study name: String, to directory: String, as format: OutputFormat = .csv
  ) throws -> [String] {
    try Self.checkFileName(name)
    guard let encoding = format.encoding else {
      throw StoreError.rejected(
        what: "an export cannot be written as \(format.rawValue)",
        hint: "the formats of an export are \(OutputFormat.names(OutputFormat.streamed, "and"))")
    }
    let ending = "." + format.rawValue
    let base = URL(fileURLWithPath: directory, isDirectory: true)
    let csvPath = base.appendingPathComponent(name + ending).path
    let metaPath = base.appendingPathComponent(name + ".meta.json").path
    let partPaths = try store.read { db in
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
      let rows = try MeasurementLines(study: study, name: name).write(to: csv, as: encoding, db)
      let digest = try csv.seal()
      var parts: [(file: AtomicFile, entry: ExportSidecar.PartFile)] = []
      for part in try ExportPart.all(study: study, db) {
        let partName = "\(name).\(part.key)\(ending)"
        let file = try AtomicFile(path: base.appendingPathComponent(partName).path)
        let rows = try part.write(file, encoding, db)
        let entry = ExportSidecar.PartFile(
          key: part.key, name: partName, rows: rows, digest: try file.seal(), columns: part.columns)
        parts.append((file, entry))
      }
      let meta = try AtomicFile(path: metaPath)
      let sidecar = try ExportSidecar(
        study: study, format: format, name: name + ending, rows: rows, digest: digest,
        parts: parts.map(\.entry), db)
      try meta.append(sidecar.text.utf8)
      _ = try meta.seal()
      try csv.commit()
      for part in parts { try part.file.commit() }
      try meta.commit()
      return parts.map { base.appendingPathComponent($0.entry.name).path }
    }
    return [csvPath] + partPaths + [metaPath]
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
