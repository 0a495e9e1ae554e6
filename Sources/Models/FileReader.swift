import Foundation

/// Bytes read from front to back.
protocol ByteStream: AnyObject {
  /// Fills the buffer as far as there are bytes, and returns their number: less than a full buffer
  /// only at the end.
  func read(into target: UnsafeMutableRawBufferPointer) throws -> Int
}

/// A file read from front to back.
final class FileReader: ByteStream {
  let path: String
  /// Bytes of an ordinary file; nil for a pipe.
  let count: Int?
  private let descriptor: Int32
  /// Bytes read already that are handed out once more.
  private var pending: ArraySlice<UInt8> = []

  /// - Throws: `ModelFileError` if the file is missing, a folder, a device or cannot be opened.
  init(_ path: String, hint: String, takesPipes: Bool = true) throws {
    self.path = path
    // A pipe that nobody writes to would be waited for.
    let opened = open(path, O_RDONLY | O_CLOEXEC | (takesPipes ? 0 : O_NONBLOCK))
    guard opened >= 0 else {
      guard errno != ENOENT && errno != ENOTDIR else {
        throw ModelFileError(file: path, what: "there is no such file", hint: hint)
      }
      throw ModelFileError(
        file: path, what: "the file cannot be read", hint: "check its permissions")
    }
    var facts = stat()
    let known = fstat(opened, &facts) == 0
    let kind = facts.st_mode & S_IFMT
    guard known, kind == S_IFREG || (takesPipes && kind == S_IFIFO) else {
      close(opened)
      throw ModelFileError(
        file: path,
        what: kind == S_IFDIR ? "this is a folder, not a file" : "this is not an ordinary file",
        hint: hint)
    }
    descriptor = opened
    count = kind == S_IFREG ? Int(facts.st_size) : nil
  }

  deinit { close(descriptor) }

  /// The first bytes of what is left, at most `count`; they are read again.
  func peek(_ count: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let got = try bytes.withUnsafeMutableBytes { try read(into: $0) }
    pending = bytes[..<got] + pending
    return Array(bytes[..<got])
  }

  func read(into target: UnsafeMutableRawBufferPointer) throws -> Int {
    var done = min(pending.count, target.count)
    target.copyBytes(from: pending.prefix(done))
    pending = pending.dropFirst(done)
    while done < target.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: target[done...])
      let got = Foundation.read(descriptor, rest.baseAddress, rest.count)
      if got == 0 { break }
      if got > 0 {
        done += got
      } else if errno != EINTR {
        throw ModelFileError(
          file: path, place: "byte \(done)", what: "the file cannot be read",
          hint: "check the disk")
      }
    }
    return done
  }
}
