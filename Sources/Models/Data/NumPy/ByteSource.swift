import Foundation

/// Bytes that are read piece by piece; nothing is held whole.
package protocol ByteSource: AnyObject {
  /// All bytes.
  var count: Int { get }
  /// Fills `target` from `offset` on; the range lies within `0..<count`.
  ///
  /// - Throws: `ModelFileError`.
  func read(at offset: Int, into target: UnsafeMutableRawBufferPointer) throws
}

extension ByteSource {
  /// A few bytes of a range within `0..<count`.
  package func bytes(_ range: Range<Int>) throws -> [UInt8] {
    var result = [UInt8](repeating: 0, count: range.count)
    try result.withUnsafeMutableBytes { try read(at: range.lowerBound, into: $0) }
    return result
  }
}

/// A file, read at any place.
package final class FileSource: ByteSource {
  package let count: Int
  package let path: String
  private let descriptor: Int32

  /// - Throws: `ModelFileError` if the file is missing, is a folder or cannot be opened.
  package init(_ path: String) throws {
    self.path = path
    let opened = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard opened >= 0 else {
      guard errno != ENOENT && errno != ENOTDIR else {
        throw ModelFileError(
          file: path, what: "there is no such file",
          hint: "give the path of a file that np.save or np.savez wrote")
      }
      throw ModelFileError(
        file: path, what: "the file cannot be read", hint: "check its permissions")
    }
    var facts = stat()
    guard fstat(opened, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
      close(opened)
      let folder = facts.st_mode & S_IFMT == S_IFDIR
      throw ModelFileError(
        file: path,
        what: folder ? "this is a folder, not a file" : "this is not an ordinary file",
        hint: "give the path of a file that np.save or np.savez wrote")
    }
    descriptor = opened
    count = Int(facts.st_size)
  }

  deinit { close(descriptor) }

  package func read(at offset: Int, into target: UnsafeMutableRawBufferPointer) throws {
    var done = 0
    while done < target.count {
      let wanted = UnsafeMutableRawBufferPointer(rebasing: target[done...])
      let got = pread(descriptor, wanted.baseAddress, wanted.count, off_t(offset + done))
      if got > 0 {
        done += got
      } else if got == 0 || errno != EINTR {
        throw ModelFileError(
          file: path, place: "byte \(offset + done)",
          what: got == 0 ? "the file became shorter while it was read" : "the file cannot be read",
          hint: "let its writer finish, then measure again")
      }
    }
  }
}

/// A part of a file: a stored member of an archive.
package final class SliceSource: ByteSource {
  package let count: Int
  private let whole: FileSource
  private let start: Int

  /// - Parameter range: within the file.
  package init(_ whole: FileSource, _ range: Range<Int>) {
    self.whole = whole
    start = range.lowerBound
    count = range.count
  }

  package func read(at offset: Int, into target: UnsafeMutableRawBufferPointer) throws {
    try whole.read(at: start + offset, into: target)
  }
}
