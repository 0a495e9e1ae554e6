import Fidelity
import Foundation
import Models
import Testing

/// Every broken archive gives one message; its text is fixed here. `FILE` stands for the path.
@Suite struct BrokenArchiveTests {
  let folder: SampleFolder

  init() throws { folder = try SampleFolder() }

  private static let array = NumPyBytes.samples((0..<6).map { [Double($0), 2] }, axes: [2])

  private func expect(_ data: Data, array: String? = nil, _ message: String) throws {
    var location = try folder.write(data, "g.npz")
    location.array = array
    let reference = try folder.write(NumPyBytes.array([1, 2], shape: [2]), "r.npy")
    do {
      _ = try SampleRequest(samples: location, reference: .exact(reference)).measure()
      Issue.record("measured; expected: \(message)")
    } catch let error as ModelFileError {
      let text = "\(error)".replacingOccurrences(of: folder.path + "/g.npz", with: "FILE")
      #expect(text == message)
    }
  }

  private static func one(_ change: (inout ZipBytes.Member) -> Void) -> Data {
    var member = ZipBytes.Member(name: "g.npy", data: array)
    change(&member)
    return ZipBytes.archive([member])
  }

  private static let again = "; write the archive again"

  @Test func names() throws {
    let two = ZipBytes.archive([
      .init(name: "grads.npy", data: Self.array), .init(name: "exact.npy", data: Self.array),
    ])
    try expect(
      two, array: "grad", "FILE: the archive has no array 'grad'; did you mean 'grads'?")
    try expect(
      two, array: "other", "FILE: the archive has no array 'other'; it has grads, exact")
    try expect(
      two,
      "FILE: the archive has 2 arrays and none is named; give one as FILE:NAME; it has grads, exact"
    )
    try expect(
      ZipBytes.archive([]),
      "FILE: the archive has 0 arrays and none is named; write arrays with np.savez")
  }

  @Test func kinds() throws {
    try expect(
      Self.one { $0.flags = 1 },
      "FILE: array 'g': the array is encrypted; write the archive without a password")
    try expect(
      Self.one { $0.method = 12 },
      "FILE: array 'g': compression method 12 is not supported; use np.savez or np.savez_compressed"
    )
    // Sizes in a ZIP64 field that is not there.
    try expect(
      Self.one { $0.size = 0xFFFF_FFFF },
      "FILE: byte 259: the directory is damaged\(Self.again)")
    var end = Self.one { _ in }
    for byte in end.count - 14..<end.count - 10 { end[byte] = 0xFF }
    try expect(
      end,
      "FILE: byte 259: the directory has 1 members, its end says 65535\(Self.again)")
    var volumes = Self.one { _ in }
    volumes[volumes.count - 18] = 1
    try expect(
      volumes,
      "FILE: byte \(volumes.count - 22): the archive has several volumes\(Self.again)")
  }

  @Test func damagedDirectories() throws {
    let good = Self.one { _ in }
    try expect(
      good.prefix(200),
      "FILE: byte 200: the archive has no directory at its end: it is cut off\(Self.again)")
    var directory = good
    let start = good.count - 22 - 51
    directory[start] = 0
    try expect(directory, "FILE: byte \(start): the directory is damaged\(Self.again)")
    var place = good
    place[good.count - 4] = 0x7F
    try expect(
      place, "FILE: byte \(good.count - 22): the directory lies outside the archive\(Self.again)")
    var header = ZipBytes.archive([
      .init(name: "g.npy", data: Self.array), .init(name: "h.npy", data: Self.array),
    ])
    header[259 + 2] = 9
    try expect(
      header, array: "h",
      "FILE: array 'h': the archive has no array header at byte 259\(Self.again)")
    header[259 + 2] = 3
    header[259 + 30] = UInt8(ascii: "i")
    try expect(
      header, array: "h",
      "FILE: array 'h': the directory and the array's own header give different names\(Self.again)")
    try expect(
      Self.one { $0.size = 225 },
      "FILE: array 'g': a stored array has 225 bytes, the archive 224\(Self.again)")
  }

  @Test func damagedData() throws {
    try expect(
      Self.one { $0.checksum = 7 },
      "FILE: array 'g': the bytes do not match their checksum\(Self.again)")
    let deflated = ZipBytes.deflated(Self.array)
    func compressed(_ change: (inout ZipBytes.Member) -> Void) -> Data {
      Self.one {
        $0.method = 8
        $0.stored = deflated
        change(&$0)
      }
    }
    try expect(
      compressed { $0.stored = Data([7]) + deflated.dropFirst() },
      "FILE: array 'g': the compressed data are damaged near byte 0 of 224\(Self.again)")
    try expect(
      compressed { $0.stored = deflated.prefix(100) },
      "FILE: array 'g': the compressed data are cut off after 95 of 224 bytes\(Self.again)")
    try expect(
      compressed { $0.size = 300 },
      "FILE: array 'g': the compressed data end after 224 of 300 bytes\(Self.again)")
    try expect(
      compressed {
        $0.data = Self.array.prefix(128)
        $0.size = 128
      }, "FILE: array 'g': the compressed data hold more than the 128 bytes stated\(Self.again)")
    try expect(
      ZipBytes.archive([.init(name: "g.npy", data: Self.array.prefix(200), method: 8)]),
      "FILE:g: byte 200: the data are cut off: shape (6, 2) needs 96 bytes, found 72; write the file again with np.save"
    )
  }
}
