import CZlib
import Discrete
import Models
import Tensors

/// The members of a ZIP archive, as `np.savez` writes them: stored or deflated, ZIP64 or not.
///
/// Members are found as Python's `zipfile` finds them, on which NumPy rests; what the two could read
/// differently is refused. Source: PKWARE, "APPNOTE.TXT - .ZIP File Format Specification".
struct ZipDirectory {
  struct Member {
    /// As NumPy shows it.
    let name: String
    /// As it stands in the archive.
    let nameBytes: [UInt8]
    let flags: Int
    let method: Int
    let checksum: UInt32
    let compressed: Int
    let size: Int
    let headerOffset: Int
  }

  /// How an archive begins: with a member, or with the end of an empty one.
  static let magics: [[UInt8]] = [[0x50, 0x4B, 3, 4], [0x50, 0x4B, 5, 6]]

  let file: FileSource
  /// In the order of the directory, folders left out.
  private(set) var members: [Member] = []
  /// Where the directory begins: no member's data reach beyond it.
  private let directoryStart: Int

  /// Newest version of the format that a member may need, times ten.
  private static let newest: UInt8 = 63
  /// Longest directory read; a million arrays take about 60 MB.
  private static let longest = 1 << 26

  /// - Throws: `ModelFileError` if the directory is missing or damaged.
  init(_ file: FileSource) throws {
    self.file = file
    let end = try ZipEnd(file)
    guard end.length <= Self.longest else {
      throw ZipEnd.failure(
        file, end.start, "the directory has \(end.length) bytes (limit \(Self.longest))")
    }
    directoryStart = end.start
    let bytes = try file.bytes(end.start..<end.start + end.length)
    var position = 0
    var count = 0
    while position < bytes.count {
      let damaged = ZipEnd.failure(file, end.start + position, "the directory is damaged")
      guard position + 46 <= bytes.count, bytes[position...].starts(with: [0x50, 0x4B, 1, 2]),
        bytes[position + 6] <= Self.newest
      else { throw damaged }
      let nameEnd = position + 46 + bytes.little(position + 28, 2)
      let extraEnd = nameEnd + bytes.little(position + 30, 2)
      let next = extraEnd + bytes.little(position + 32, 2)
      guard next <= bytes.count else { throw damaged }
      let name = Array(bytes[position + 46..<nameEnd])
      let flags = bytes.little(position + 8, 2)
      guard let shown = ZipName.decoded(name, flags: flags) else {
        throw ZipEnd.failure(
          file, end.start + position, "the name of a member is not UTF-8, or holds a zero byte")
      }
      guard
        let sizes = ZipSizes(
          directory: bytes[position..<nameEnd], extra: bytes[nameEnd..<extraEnd],
          shift: end.shift)
      else { throw damaged }
      count += 1
      if !shown.hasSuffix("/") {
        members.append(
          Member(
            name: shown, nameBytes: name, flags: flags, method: bytes.little(position + 10, 2),
            checksum: UInt32(bytes.little(position + 16, 4)), compressed: sizes.compressed,
            size: sizes.size, headerOffset: sizes.headerOffset))
      }
      position = next
    }
    guard count == end.entries else {
      throw ZipEnd.failure(
        file, end.start, "the directory has \(count) members, its end says \(end.entries)")
    }
  }

  /// The bytes of a member, checked against their checksum: one pass over the member.
  ///
  /// - Throws: `ModelFileError`.
  func source(_ member: Member, _ place: String) throws -> any ByteSource {
    // Encrypted, patched, or with a hidden directory.
    guard member.flags & (1 | 1 << 5 | 1 << 6 | 1 << 13) == 0 else {
      throw failure(place, "the array is encrypted", "write the archive without a password")
    }
    guard member.method == 0 || member.method == 8 else {
      throw failure(
        place, "compression method \(member.method) is not supported",
        "use np.savez or np.savez_compressed")
    }
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
    guard member.headerOffset <= directoryStart - 30 else { throw damaged }
    let header = try file.bytes(member.headerOffset..<member.headerOffset + 30)
    guard header.starts(with: [0x50, 0x4B, 3, 4]) else {
      throw failure(place, "the archive has no array header at byte \(member.headerOffset)")
    }
    let nameEnd = member.headerOffset + 30 + header.little(26, 2)
    let start = nameEnd + header.little(28, 2)
    guard start <= directoryStart, member.compressed <= directoryStart - start else {
      throw damaged
    }
    guard try file.bytes(member.headerOffset + 30..<nameEnd) == member.nameBytes else {
      throw failure(place, "the directory and the array's own header give different names")
    }
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
}

extension ZipDirectory {
  private static let ending = Array(".npy".utf8)

  /// Names by which NumPy hands out the arrays, each once: without an ending `.npy`.
  var arrays: [String] {
    var seen: Set<[UInt8]> = []
    return members.map { Self.stem($0.name) }.filter { seen.insert(Array($0.utf8)).inserted }
  }

  /// The member that NumPy gives for a name: that of exactly this name before that of the name
  /// without `.npy`; of several the last.
  func member(_ name: String) -> Member? {
    // Bytes, because Swift takes differently composed letters as equal.
    let wanted = Array(name.utf8)
    return members.last { $0.name.utf8.elementsEqual(wanted) }
      ?? members.last { $0.name.utf8.elementsEqual(wanted + Self.ending) }
  }

  /// The bytes of the array `name`, checked against their checksum: one pass over the member.
  ///
  /// - Throws: `ModelFileError`; an unknown name gets the nearest one.
  func source(_ name: String) throws -> any ByteSource {
    guard let member = member(name) else {
      let known = arrays
      let nearest = NearestName.question(for: name, among: known)
      let listed = "it has \(known.prefix(12).joined(separator: ", "))"
      throw ModelFileError(
        file: file.path, what: "the archive has no array '\(name)'",
        hint: nearest ?? (known.isEmpty ? "it has no arrays" : listed))
    }
    return try source(member, "array '\(name)'")
  }

  private static func stem(_ name: String) -> String {
    name.hasSuffix(".npy") ? String(name.dropLast(4)) : name
  }
}
