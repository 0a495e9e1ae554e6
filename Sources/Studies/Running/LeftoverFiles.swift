import Foundation
import ResultStore

/// What killed processes left unfinished in the folder of checkpoints.
enum LeftoverFiles {
  /// Removes the files of processes of this user that are gone, also those of the forms that earlier
  /// releases wrote.
  static func sweep(_ folder: String) {
    AtomicFile.sweep(folder)
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
      let path = "\(folder)/\(name)"
      if let process = writer(name) {
        AtomicFile.remove(path, ifLeftBy: process)
      } else if name.contains(".resume."), name.hasSuffix(".new"), isOld(path) {
        unlink(path)
      }
    }
  }

  /// The process that a name tells of: `table-HASH.table.PID.tmp`, `.dat.nosyncPID.RANDOM` with the
  /// number in hexadecimal digits.
  private static func writer(_ name: String) -> pid_t? {
    let parts = name.split(separator: ".")
    if name.hasPrefix("table-"), name.hasSuffix(".tmp"), parts.count == 4 { return pid_t(parts[2]) }
    let marker = ".dat.nosync"
    guard name.hasPrefix(marker), parts.count == 3 else { return nil }
    return pid_t(parts[1].dropFirst("nosync".count), radix: 16)
  }

  /// Names that tell of no process: nobody writes to one for an hour.
  private static func isOld(_ path: String) -> Bool {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    let changed = attributes?[.modificationDate] as? Date
    return changed.map { $0.timeIntervalSinceNow < -3600 } ?? false
  }
}
