import CZlib

/// Decompression of gzip files.
enum Gunzip {
  /// Largest output accepted: a damaged or hostile file must not fill the memory.
  private static let outputLimit = 1 << 30

  static func isCompressed(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x1F, 0x8B]) }

  /// The bytes inside one gzip member.
  ///
  /// - Throws: `ModelFileError` for a damaged, cut off or over-long file.
  static func decompress(_ bytes: [UInt8], file: String) throws -> [UInt8] {
    func failure(_ what: String) -> ModelFileError {
      ModelFileError(file: file, what: what, hint: "fetch the file again")
    }
    var stream = z_stream()
    let gzipWindow: Int32 = 15 + 16
    guard
      inflateInit2_(&stream, gzipWindow, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { throw failure("the gzip decoder cannot start") }
    defer { inflateEnd(&stream) }

    var input = bytes
    let inputCount = input.count
    guard inputCount <= Int(UInt32.max) else { throw failure("the gzip file is too large") }
    return try input.withUnsafeMutableBufferPointer { input in
      stream.next_in = input.baseAddress
      stream.avail_in = UInt32(inputCount)
      var output: [UInt8] = []
      var chunk = [UInt8](repeating: 0, count: 1 << 18)
      let chunkSize = chunk.count
      while true {
        let status = chunk.withUnsafeMutableBufferPointer { chunk in
          stream.next_out = chunk.baseAddress
          stream.avail_out = UInt32(chunkSize)
          return inflate(&stream, Z_NO_FLUSH)
        }
        output.append(contentsOf: chunk[..<(chunkSize - Int(stream.avail_out))])
        guard output.count <= outputLimit else {
          throw failure("the gzip file holds more than \(outputLimit) bytes")
        }
        switch status {
        case Z_STREAM_END:
          guard stream.avail_in == 0 else {
            throw failure("there are \(stream.avail_in) bytes after the end of the gzip data")
          }
          return output
        case Z_OK:
          continue
        case Z_BUF_ERROR:
          throw failure("the gzip data are cut off after \(inputCount) bytes")
        default:
          throw failure("the gzip data are damaged")
        }
      }
    }
  }
}
