import Discrete
import Foundation

/// The saved state of a training in progress: the newest file and the one before it.
///
/// Several processes may run the same training at once. Each writes to a file of its own and renames
/// it into place, so that a file of these names is whole whoever wrote it; as a training has the
/// same bits everywhere, any of them may go on from it.
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
    let own = "\(newest).\(UUID().uuidString)\(Self.unfinished)"
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try Data(bytes).write(to: URL(fileURLWithPath: own))
    } catch {
      unlink(own)
      throw Self.unwritable(newest)
    }
    guard rename(newest, previous) == 0 || errno == ENOENT, rename(own, newest) == 0 else {
      unlink(own)
      throw Self.unwritable(newest)
    }
  }

  /// Removes a file that cannot be read, so that it does not take the place of a good one.
  func drop(_ path: String) { unlink(path) }

  /// Removes what a finished training has no use for.
  func remove() {
    for path in [newest, previous] + abandoned { unlink(path) }
  }

  /// Files that a process which was killed left unfinished. Nobody writes to one for an hour.
  private var abandoned: [String] {
    let files = FileManager.default
    let start = (newest as NSString).lastPathComponent + "."
    return ((try? files.contentsOfDirectory(atPath: folder)) ?? [])
      .filter { $0.hasPrefix(start) && $0.hasSuffix(Self.unfinished) }
      .map { "\(folder)/\($0)" }
      .filter { path in
        let changed = (try? files.attributesOfItem(atPath: path))?[.modificationDate] as? Date
        return changed.map { $0.timeIntervalSinceNow < -3600 } ?? false
      }
  }

  private static let unfinished = ".new"

  private static func unwritable(_ path: String) -> StudyRunError {
    .checkpoint("\(path): cannot be written; check the folder's rights and the disk")
  }
}
