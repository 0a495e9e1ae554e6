import CZlib
import Models

/// A deflated member of an archive, inflated as it is read.
///
/// Reading forwards costs what is passed over; reading backwards starts again at the front. Holds
/// one buffer of compressed and one of passed-over bytes.
final class InflatedSource: ByteSource {
  let count: Int
  private let compressed: SliceSource
  private let file: String
  private let place: String
  /// Kept at one address: the decoder remembers it.
  private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
  private var started = false
  private var input = [UInt8](repeating: 0, count: 1 << 16)
  /// Compressed bytes taken so far.
  private var inputOffset = 0
  /// Bytes of `input` that the last fill wrote.
  private var filled = 0
  private var skipped = [UInt8](repeating: 0, count: 1 << 16)
  private var position = 0
  private var ended = false

  /// - Parameter count: inflated bytes, as the archive states them.
  init(_ compressed: SliceSource, count: Int, file: String, place: String) {
    self.compressed = compressed
    self.count = count
    self.file = file
    self.place = place
  }

  deinit {
    if started { inflateEnd(stream) }
    stream.deallocate()
  }

  private func failure(_ what: String) -> ModelFileError {
    ModelFileError(file: file, place: place, what: what, hint: "write the archive again")
  }

  private func restart() throws {
    if started { inflateEnd(stream) }
    started = false
    stream.initialize(to: z_stream())
    let rawWindow: Int32 = -15
    guard
      inflateInit2_(stream, rawWindow, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { throw failure("the decoder cannot start") }
    started = true
    inputOffset = 0
    position = 0
    ended = false
  }

  func read(at offset: Int, into target: UnsafeMutableRawBufferPointer) throws {
    if !started || offset < position { try restart() }
    while position < offset {
      let length = min(skipped.count, offset - position)
      try skipped.withUnsafeMutableBytes {
        try fill(UnsafeMutableRawBufferPointer(rebasing: $0[..<length]))
      }
    }
    try fill(target)
  }

  /// Checks that the compressed data end where the last byte was read.
  func checkEnd() throws {
    if !started { try restart() }
    var extra: UInt8 = 0
    let more = try withUnsafeMutableBytes(of: &extra) { try inflateInto($0) }
    guard more == 0, ended else {
      throw failure("the compressed data hold more than the \(count) bytes stated")
    }
  }

  private func fill(_ target: UnsafeMutableRawBufferPointer) throws {
    var done = 0
    while done < target.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: target[done...])
      let got = try inflateInto(
        UnsafeMutableRawBufferPointer(rebasing: rest[..<min(rest.count, 1 << 24)]))
      guard got > 0 else {
        throw failure("the compressed data end after \(position) of \(count) bytes")
      }
      done += got
      position += got
    }
  }

  /// Inflates up to a full buffer; 0 only at the end of the data.
  private func inflateInto(_ target: UnsafeMutableRawBufferPointer) throws -> Int {
    return try input.withUnsafeMutableBytes { input in
      // What is unread stands at the end of the last fill; the buffer may have moved since.
      var available = Int(stream.pointee.avail_in)
      var produced = 0
      while produced == 0 && !ended {
        if available == 0 {
          let length = min(input.count, compressed.count - inputOffset)
          guard length > 0 else {
            throw failure("the compressed data are cut off after \(position) of \(count) bytes")
          }
          try compressed.read(
            at: inputOffset, into: UnsafeMutableRawBufferPointer(rebasing: input[..<length]))
          inputOffset += length
          filled = length
          available = length
        }
        stream.pointee.next_in =
          input.baseAddress?.assumingMemoryBound(to: UInt8.self)
          .advanced(by: filled - available)
        stream.pointee.avail_in = UInt32(available)
        stream.pointee.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(target.count)
        let status = inflate(stream, Z_NO_FLUSH)
        available = Int(stream.pointee.avail_in)
        produced = target.count - Int(stream.pointee.avail_out)
        switch status {
        case Z_OK, Z_BUF_ERROR: continue
        case Z_STREAM_END: ended = true
        default:
          throw failure("the compressed data are damaged near byte \(position) of \(count)")
        }
      }
      return produced
    }
  }
}
