import Foundation
import Studies
import Testing

/// The canonical text must stay, byte for byte, what `JSONEncoder` made of it when the first cells
/// were hashed.
@Suite struct CanonicalJSONTests {
  private func encoded(_ value: CanonicalJSON) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  @Test func everyCharacterOfTheFirstPlane() throws {
    for value in UInt32(0)..<0x3000 {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let text = CanonicalJSON.text("a\(scalar)b")
      #expect(try text.rendered() == encoded(text))
    }
    for text in ["", "/", "\\\"", "\r\n", "e\u{301}", "\u{1F600}\u{0}", "\u{2028}"] {
      #expect(try CanonicalJSON.text(text).rendered() == encoded(.text(text)))
    }
  }

  @Test func numbersOfEveryMagnitude() throws {
    var values: [Double] = [
      0, -0.0, 1, -1, 0.1, 5e-4, 1e15, 1e16, 1e17, 1e-5, 123_456_789, Double.pi, 1e100,
      Double.leastNonzeroMagnitude, Double.greatestFiniteMagnitude, 9_007_199_254_740_992,
    ]
    var state: UInt64 = 1
    for _ in 0..<20_000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let value = Double(bitPattern: state ^ (state >> 29))
      if value.isFinite { values.append(value) }
    }
    for value in values {
      #expect(try CanonicalJSON.number(value).rendered() == encoded(.number(value)))
    }
    for value in [Int.min, -1, 0, Int.max] {
      #expect(try CanonicalJSON.integer(value).rendered() == encoded(.integer(value)))
    }
    for value in [0, UInt64.max] {
      #expect(try CanonicalJSON.unsigned(value).rendered() == encoded(.unsigned(value)))
    }
    for value in [Double.nan, .infinity, -.infinity] {
      #expect(throws: EncodingError.self) { try CanonicalJSON.number(value).rendered() }
    }
  }

  @Test func keysAreSortedAndContainersNested() throws {
    let value = CanonicalJSON.object([
      "tau": .number(1), "tau-forward": .number(0.5), "tau_b": .flag(true), "Tau": .flag(false),
      "a10": .integer(1), "a9": .integer(2), "": .text("empty"), "a b": .array([]),
      "\u{e4}": .object([:]), "z\"": .array([.object(["k": .array([.text("/")])]), .integer(3)]),
    ])
    #expect(try value.rendered() == encoded(value))
  }

  @Test func theHashIsThatOfTheText() throws {
    // printf '{"a":1}' | sha256sum
    #expect(
      try CanonicalJSON.object(["a": .integer(1)]).contentHash()
        == "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862")
  }
}
