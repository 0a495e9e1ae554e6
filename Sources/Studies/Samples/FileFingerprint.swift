import Fidelity
import Foundation
import Models
import ResultStore

/// SHA-256 of a file, read in pieces of 1 MiB.
enum FileFingerprint {
  /// In lower-case hexadecimal.
  ///
  /// - Throws: `ModelFileError` if the file is missing, is a folder or cannot be read.
  static func sha256(_ path: String) throws -> String {
    let source = try SequentialFile(path)
    let hash = SHA256()
    try source.forEachPiece { hash.update($0) }
    return hash.hexadecimal()
  }
}
