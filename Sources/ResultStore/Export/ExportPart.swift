import GRDB

/// A further file of an export, `NAME.KEY.csv`, for studies that have something for it.
///
/// A new one is a file with its rows, and a line in `all`.
struct ExportPart {
  /// What stands between the study's name and the ending, and the key in the sidecar.
  let key: String
  let columns: [PublicColumn]
  /// Writes what stands before the rows, all of them and what stands after; returns their number.
  let write: (AtomicFile, RowEncoding, Database) throws -> Int

  /// Those that a study has.
  static func all(study: Int64, _ db: Database) throws -> [ExportPart] {
    [
      try TrainingLines(study: study, db)?.part,
      try ParameterLines(study: study, db)?.part,
    ].compactMap(\.self)
  }
}
