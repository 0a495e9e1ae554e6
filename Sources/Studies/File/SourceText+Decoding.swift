/// A place where the bytes of a file are not usable text.
struct UnreadableByte: Sendable {
  /// Index into the decoded scalars, where a replacement character stands.
  let index: Int
  /// Nil: not UTF-8. Otherwise the control character found.
  let control: UInt32?
}

extension SourceText {
  /// Decodes UTF-8. Unusable bytes become replacement characters and are listed, so that the rest
  /// of the file can still be checked. A byte order mark is dropped.
  static func decoding(
    _ bytes: some Sequence<UInt8>, name: String
  ) -> (text: SourceText, unreadable: [UnreadableByte]) {
    var scalars: [Unicode.Scalar] = []
    var unreadable: [UnreadableByte] = []
    var iterator = bytes.makeIterator()
    var decoder = UTF8()
    let replacement: Unicode.Scalar = "\u{FFFD}"
    decoding: while true {
      switch decoder.decode(&iterator) {
      case .emptyInput:
        break decoding
      case .error:
        unreadable.append(UnreadableByte(index: scalars.count, control: nil))
        scalars.append(replacement)
      case .scalarValue(let scalar):
        if scalar == "\u{FEFF}", scalars.isEmpty { continue }
        if isPrintable(scalar.value) {
          scalars.append(scalar)
        } else {
          unreadable.append(UnreadableByte(index: scalars.count, control: scalar.value))
          scalars.append(replacement)
        }
      }
    }
    return (SourceText(name: name, scalars: scalars), unreadable)
  }

  /// What YAML allows in a file.
  private static func isPrintable(_ value: UInt32) -> Bool {
    switch value {
    case 0x09, 0x0A, 0x0D, 0x20...0x7E, 0x85, 0xA0...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD,
      0x10000...0x10FFFF:
      true
    default: false
    }
  }
}
