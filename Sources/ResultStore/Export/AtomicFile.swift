import Foundation
import Glibc
import Synchronization

/// A file that appears whole or not at all: it is written under a temporary name in the same
/// directory and renamed when complete. An interrupted write leaves the old file as it was.
///
/// A process that is killed leaves its temporary file; `sweep` removes it.
package final class AtomicFile {
  private let path: String
  private let temporaryPath: String
  private let descriptor: Int32
  private let replaces: Bool
  private var buffer: [UInt8] = []
  private let hash = SHA256()
  private var isCommitted = false
  private static let capacity = 1 << 20
  private static let ending = ".gradfid.tmp"
  private static let count = Atomic<Int>(0)

  /// Opens the temporary file.
  ///
  /// - Parameter replaces: whether a file that is there already is replaced; else `commit` throws.
  /// - Throws: `StoreError.unwritable`.
  package init(path: String, replaces: Bool = true) throws {
    let url = URL(fileURLWithPath: path)
    let count = Self.count.wrappingAdd(1, ordering: .relaxed).newValue
    let name = ".\(url.lastPathComponent).\(getpid())-\(count)\(Self.ending)"
    self.path = path
    self.replaces = replaces
    temporaryPath = url.deletingLastPathComponent().appendingPathComponent(name).path
    descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Self.failure(path) }
    // Shows others that the writer lives, whatever machine it is on.
    _ = flock(descriptor, LOCK_EX | LOCK_NB)
    buffer.reserveCapacity(Self.capacity + 4096)
  }

  deinit {
    guard !isCommitted, descriptor >= 0 else { return }
    unlink(temporaryPath)
    close(descriptor)
  }

  /// Writes a whole file in one go.
  ///
  /// - Throws: `StoreError.unwritable`.
  package static func write(
    _ bytes: some Collection<UInt8>, to path: String, replaces: Bool = true
  ) throws {
    let file = try AtomicFile(path: path, replaces: replaces)
    try file.append(bytes)
    _ = try file.seal()
    try file.commit()
  }

  /// Adds bytes to the file.
  package func append(_ bytes: some Collection<UInt8>) throws {
    buffer.append(contentsOf: bytes)
    if buffer.count >= Self.capacity { try flush() }
  }

  /// Makes the bytes so far durable under the temporary name and returns their SHA-256.
  package func seal() throws -> String {
    try flush()
    guard fsync(descriptor) == 0 else { throw Self.failure(path) }
    return hash.hexadecimal()
  }

  /// Gives the sealed file its name.
  package func commit() throws {
    if replaces {
      guard rename(temporaryPath, path) == 0 else { throw Self.failure(path) }
    } else {
      try link()
    }
    isCommitted = true
    close(descriptor)
  }

  /// Gives the file its name where nothing has it.
  private func link() throws {
    if Glibc.link(temporaryPath, path) == 0 {
      unlink(temporaryPath)
      return
    }
    // Some file systems have no links.
    guard errno != EEXIST, access(path, F_OK) != 0, rename(temporaryPath, path) == 0 else {
      throw Self.failure(path)
    }
  }

  /// Removes the temporary files of this user whose writers were killed: of a process that is gone on
  /// this machine, and that nobody holds.
  package static func sweep(_ folder: String) {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    where name.hasPrefix(".") && name.hasSuffix(ending) {
      let writer = name.dropLast(ending.count).split(separator: ".").last?.split(separator: "-")
      guard let process = writer?.first.flatMap({ pid_t($0) }) else { continue }
      remove("\(folder)/\(name)", ifLeftBy: process)
    }
  }

  /// Removes a file of this user where its writer is gone.
  package static func remove(_ path: String, ifLeftBy process: pid_t) {
    var facts = stat()
    guard process > 0, kill(process, 0) != 0, errno == ESRCH, lstat(path, &facts) == 0,
      facts.st_mode & S_IFMT == S_IFREG, facts.st_uid == geteuid()
    else { return }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unlink(path) }
    close(descriptor)
  }

  private func flush() throws {
    hash.update(buffer)
    var written = 0
    while written < buffer.count {
      let count = buffer.withUnsafeBytes { bytes in
        Glibc.write(descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw Self.failure(path) }
      written += count
    }
    buffer.removeAll(keepingCapacity: true)
  }

  private static func failure(_ path: String) -> StoreError {
    .unwritable(path: path, reason: String(cString: strerror(errno)))
  }
}
