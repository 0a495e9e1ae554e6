import CZlib

/// A gzip file inflated as it is read: no more than is asked for.
///
/// Members are joined and what stands behind the last one is passed over, as `zcat` does; what begins
/// like a member must be one.
final class Gunzip: ByteStream {
  private static let magic: [UInt8] = [0x1F, 0x8B]

  private let file: FileReader
  /// Kept at one address: the decoder remembers it.
  private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
  private let input = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 64)
  /// Compressed bytes taken so far.
  private var taken = 0
  private var ended = false

  static func isCompressed(_ start: [UInt8]) -> Bool { start.starts(with: magic) }

  /// - Throws: `ModelFileError` where the decoder cannot start.
  init(_ file: FileReader) throws {
    self.file = file
    stream.initialize(to: z_stream())
    let gzipWindow: Int32 = 15 + 16
    guard
      inflateInit2_(stream, gzipWindow, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { throw failure("the gzip decoder cannot start") }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
    input.deallocate()
  }

  private func failure(_ what: String) -> ModelFileError {
    ModelFileError(file: file.path, what: what, hint: "fetch the file again")
  }

  func read(into target: UnsafeMutableRawBufferPointer) throws -> Int {
    var done = 0
    while done < target.count, !ended {
      if stream.pointee.avail_in == 0, try refill() == 0 {
        throw failure("the gzip data are cut off after \(taken) bytes")
      }
      let length = min(target.count - done, 1 << 30)
      stream.pointee.next_out = target.baseAddress?.advanced(by: done)
        .assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_out = UInt32(length)
      let status = inflate(stream, Z_NO_FLUSH)
      done += length - Int(stream.pointee.avail_out)
      switch status {
      case Z_OK, Z_BUF_ERROR: continue
      case Z_STREAM_END: ended = try !nextMember()
      default: throw failure("the gzip data are damaged")
      }
    }
    return done
  }

  /// Takes the next compressed bytes behind those not used yet, of which there are fewer than two.
  private func refill() throws -> Int {
    let kept = Int(stream.pointee.avail_in)
    if kept > 0, let rest = stream.pointee.next_in { input[0] = rest[0] }
    let got = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: input[kept...]))
    taken += got
    stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_in = UInt32(kept + got)
    return got
  }

  /// Starts on the member that follows; false where none does.
  private func nextMember() throws -> Bool {
    if stream.pointee.avail_in < 2 { _ = try refill() }
    guard stream.pointee.avail_in >= 2, let next = stream.pointee.next_in,
      next[0] == Self.magic[0], next[1] == Self.magic[1]
    else { return false }
    guard inflateReset(stream) == Z_OK else { throw failure("the gzip decoder cannot start") }
    return true
  }
}
