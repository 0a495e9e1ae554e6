import CZlib
import Discrete
import Models

/// The members of a ZIP archive, as `np.savez` writes them: stored or deflated, below 4 GiB.
/// Source: PKWARE, "APPNOTE.TXT - .ZIP File Format Specification".
struct ZipDirectory {
  struct Member {
    let name: String
    let flags: Int
    let method: Int
    let checksum: UInt32
    let compressed: Int
    let size: Int
    let headerOffset: Int
  }

  static let magic: [UInt8] = [0x50, 0x4B]

  let file: FileSource
  private(set) var members: [Member] = []

  /// - Throws: `ModelFileError` if the directory is missing, damaged or of the ZIP64 kind.
  init(_ file: FileSource) throws {
    self.file = file
    let tailStart = max(0, file.count - 65557)
    let tail = try file.bytes(tailStart..<file.count)
    guard tail.count >= 22,
      let end = stride(from: tail.count - 22, through: 0, by: -1).first(where: {
        tail[$0...].starts(with: [0x50, 0x4B, 5, 6])
          && $0 + 22 + Self.number(tail, $0 + 20, 2) == tail.count
      })
    else {
      throw failure(
        "byte \(file.count)", "the archive has no directory at its end: it is cut off")
    }
    let entries = Self.number(tail, end + 10, 2)
    let length = Self.number(tail, end + 12, 4)
    let start = Self.number(tail, end + 16, 4)
    guard entries != 0xFFFF, length != 0xFFFF_FFFF, start != 0xFFFF_FFFF else {
      throw zip64("the archive is of the ZIP64 kind")
    }
    guard start + length <= tailStart + end else {
      throw failure("byte \(tailStart + end)", "the directory lies outside the archive")
    }
    let bytes = try file.bytes(start..<start + length)
    var position = 0
    for _ in 0..<entries {
      guard position + 46 <= bytes.count,
        bytes[position...].starts(with: [0x50, 0x4B, 1, 2])
      else { throw failure("byte \(start + position)", "the directory is damaged") }
      let nameEnd = position + 46 + Self.number(bytes, position + 28, 2)
      guard nameEnd <= bytes.count else {
        throw failure("byte \(start + position)", "the directory is damaged")
      }
      members.append(
        Member(
          name: String(decoding: bytes[position + 46..<nameEnd], as: UTF8.self),
          flags: Self.number(bytes, position + 8, 2), method: Self.number(bytes, position + 10, 2),
          checksum: UInt32(Self.number(bytes, position + 16, 4)),
          compressed: Self.number(bytes, position + 20, 4),
          size: Self.number(bytes, position + 24, 4),
          headerOffset: Self.number(bytes, position + 42, 4)))
      position =
        nameEnd + Self.number(bytes, position + 30, 2) + Self.number(bytes, position + 32, 2)
    }
  }

  /// Names of the arrays, without their ending `.npy`.
  var arrays: [String] {
    members.filter { $0.name.hasSuffix(".npy") }.map { String($0.name.dropLast(4)) }
  }

  /// The bytes of the array `name`, checked against their checksum: one pass over the member.
  ///
  /// - Throws: `ModelFileError`; an unknown name gets the nearest one.
  func source(_ name: String) throws -> any ByteSource {
    guard let member = members.first(where: { $0.name == name + ".npy" }) else {
      let known = arrays
      let nearest = NearestName.question(for: name, among: known)
      let listed = "it has \(known.prefix(12).joined(separator: ", "))"
      throw ModelFileError(
        file: file.path, what: "the archive has no array '\(name)'",
        hint: nearest ?? (known.isEmpty ? "it has no arrays" : listed))
    }
    let place = "array '\(name)'"
    guard member.flags & 1 == 0 else {
      throw failure(place, "the array is encrypted", "write the archive without a password")
    }
    guard member.method == 0 || member.method == 8 else {
      throw failure(
        place, "compression method \(member.method) is not supported",
        "use np.savez or np.savez_compressed")
    }
    guard
      ![member.compressed, member.size, member.headerOffset].contains(0xFFFF_FFFF)
    else { throw zip64("the array is of the ZIP64 kind", place) }
    let data = try dataRange(member, place)
    let slice = SliceSource(file, data)
    guard member.method == 8 else {
      guard member.compressed == member.size else {
        throw failure(
          place, "a stored array has \(member.size) bytes, the archive \(member.compressed)")
      }
      try check(slice, member, place)
      return slice
    }
    let inflated = InflatedSource(slice, count: member.size, file: file.path, place: place)
    try check(inflated, member, place)
    try inflated.checkEnd()
    return inflated
  }

  private func dataRange(_ member: Member, _ place: String) throws -> Range<Int> {
    let damaged = failure(place, "the array lies outside the archive")
    guard member.headerOffset + 30 <= file.count else { throw damaged }
    let header = try file.bytes(member.headerOffset..<member.headerOffset + 30)
    guard header.starts(with: [0x50, 0x4B, 3, 4]) else {
      throw failure(place, "the archive has no array header at byte \(member.headerOffset)")
    }
    let start =
      member.headerOffset + 30 + Self.number(header, 26, 2) + Self.number(header, 28, 2)
    guard start + member.compressed <= file.count else { throw damaged }
    return start..<start + member.compressed
  }

  private func check(_ source: any ByteSource, _ member: Member, _ place: String) throws {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    var checksum: UInt = 0
    for offset in stride(from: 0, to: source.count, by: buffer.count) {
      let length = min(buffer.count, source.count - offset)
      try buffer.withUnsafeMutableBytes { bytes in
        let part = UnsafeMutableRawBufferPointer(rebasing: bytes[..<length])
        try source.read(at: offset, into: part)
        checksum = UInt(
          crc32(
            uLong(checksum), part.baseAddress?.assumingMemoryBound(to: UInt8.self),
            UInt32(length)))
      }
    }
    guard checksum == UInt(member.checksum) else {
      throw failure(place, "the bytes do not match their checksum")
    }
  }

  private func failure(
    _ place: String, _ what: String, _ hint: String = "write the archive again"
  ) -> ModelFileError {
    ModelFileError(file: file.path, place: place, what: what, hint: hint)
  }

  private func zip64(_ what: String, _ place: String = "") -> ModelFileError {
    failure(
      place, "\(what), which is not supported",
      "keep archives below 4 GiB, or save large arrays with np.save")
  }

  /// A little-endian number of a few bytes within `bytes`.
  private static func number(_ bytes: [UInt8], _ offset: Int, _ width: Int) -> Int {
    bytes[offset..<offset + width].reversed().reduce(0) { $0 << 8 | Int($1) }
  }
}
