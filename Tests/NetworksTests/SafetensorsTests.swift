import Foundation
import Networks
import Tensors
import Testing

@Suite struct SafetensorsTests {
  /// Written by a Python script with struct, json and numpy.
  private static let fixture = """
    6AEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6IHsiZm9ybWF0IjogInB0IiwgIlx1MDBmYyBcInFcIiI6ICJsaW5lXG5lbmQgXFwg\
    XHUwMDAxIn0sICJ6LnNpbmdsZSI6IHsiZHR5cGUiOiAiRjMyIiwgInNoYXBlIjogWzIsIDNdLCAiZGF0YV9vZmZzZXRzIjog\
    WzAsIDI0XX0sICJhLmRvdWJsZSI6IHsiZHR5cGUiOiAiRjY0IiwgInNoYXBlIjogWzJdLCAiZGF0YV9vZmZzZXRzIjogWzI0\
    LCA0MF19LCAiaGFsZiI6IHsiZHR5cGUiOiAiRjE2IiwgInNoYXBlIjogWzddLCAiZGF0YV9vZmZzZXRzIjogWzQwLCA1NF19\
    LCAiYnJhaW4iOiB7ImR0eXBlIjogIkJGMTYiLCAic2hhcGUiOiBbMywgMV0sICJkYXRhX29mZnNldHMiOiBbNTQsIDYwXX0s\
    ICJzY2FsYXIiOiB7ImR0eXBlIjogIkYzMiIsICJzaGFwZSI6IFtdLCAiZGF0YV9vZmZzZXRzIjogWzYwLCA2NF19LCAibm9u\
    ZSI6IHsiZHR5cGUiOiAiRjY0IiwgInNoYXBlIjogWzAsIDRdLCAiZGF0YV9vZmZzZXRzIjogWzY0LCA2NF19fQAAwD8AABDA\
    zczMPeaxYX8BAAAAAAAAgJqZmZmZmbk/nHUAiDzkN/4APgCA/wMBAP97AHyAwcA/EMABAAAA4EA=
    """

  private func bytes() throws -> [UInt8] {
    Array(try #require(Data(base64Encoded: Self.fixture)))
  }

  @Test func readsWhatPythonWrote() throws {
    let file = try SafetensorsFile(decoding: bytes())
    #expect(file.metadata == ["format": "pt", "ü \"q\"": "line\nend \\ \u{1}"])
    #expect(
      file.tensors.map(\.name) == ["z.single", "a.double", "half", "brain", "scalar", "none"])
    #expect(file.tensors.map(\.shape) == [[2, 3], [2], [7], [3, 1], [], [0, 4]])
    #expect(
      file["z.single"]?.numbers == .single([1.5, -2.25, 0.1, 3e38, .leastNonzeroMagnitude, -0.0]))
    #expect(file["a.double"]?.numbers == .double([0.1, -1e300]))
    #expect(
      file["half"]?.numbers
        == .single([1.5, -0.0, 6.097555160522461e-05, 0x1p-24, 65504, .infinity, -2.75]))
    #expect(file["brain"]?.numbers == .single([1.5, -2.25, Float(bitPattern: 0x10000)]))
    #expect(file["scalar"]?.numbers == .single([7]) && file["none"]?.numbers == .double([]))
    #expect(file["half"]?.values(as: Float.self)[1].sign == .minus)
    #expect(file["a.double"]?.values(as: Float.self) == [0.1, -.infinity])
    #expect(file["scalar"]?.values(as: Double.self) == [7])
  }

  /// What Python's struct and json read from the same contents: the header text, then the numbers.
  @Test func writesTheStatedBytes() throws {
    let file = SafetensorsFile(
      tensors: [
        NamedTensor("b", shape: [1, 2], [Float(1.5), -2]), NamedTensor("a", shape: [1], [0.1]),
      ], metadata: ["k\"": "é\n"])
    let header =
      "{\"__metadata__\":{\"k\\\"\":\"é\\u000a\"},\"a\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]},\"b\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[8,16]}}"
    var expected: [UInt8] = Array(header.utf8)
    while expected.count % 8 != 0 { expected.append(0x20) }
    expected = [UInt8(expected.count), 0, 0, 0, 0, 0, 0, 0] + expected
    expected += [0x9A, 0x99, 0x99, 0x99, 0x99, 0x99, 0xB9, 0x3F]
    expected += [0, 0, 0xC0, 0x3F, 0, 0, 0, 0xC0]
    let encoded = try file.encoded()
    #expect(encoded == expected)
    var turned = file
    turned.tensors.reverse()
    #expect(try turned.encoded() == encoded)
    let back = try SafetensorsFile(decoding: encoded)
    #expect(back.metadata == file.metadata && back.tensors == turned.tensors)
    #expect(try SafetensorsFile().encoded() == [8, 0, 0, 0, 0, 0, 0, 0] + Array("{}      ".utf8))
    #expect(try SafetensorsFile(decoding: SafetensorsFile().encoded()) == SafetensorsFile())
  }

  @Test func refusesNamesThatCannotBeWritten() {
    func file(_ names: String...) -> SafetensorsFile {
      SafetensorsFile(tensors: names.map { NamedTensor($0, shape: [], [Float(0)]) })
    }
    #expect(message { try file("a", "a").encoded() } == "there are two tensors named 'a'")
    #expect(
      message { try file("__metadata__").encoded() } == "a tensor cannot be named '__metadata__'")
  }

  /// A file of this header and so many zero bytes.
  private func decoded(_ header: String, data: Int = 8) -> String {
    message {
      let head = Array(header.utf8)
      return try SafetensorsFile(
        decoding: [UInt8(head.count & 255), UInt8(head.count >> 8), 0, 0, 0, 0, 0, 0] + head
          + [UInt8](repeating: 0, count: data)
      ).tensors.count
    }
  }

  private func entry(
    name: String = "a", type: String = "F32", shape: String = "2", _ start: Int = 0,
    _ end: Int = 8
  ) -> String {
    "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":[\(shape)],\"data_offsets\":[\(start),\(end)]}"
  }

  @Test func everyDamageIsNamed() throws {
    #expect(decoded("{\(entry())}") == "no error: 1")
    #expect(decoded(" { \(entry()) } ") == "no error: 1")
    let cases: [(String, Int, String)] = [
      ("", 0, "the header is broken: byte 0 should be '{', the header ends there"),
      ("[]", 0, "the header is broken: byte 0 should be '{', found ["),
      ("{} x", 0, "the header is broken: byte 3 does not belong there, found x"),
      ("{\"a\"", 0, "the header is broken: byte 4 should be ':', the header ends there"),
      ("{\"a", 0, "the header is broken: byte 1 begins a string without end, found \\\""),
      ("{\"\\x", 0, "the header is broken: byte 2 begins an unknown escape, found \\\\"),
      ("{\"\\ud800\"", 0, "the header is broken: byte 2 begins an unknown escape, found \\\\"),
      ("{\"a\n", 0, "the header is broken: byte 3 has a control character in a string, found \\n"),
      ("{\"a\":{\"shape\":[1.5]}}", 0, "the header is broken: byte 16 should be ']', found ."),
      (
        "{\"a\":{\"shape\":[-1]}}", 0,
        "the header is broken: byte 15 is no whole number of at least 0, found -"
      ),
      (
        "{\"a\":{\"shape\":[01]}}", 0,
        "the header is broken: byte 15 is no whole number of at least 0, found 0"
      ),
      (
        "{\"a\":{\"shape\":[9223372036854775808]}}", 0,
        "the header is broken: byte 15 begins too large a number, found 9"
      ),
      ("{\(entry()),}", 8, "the header is broken: byte 54 should be '\"', found }"),
      ("{\(entry()),\(entry())}", 8, "the header has two entries named 'a'"),
      (
        "{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", 0, "the metadata have two entries named 'k'"
      ),
      ("{\"__metadata__\":{\"k\":1}}", 0, "the header is broken: byte 21 should be '\"', found 1"),
      ("{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}}", 0, "tensor 'a' has two fields 'dtype'"),
      ("{\"a\":{\"type\":\"F32\"}}", 0, "tensor 'a' has an unknown field 'type'"),
      ("{\"a\":{\"dtype\":\"F32\"}}", 0, "tensor 'a' lacks one of dtype, shape, data_offsets"),
      (
        "{\(entry(type: "I64"))}", 8,
        "tensor 'a' has numbers of type 'I64'; the types that are read are F64, F32, F16, BF16"
      ),
      (
        "{\(entry(shape: "3"))}", 8,
        "tensor 'a' of shape [3] and type F32 has 8 bytes, expected 12"
      ),
      (
        "{\(entry(shape: "4294967296,4294967296"))}", 8,
        "tensor 'a' of shape [4294967296, 4294967296] and type F32 has 8 bytes, expected more than can be counted"
      ),
      ("{\(entry(8, 0))}", 8, "tensor 'a' has the data_offsets [8, 0], no range"),
      (
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4,8]}}", 8,
        "tensor 'a' has the data_offsets [0, 4, 8], no range"
      ),
      (
        "{\(entry(4, 12))}", 12,
        "tensor 'a' begins at byte 4 of the data, expected 0: the tensors leave a gap"
      ),
      (
        "{\(entry()),\(entry(name: "b", 4, 12))}", 12,
        "tensor 'b' begins at byte 4 of the data, expected 8: the tensors overlap"
      ),
      ("{\(entry())}", 9, "the tensors have 8 bytes, but 9 follow the header"),
      ("{\(entry())}", 7, "the tensors have 8 bytes, but 7 follow the header"),
      ("{}", 3, "the tensors have 0 bytes, but 3 follow the header"),
    ]
    for (header, data, expected) in cases { #expect(decoded(header, data: data) == expected) }
    #expect(
      message { try SafetensorsFile(decoding: [1, 2]) }
        == "a safetensors file begins with 8 bytes of header length, found 2 bytes")
    #expect(
      message { try SafetensorsFile(decoding: [9, 0, 0, 0, 0, 0, 0, 0, 0x7B]) }
        == "the header should have 9 bytes, but the file ends after 1")
    #expect(
      message { try SafetensorsFile(decoding: [1, 225, 245, 5, 0, 0, 0, 0, 0x7B]) }
        == "the header length is 100000001 bytes, at most 100000000 are read; this is no safetensors file"
    )
    #expect(
      message { try SafetensorsFile(decoding: [UInt8](repeating: 255, count: 9)) }
        .hasPrefix("the header length is 18446744073709551615 bytes"))
    let invalid: [UInt8] = [5, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x22, 0xFF, 0x22, 0x3A]
    #expect(
      message { try SafetensorsFile(decoding: invalid) }
        == "the header is broken: byte 4 is not UTF-8 in the string before it, found :")
  }

  /// Changed, cut, doubled and swapped bytes: an error or a file, and nothing else. Whatever is
  /// read can be written and read again.
  @Test func mutationsNeverTrap() throws {
    let whole = try bytes()
    let rounds = 600
    let words = RandomStream(key: RandomKey(seed: 7), row: 0, site: 0)
      .words(from: 0, count: 8 * rounds)
    for round in 0..<rounds {
      var bytes = whole
      let word = words[8 * round..<8 * round + 8].map { Int($0 >> 1) }
      for change in 0...(word[0] % 3) {
        let place = word[1 + change] % (round % 2 == 0 ? bytes.count : 500)
        switch word[4 + change] % 4 {
        case 0: bytes[place % bytes.count] = UInt8(word[7] & 255)
        case 1: bytes.removeLast(min(bytes.count - 1, place))
        case 2: bytes.insert(contentsOf: bytes.prefix(place).suffix(9), at: place % bytes.count)
        default: bytes[place % bytes.count] ^= 1 << UInt8(word[7] % 8)
        }
      }
      do {
        let file = try SafetensorsFile(decoding: bytes)
        let again = try SafetensorsFile(decoding: file.encoded())
        #expect(again.tensors.count == file.tensors.count)
      } catch let error as NetworkError {
        #expect(!error.message.isEmpty)
      }
    }
  }

  @Test func storesGoThroughFiles() throws {
    let program = try Program(
      [OperationSpec("dense", 3), OperationSpec("relu"), OperationSpec("dense", 2)],
      OperationContext(input: .flat(2)))
    let store = try program.start(Double.self, name: "net", key: RandomKey(seed: 1))
    let bytes = try SafetensorsFile(tensors: store.namedTensors).encoded()
    let tensors = try SafetensorsFile(decoding: bytes).tensors
    var loaded = program.layout(Double.self, name: "net")
    try loaded.load(tensors)
    #expect(loaded == store)
    var narrow = program.layout(Float.self, name: "net")
    try narrow.load(tensors)
    #expect(narrow == store.converted(to: Float.self))

    func failing(_ tensors: [NamedTensor]) -> String {
      var copy = loaded
      let text = message { try copy.load(tensors) }
      #expect(copy == loaded)
      return text
    }
    #expect(
      failing(Array(tensors.dropLast()))
        == "tensor 'net.2.weight' is missing; did you mean 'net.1.weight'? there are net.1.bias, net.1.weight, net.2.bias"
    )
    #expect(
      failing(tensors + [NamedTensor("x", shape: [], [1.0])])
        == "there is a tensor 'x' that this network does not have")
    #expect(failing(tensors + tensors) == "there are two tensors named 'net.1.bias'")
    var others = tensors
    others[1] = NamedTensor("net.1.weight", shape: [3, 2], [1.0, 2, 3, 4, 5, 6])
    #expect(failing(others) == "tensor 'net.1.weight' has the shape [3, 2], expected [2, 3]")
    others[1] = NamedTensor("net.1.weight", shape: [2, 3], [1.0, 2, .nan, 4, 5, 6])
    #expect(failing(others) == "number 2 of tensor 'net.1.weight' is nan")
  }
}
