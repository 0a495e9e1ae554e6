import Foundation
import Models
import Testing

/// Compressed images of several members, with padding and with damage, against `gzip -dc`.
@Suite struct GzipMembersTests {
  /// An IDX file of `count` images of 2 x 3 pixels.
  private static func idx(_ count: UInt8) -> [UInt8] {
    [0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 2, 0, 0, 0, 3] + (0..<6 * count).map { $0 &* 37 }
  }

  /// One gzip member of stored blocks, with a name in its header where asked for.
  private static func member(_ bytes: some Collection<UInt8>, named: Bool = false) -> [UInt8] {
    let data = Array(bytes)
    let length = UInt16(data.count)
    func little(_ value: UInt32, _ width: Int) -> [UInt8] {
      (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) }
    }
    return [0x1F, 0x8B, 8, named ? 8 : 0, 0, 0, 0, 0, 0, 3] + (named ? Array("x\0".utf8) : [])
      + [1] + little(UInt32(length), 2) + little(UInt32(~length), 2) + data
      + little(crc(data), 4) + little(UInt32(data.count), 4)
  }

  private static func crc(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(0xFFFF_FFFF as UInt32) { value, byte in
      (0..<8).reduce(value ^ UInt32(byte)) { sum, _ in
        sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1
      }
    }
  }

  private func read(_ bytes: [UInt8], in folder: String) throws -> IDXFile {
    let path = folder + "/x.gz"
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    return try IDXFile(path: path, rank: 3)
  }

  @Test func membersAreJoined() throws {
    try withFolder { folder in
      let whole = Self.idx(7)
      for cuts in [[1], [15], [16], [17], [20, 20, 40], [0, 58]] {
        var packed: [UInt8] = []
        var start = 0
        for (index, end) in (cuts + [whole.count]).enumerated() {
          packed += Self.member(whole[start..<end], named: index % 2 == 1)
          start = end
        }
        let found = try read(packed, in: folder)
        #expect(found.bytes == Array(whole[16...]), "\(cuts)")
        let padded = try read(packed + [UInt8](repeating: 0, count: 700), in: folder)
        #expect(padded.bytes == found.bytes)
      }
      // A second image file behind the first is more than the header says.
      let twice = message { _ = try read(Self.member(whole) + Self.member(whole), in: folder) }
      #expect(twice.contains("7 x 2 x 3 needs 42 bytes of data, found 58 more"))
      // What begins like a member must be one.
      for length in 2..<20 {
        let cut = message {
          _ = try read(Self.member(whole) + Self.member(whole)[..<length], in: folder)
        }
        #expect(cut.contains("cut off") || cut.contains("damaged"), "\(length): \(cut)")
      }
    }
  }

  /// 300 files, whole and damaged, as `gzip -dc` has them: exit code 1 is a refusal, 0 and 2 (bytes
  /// behind the end) are data. Damage in a header that gzip overlooks may be refused.
  @Test func asGzipHasIt() throws {
    let gzip = ["/bin/gzip", "/usr/bin/gzip"].first(
      where: FileManager.default.isExecutableFile(atPath:))
    guard let gzip else { return }
    try withFolder { folder in
      var random = SplitMix64(state: 12)
      var read = 0
      for round in 0..<300 {
        let whole = Self.idx(UInt8(random.next() % 9 + 1))
        var packed: [UInt8] = []
        var rest = whole[...]
        while !rest.isEmpty {
          let part = rest.prefix(Int(random.next() % UInt64(whole.count)) + 1)
          packed += Self.member(part, named: random.next() % 2 == 0)
          rest = rest.dropFirst(part.count)
        }
        let kind = random.next() % 6
        let place = Int(random.next() % UInt64(packed.count))
        switch kind {
        case 1: packed += [UInt8](repeating: 0, count: Int(random.next() % 600))
        case 2:
          // A single byte behind the end is an unexpected end to gzip, after all of the data.
          packed += (0..<2 + random.next() % 7).map { _ in
            UInt8(truncatingIfNeeded: random.next())
          }
        case 3: packed[place] ^= UInt8(1 << (random.next() % 8))
        case 4: packed = Array(packed[..<max(2, place)])
        case 5: packed += [0x1F, 0x8B] + (0..<random.next() % 30).map { _ in UInt8(8) }
        default: break
        }
        let found = try? self.read(packed, in: folder)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: gzip)
        process.arguments = ["-dc", folder + "/x.gz"]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let output = Array(try pipe.fileHandleForReading.readToEnd() ?? Data())
        process.waitUntilExit()
        let sound = process.terminationStatus != 1
        if let found {
          read += 1
          #expect(sound && output == Self.header(found.sizes) + found.bytes, "\(round): \(kind)")
        } else if sound, kind != 3 {
          #expect(output != whole, "\(round): \(kind)")
        }
      }
      #expect(read > 100)
    }
  }

  private static func header(_ sizes: [Int]) -> [UInt8] {
    [0, 0, 8, 3] + sizes.flatMap { [0, 0, 0, UInt8($0)] }
  }

  /// A file of a few kilobytes that would inflate to a gigabyte is left where its header ends.
  @Test func aBombIsNotInflated() throws {
    try withFolder { folder in
      // 16 bytes of header, then members of zeros: 65,535 bytes in a stored block each.
      let zeros = Self.member([UInt8](repeating: 0, count: 65_535))
      var packed = Self.member(
        [0, 0, 8, 3] + [UInt8](repeating: 0, count: 3) + [1, 0, 0, 0, 28, 0, 0, 0, 28])
      for _ in 0..<40 { packed += zeros }
      let bomb = message { _ = try read(packed, in: folder) }
      #expect(bomb.contains("1 x 28 x 28 needs 784 bytes of data, found at least 65536 more"))
      // Refused by its header, before any data.
      let large = message {
        _ = try read(
          Self.member([0, 0, 8, 3, 0x10, 0, 0, 0, 0, 0, 0, 28, 0, 0, 0, 28]) + zeros, in: folder)
      }
      #expect(large.contains("the header is damaged"))
      let wrong = message {
        try Data(packed).write(to: URL(fileURLWithPath: folder + "/t10k-images-idx3-ubyte.gz"))
        _ = try ImageData.load("mnist", directories: [folder])
      }
      #expect(wrong.contains("found at least 65536 more"))
    }
  }
}

/// A small generator with a fixed start.
private struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }
}
