import Fidelity
import Foundation
import Models
import Testing

/// Arrays and archives as NumPy reads them: `Fixtures/archives/make_archives.py` made the files and
/// asked NumPy.
@Suite struct NumPyAnswerTests {
  private struct Case: Decodable {
    let about: String
    let bytes: Data
    let array: String?
    let sound: Bool
    let shape: [Int]?
    let values: [String]?
  }

  private static func cases() throws -> [Case] {
    let folder = try #require(Bundle.module.resourcePath)
    return try JSONDecoder().decode(
      [Case].self,
      from: Data(contentsOf: URL(fileURLWithPath: folder + "/Fixtures/archives/archives.json")))
  }

  /// The numbers in C order, with `values` as the reader of a reference gets them.
  private func read(_ location: SampleLocation) throws -> (shape: [Int], values: [Double]) {
    let array = try location.open(usual: "reference")
    let count = array.header.count
    var stored = [Double](repeating: 0, count: count)
    try stored.withUnsafeMutableBufferPointer { try array.read(0, into: $0) }
    let shape = array.header.shape
    guard array.header.fortranOrder else { return (shape, stored) }
    var values = stored
    for place in 0..<count {
      var rest = place
      var index = 0
      var stride = count
      for axis in shape {
        stride /= axis
        index += rest % axis * stride
        rest /= axis
      }
      values[index] = stored[place]
    }
    return (shape, values)
  }

  /// Sound files give NumPy's numbers; every other gives them too, or is refused with a message.
  @Test func numbersOrARefusal() throws {
    let folder = try SampleFolder()
    let cases = try Self.cases()
    var sound = 0
    for (index, item) in cases.enumerated() {
      let path = try folder.write(item.bytes, "x\(index).npz").path
      let location = SampleLocation(path: path, array: item.array)
      do {
        let found = try read(location)
        let values = try #require(item.values, "\(index): NumPy refuses this: \(item.about)")
        #expect(found.shape == item.shape, "\(index): \(item.about)")
        // Bits, as a damaged number may be none.
        #expect(
          found.values.map(\.bitPattern) == values.map { (Double($0) ?? .nan).bitPattern }
            || found.values.contains { !$0.isFinite }, "\(index): \(item.about)")
        if item.sound { sound += 1 }
      } catch let error as ModelFileError {
        #expect(!item.sound, "\(index): \(item.about): \(error)")
      }
    }
    #expect(sound == cases.count { $0.sound } && sound > 100)
  }

  /// Names with colons, upper-case endings, and a file whose own name looks like an array's.
  @Test func names() throws {
    let folder = try SampleFolder()
    func archive(_ value: Double, _ name: String) -> Data {
      ZipBytes.archive([.init(name: name, data: NumPyBytes.array([value], shape: [1]))])
    }
    let plain = try folder.write(archive(1, "layer:0.npy"), "x.npz").path
    #expect(try read(SampleLocation(plain + ":layer:0")).values == [1])
    #expect(try read(SampleLocation(plain + ":layer:0.npy")).values == [1])
    let upper = try folder.write(archive(2, "g.npy"), "Y.NPZ").path
    #expect(try read(SampleLocation(upper + ":g")).values == [2])
    _ = try folder.write(archive(3, "g.npy"), "x.npz:layer:0")
    #expect(try read(SampleLocation(plain + ":layer:0")).values == [3])
    #expect(try read(SampleLocation(plain + ":layer:0:g")).values == [3])
    #expect(SampleLocation(folder.path + "/none.NPZ:a:b").array == "a:b")
    let array = try folder.write(NumPyBytes.array([4], shape: [1]), "z.npy").path
    #expect(throws: ModelFileError.self) { try read(SampleLocation(array + ":g")) }
  }

  /// The last of two members of one name, and members without `.npy`, as NumPy gives them; letters
  /// composed in another way are another name.
  @Test func members() throws {
    let folder = try SampleFolder()
    func one(_ value: Double) -> Data { NumPyBytes.array([value], shape: [1]) }
    let twice = try folder.write(
      ZipBytes.archive([.init(name: "g.npy", data: one(1)), .init(name: "g.npy", data: one(2))]),
      "twice.npz")
    #expect(try read(twice).values == [2])
    let bare = try folder.write(ZipBytes.archive([.init(name: "g", data: one(3))]), "bare.npz")
    #expect(try read(bare).values == [3])
    let both = try folder.write(
      ZipBytes.archive([.init(name: "g", data: one(4)), .init(name: "g.npy", data: one(5))]),
      "both.npz"
    ).path
    #expect(try read(SampleLocation(path: both, array: "g")).values == [4])
    #expect(try read(SampleLocation(path: both, array: "g.npy")).values == [5])
    let accents = try folder.write(
      ZipBytes.archive([
        .init(name: "\u{E9}.npy", data: one(6), flags: 0x800),
        .init(name: "e\u{301}.npy", data: one(7), flags: 0x800),
      ]), "accents.npz"
    ).path
    #expect(try read(SampleLocation(path: accents, array: "\u{E9}")).values == [6])
    #expect(try read(SampleLocation(path: accents, array: "e\u{301}")).values == [7])
  }
}
