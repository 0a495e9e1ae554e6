/// Which names a study and its checkpoints may have: both become file names.
enum NameRule: Sendable {
  /// `[a-z0-9][a-z0-9-]*`: a dash in front would make an option of it.
  case study
  /// Also capital letters, `_` and `.`, but not in front.
  case checkpoint

  private static let longest = 80

  var inWords: String {
    switch self {
    case .study: "a name has the characters a-z, 0-9 and -, at most \(Self.longest) of them"
    case .checkpoint:
      "a name has the characters A-Z, a-z, 0-9, -, _ and ., starts with a letter or digit, and is at most \(Self.longest) long"
    }
  }

  /// The rule, or the part of it that a name breaks.
  func inWords(for name: String) -> String {
    self == .study && name.hasPrefix("-") ? "a name starts with a letter or digit" : inWords
  }

  func accepts(_ name: String) -> Bool {
    guard !name.isEmpty, name.utf8.count <= Self.longest else { return false }
    switch self {
    case .study: return name.utf8.allSatisfy(Self.isLower) && !name.hasPrefix("-")
    case .checkpoint:
      guard let first = name.utf8.first, Self.isLetterOrDigit(first) else { return false }
      return name.utf8.allSatisfy { Self.isLetterOrDigit($0) || "-_.".utf8.contains($0) }
    }
  }

  /// An accepted name close to the given one, or nil.
  func nearest(to name: String) -> String? {
    let lowered = self == .study ? name.lowercased() : name
    let replaced = lowered.map { accepts(String($0)) || $0 == "-" ? $0 : "-" }
    let words = String(replaced).split(separator: "-")
    let joined = words.joined(separator: "-")
    return accepts(joined) && joined != name ? joined : nil
  }

  private static func isLower(_ byte: UInt8) -> Bool {
    (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2D
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
  }
}
