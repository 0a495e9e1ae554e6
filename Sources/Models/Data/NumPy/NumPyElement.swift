/// Number format of the elements of a NumPy file.
package struct NumPyElement: Sendable, Equatable {
  /// 1 for uint8, 4 for float32, 8 for float64.
  package let bytes: Int
  package let bigEndian: Bool

  /// Such as `<f4`.
  package var name: String { bytes == 1 ? "|u1" : "\(bigEndian ? ">" : "<")f\(bytes)" }

  /// Bytes by the spellings that NumPy takes for floats of these sizes.
  private static let codes = ["f4": 4, "f": 4, "f8": 8, "d": 8]
  /// Spellings that stand without a byte order.
  private static let words = ["float32": 4, "single": 4, "float64": 8, "double": 8, "float": 8]

  /// Reads a type string such as `<f8`, `f8` or `float64`.
  ///
  /// - Throws: `ModelFileError` for everything but float32 and float64.
  package init(
    descriptor: String, file: String, place: String, takesBytes: Bool = false
  ) throws {
    let order = descriptor.unicodeScalars.first.flatMap {
      "<>=|".unicodeScalars.contains($0) ? $0 : nil
    }
    let kind = order == nil ? descriptor : String(descriptor.unicodeScalars.dropFirst())
    if takesBytes, ["u1", "B"].contains(kind) || descriptor == "uint8" {
      (bytes, bigEndian) = (1, false)
      return
    }
    guard let size = Self.codes[kind] ?? (order == nil ? Self.words[kind] : nil) else {
      throw ModelFileError(
        file: file, place: place,
        what:
          "expected \(takesBytes ? "uint8, " : "")float32 or float64, found \(Self.inWords(descriptor)) (dtype '\(descriptor)')",
        hint: Self.hint)
    }
    bytes = size
    // Without an order, NumPy takes that of the machine: little-endian wherever it is common.
    bigEndian = order == ">"
  }

  package static let hint = "save numbers, as in np.save(path, x.astype(np.float64))"

  private static func inWords(_ descriptor: String) -> String {
    let order = "<>=|".contains(descriptor.first ?? " ")
    switch (order ? descriptor.dropFirst() : descriptor[...]).first {
    case "b": return descriptor.hasSuffix("b1") ? "true-or-false values" : "whole numbers"
    case "?": return "true-or-false values"
    case "i", "u": return "whole numbers"
    case "f": return "floats of another size"
    case "c": return "complex numbers"
    case "O": return "Python objects"
    case "S", "U", "a": return "texts"
    case "M", "m": return "dates or times"
    case "V": return "raw records"
    default: return "an unknown type"
    }
  }

  /// Decodes `count` elements at `source`, which is aligned to 8 bytes.
  package func decode(
    _ source: UnsafeMutableRawPointer, count: Int, into target: UnsafeMutablePointer<Double>
  ) {
    if bytes == 1 {
      let words = source.bindMemory(to: UInt8.self, capacity: count)
      for i in 0..<count { target[i] = Double(words[i]) }
    } else if bytes == 4 {
      let words = source.bindMemory(to: UInt32.self, capacity: count)
      if bigEndian {
        for i in 0..<count { target[i] = Double(Float(bitPattern: UInt32(bigEndian: words[i]))) }
      } else {
        for i in 0..<count { target[i] = Double(Float(bitPattern: UInt32(littleEndian: words[i]))) }
      }
    } else {
      let words = source.bindMemory(to: UInt64.self, capacity: count)
      if bigEndian {
        for i in 0..<count { target[i] = Double(bitPattern: UInt64(bigEndian: words[i])) }
      } else {
        for i in 0..<count { target[i] = Double(bitPattern: UInt64(littleEndian: words[i])) }
      }
    }
  }
}
