import Foundation

/// A file that appears whole or not at all: it is written under a temporary name in the same
/// directory and renamed when complete. An interrupted write leaves the old file as it was.
final class AtomicFile {
  private let path: String
  private let temporaryPath: String
  private let descriptor: Int32
  private var buffer: [UInt8] = []
  private let hash = SHA256()
  private var isCommitted = false
  private static let capacity = 1 << 20

  /// Opens the temporary file. Throws `StoreError.unwritable`.
  init(path: String) throws {
    let url = URL(fileURLWithPath: path)
    let name = ".\(url.lastPathComponent).\(ProcessInfo.processInfo.processIdentifier).tmp"
    self.path = path
    temporaryPath = url.deletingLastPathComponent().appendingPathComponent(name).path
    descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Self.failure(path) }
    buffer.reserveCapacity(Self.capacity + 4096)
  }

  deinit {
    guard !isCommitted else { return }
    if descriptor >= 0 { close(descriptor) }
    unlink(temporaryPath)
  }

  /// Adds bytes to the file.
  func append(_ bytes: some Collection<UInt8>) throws {
    buffer.append(contentsOf: bytes)
    if buffer.count >= Self.capacity { try flush() }
  }

  /// Makes the bytes so far durable under the temporary name and returns their SHA-256.
  func seal() throws -> String {
    try flush()
    guard fsync(descriptor) == 0 else { throw Self.failure(path) }
    return hash.hexadecimal()
  }

  /// Gives the sealed file its name.
  func commit() throws {
    guard rename(temporaryPath, path) == 0 else { throw Self.failure(path) }
    isCommitted = true
    close(descriptor)
  }

  private func flush() throws {
    hash.update(buffer)
    var written = 0
    while written < buffer.count {
      let count = buffer.withUnsafeBytes { bytes in
        write(descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written)
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
