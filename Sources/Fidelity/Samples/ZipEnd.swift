import Models

/// The end of a ZIP archive: where its directory is.
struct ZipEnd {
  /// Members in the directory.
  let entries: Int
  /// Bytes of the directory, within the file.
  let length: Int
  /// First byte of the directory, within the file.
  let start: Int
  /// What offsets of the archive lack: bytes that stand before the archive.
  let shift: Int

  private static let magic: [UInt8] = [0x50, 0x4B, 5, 6]
  private static let size = 22
  private static let locatorMagic: [UInt8] = [0x50, 0x4B, 6, 7]
  private static let locatorSize = 20
  private static let wideMagic: [UInt8] = [0x50, 0x4B, 6, 6]
  private static let wideSize = 56

  /// - Throws: `ModelFileError` if there is no end, or what it says lies outside the file.
  init(_ file: FileSource) throws {
    let tailStart = max(0, file.count - 65535 - Self.size)
    let tail = try file.bytes(tailStart..<file.count)
    guard
      let end = stride(from: tail.count - Self.size, through: 0, by: -1).first(where: {
        tail[$0...].starts(with: Self.magic)
      }), end + Self.size + tail.little(end + 20, 2) == tail.count
    else {
      throw Self.failure(
        file, file.count, "the archive has no directory at its end: it is cut off")
    }
    guard tail.little(end + 4, 2) == 0, tail.little(end + 6, 2) == 0,
      tail.little(end + 8, 2) == tail.little(end + 10, 2)
    else { throw Self.failure(file, tailStart + end, "the archive has several volumes") }
    var numbers = (
      entries: tail.little(end + 10, 2), length: tail.little(end + 12, 4),
      start: tail.little(end + 16, 4)
    )
    var directoryEnd = tailStart + end
    if let wide = try Self.wide(file, before: directoryEnd) {
      numbers = wide
      directoryEnd -= Self.locatorSize + Self.wideSize
    }
    guard numbers.length <= directoryEnd, numbers.start <= directoryEnd - numbers.length else {
      throw Self.failure(file, directoryEnd, "the directory lies outside the archive")
    }
    entries = numbers.entries
    length = numbers.length
    start = directoryEnd - numbers.length
    shift = start - numbers.start
  }

  /// The numbers of a ZIP64 archive; nil for another.
  private static func wide(
    _ file: FileSource, before end: Int
  ) throws -> (entries: Int, length: Int, start: Int)? {
    let locator = end - locatorSize
    guard locator >= 0, try file.bytes(locator..<locator + 4) == locatorMagic else { return nil }
    let record = locator - wideSize
    let damaged = failure(file, max(0, locator), "the ZIP64 end of the archive is damaged")
    guard record >= 0 else { throw damaged }
    let bytes = try file.bytes(record..<record + wideSize)
    guard bytes.starts(with: wideMagic), let entries = bytes.little64(32),
      bytes.little64(24) == entries, let length = bytes.little64(40),
      let start = bytes.little64(48)
    else { throw damaged }
    return (entries, length, start)
  }

  static func failure(_ file: FileSource, _ byte: Int, _ what: String) -> ModelFileError {
    ModelFileError(
      file: file.path, place: "byte \(byte)", what: what, hint: "write the archive again")
  }
}

/// Sizes and place of a member, from its record in the directory or, where they do not fit there,
/// from the ZIP64 field beside it.
struct ZipSizes {
  let compressed: Int
  let size: Int
  let headerOffset: Int

  private static let wide = 0xFFFF_FFFF

  /// Nil where a field is missing or cannot be.
  init?(directory: ArraySlice<UInt8>, extra: ArraySlice<UInt8>, shift: Int) {
    let record = Array(directory)
    var numbers = [record.little(24, 4), record.little(20, 4), record.little(42, 4)]
    guard let field = Self.field(Array(extra)) else { return nil }
    if numbers.contains(Self.wide) {
      var position = 0
      for index in numbers.indices where numbers[index] == Self.wide {
        guard position + 8 <= field.count, let number = field.little64(position) else {
          return nil
        }
        numbers[index] = number
        position += 8
      }
    }
    size = numbers[0]
    compressed = numbers[1]
    let (offset, overflow) = numbers[2].addingReportingOverflow(shift)
    guard !overflow, offset >= 0 else { return nil }
    headerOffset = offset
  }

  /// The extra field of ZIP64 sizes, empty where there is none; nil where the fields are damaged.
  private static func field(_ extra: [UInt8]) -> [UInt8]? {
    var position = 0
    var found: [UInt8] = []
    while position + 4 <= extra.count {
      let end = position + 4 + extra.little(position + 2, 2)
      guard end <= extra.count else { return nil }
      if found.isEmpty, extra.little(position, 2) == 1 {
        found = Array(extra[position + 4..<end])
      }
      position = end
    }
    return found
  }
}

extension [UInt8] {
  /// A little-endian number of up to four bytes, which lie within the array.
  func little(_ offset: Int, _ width: Int) -> Int {
    self[offset..<offset + width].reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  /// A little-endian number of eight bytes, which lie within the array; nil above `Int.max`.
  func little64(_ offset: Int) -> Int? {
    Int(exactly: self[offset..<offset + 8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
  }
}
