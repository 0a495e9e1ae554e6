import Foundation
import ResultStore

/// The saved state of a training in progress: the newest file and the one before it.
///
/// Several processes may run the same training at once. Each writes to a file of its own and renames
/// it into place, so that a file of these names is whole whoever wrote it; as a training has the
/// same bits everywhere, any of them may go on from it.
struct ResumeFiles {
  let folder: String
  let name: String
  /// Hash of the training or of the trained weights.
  let identity: String

  private static let form = "gradfid-resume/2"

  var newest: String { "\(folder)/\(name).resume" }
  var previous: String { newest + ".previous" }

  /// The bytes of a file; nil where there is none.
  ///
  /// - Throws: `IdentifiedFile.Refusal`.
  func load(_ path: String) throws -> [UInt8]? {
    try file(path).read().map { [UInt8]($0) }
  }

  /// Written beside and renamed, so that at any moment one of the two files is whole.
  ///
  /// - Throws: `StudyRunError.checkpoint` if a file cannot be written.
  func save(_ bytes: [UInt8]) throws {
    let failure = StudyRunError.checkpoint(
      "\(newest): cannot be written; check the folder's rights and the disk")
    do {
      try file(newest).write([Data(bytes)]) {
        guard rename(newest, previous) == 0 || errno == ENOENT else { throw failure }
      }
    } catch {
      throw failure
    }
  }

  /// Removes a file that cannot be read, so that it does not take the place of a good one.
  func drop(_ path: String) { unlink(path) }

  /// Removes what a finished training has no use for.
  func remove() {
    for path in [newest, previous] { unlink(path) }
  }

  private func file(_ path: String) -> IdentifiedFile {
    IdentifiedFile(path: path, form: Self.form, identity: identity)
  }
}
