import Foundation

/// Shows other processes that a run works on a store, and sees theirs.
///
/// Each run holds a shared lock on one byte far behind the end of the store's file, which a process
/// that ends gives back however it ends; nothing is written. The lock belongs to the open file, not to
/// the process, so it is none of SQLite's. The file stays open until the process ends: closing it would
/// give back SQLite's own locks on it.
struct RunPresence: Sendable {
  /// Behind everything that SQLite locks.
  private static let place: off_t = 0x7FFF_FFFF_0000
  /// `F_OFD_GETLK` and `F_OFD_SETLK` of Linux.
  private static let (getLock, setLock): (Int32, Int32) = (36, 37)

  private let descriptor: Int32

  /// - Parameter path: a store that is there; where it cannot be locked, nobody is seen.
  init(_ path: String) {
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    var lock = Self.lock(F_RDLCK)
    _ = fcntl(descriptor, Self.setLock, &lock)
  }

  /// Whether another run holds such a lock now.
  var othersAtWork: Bool {
    guard descriptor >= 0 else { return false }
    var lock = Self.lock(F_WRLCK)
    return fcntl(descriptor, Self.getLock, &lock) == 0 && Int32(lock.l_type) != F_UNLCK
  }

  private static func lock(_ type: Int32) -> flock {
    var lock = flock()
    lock.l_type = Int16(type)
    lock.l_whence = Int16(SEEK_SET)
    lock.l_start = place
    lock.l_len = 1
    return lock
  }
}
