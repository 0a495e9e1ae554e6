import Crypto
import Fidelity
import Foundation
import Models

/// SHA-256 of a file, read in pieces of 1 MiB.
enum FileFingerprint {
  /// In lower-case hexadecimal.
  ///
  /// - Throws: `ModelFileError` if the file is missing, is a folder or cannot be read.
  static func sha256(_ path: String) throws -> String {
    let source = try SequentialFile(path)
    var hash = SHA256()
    try source.forEachPiece { hash.update(bufferPointer: $0) }
    return hash.finalize().map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}
