import Models

/// A file read from front to back in pieces.
package struct SequentialFile {
  private let source: FileSource

  private static let piece = 1 << 20

  /// - Throws: `ModelFileError` if the file is missing, is a folder or cannot be opened.
  package init(_ path: String) throws { source = try FileSource(path) }

  /// Hands over the bytes, at most 1 MiB at a time.
  package func forEachPiece(_ body: (UnsafeRawBufferPointer) -> Void) throws {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.piece, alignment: 64)
    defer { buffer.deallocate() }
    for offset in stride(from: 0, to: source.count, by: Self.piece) {
      let length = min(Self.piece, source.count - offset)
      let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<length])
      try source.read(at: offset, into: part)
      body(UnsafeRawBufferPointer(part))
    }
  }
}
