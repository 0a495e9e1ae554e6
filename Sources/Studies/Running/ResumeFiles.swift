import Discrete
import Foundation

/// The saved state of a training in progress: the newest file and the one before it.
struct ResumeFiles {
  let folder: String
  let name: String

  var newest: String { "\(folder)/\(name).resume" }
  var previous: String { newest + ".previous" }

  /// The bytes of a file; nil where there is none.
  func load(_ path: String) -> [UInt8]? {
    FileManager.default.contents(atPath: path).map { [UInt8]($0) }
  }

  /// Written beside and renamed, so that at any moment one of the two files is whole.
  ///
  /// - Throws: `StudyRunError.checkpoint` if a file cannot be written.
  func save(_ bytes: [UInt8]) throws {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try Data(bytes).write(to: URL(fileURLWithPath: newest + ".new"))
    } catch {
      throw Self.unwritable(newest)
    }
    guard rename(newest, previous) == 0 || errno == ENOENT, rename(newest + ".new", newest) == 0
    else { throw Self.unwritable(newest) }
  }

  /// Removes a file that cannot be read, so that it does not take the place of a good one.
  func drop(_ path: String) { unlink(path) }

  /// Removes what a finished training has no use for.
  func remove() {
    for path in [newest, previous, newest + ".new"] { unlink(path) }
  }

  private static func unwritable(_ path: String) -> StudyRunError {
    .checkpoint("\(path): cannot be written; check the folder's rights and the disk")
  }
}
