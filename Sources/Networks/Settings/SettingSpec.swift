/// The value of one setting of an operation, an optimiser or a schedule.
public enum SettingValue: Hashable, Sendable, CustomStringConvertible {
  case number(Double)
  case integer(Int)
  case text(String)
  case flag(Bool)

  /// Numbers in shortest round-trip form.
  public var description: String {
    switch self {
    case .number(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .text(let value): value
    case .flag(let value): "\(value)"
    }
  }
}

/// What a setting may be.
public enum SettingKind: Hashable, Sendable {
  /// A finite number; whole numbers are taken too. `minimum` itself is excluded where `above`,
  /// `maximum` where `below`.
  case number(minimum: Double, maximum: Double, above: Bool = false, below: Bool = false)
  case integer(ClosedRange<Int>)
  case choice([String])
  case flag

  /// A size of at least 1.
  static let size = SettingKind.integer(1...TensorShape.largest)
  /// A number above 0.
  static let positive = SettingKind.number(
    minimum: 0, maximum: .greatestFiniteMagnitude, above: true)
  /// A number of at least 0.
  static let notNegative = SettingKind.number(minimum: 0, maximum: .greatestFiniteMagnitude)
  /// A number of at least 0 and below 1.
  static let share = SettingKind.number(minimum: 0, maximum: 1, below: true)

  /// The allowed values in words.
  public var allowed: String {
    switch self {
    case .number(let minimum, let maximum, let above, let below):
      maximum < .greatestFiniteMagnitude
        ? "a number \(above ? "above" : "from") \(minimum) \(below ? "to below" : "to") \(maximum)"
        : "a number \(above ? "above" : "of at least") \(minimum)"
    case .integer(let range):
      "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .choice(let names): "one of \(names.joined(separator: ", "))"
    case .flag: "true or false"
    }
  }

  /// The value as this kind keeps it, or nil where it is of another kind or out of range.
  func accepted(_ value: SettingValue) -> SettingValue? {
    switch (self, value) {
    case (.number, .integer(let whole)): accepted(.number(Double(whole)))
    case (.number(let minimum, let maximum, let above, let below), .number(let number)):
      number.isFinite && (above ? number > minimum : number >= minimum)
        && (below ? number < maximum : number <= maximum) ? value : nil
    case (.integer(let range), .integer(let integer)): range.contains(integer) ? value : nil
    case (.choice(let names), .text(let text)): names.contains(text) ? value : nil
    case (.flag, .flag): value
    default: nil
    }
  }
}

/// One setting: the single place where its name, range, default and meaning are written.
public struct SettingSpec: Hashable, Sendable {
  /// Name in kebab case.
  public let name: String
  public let kind: SettingKind
  /// Nil: the setting must be given, or is left out where `isOptional`.
  public let defaultValue: SettingValue?
  /// Whether it may be left out though there is no default value.
  public let isOptional: Bool
  public let summary: String

  public init(
    _ name: String, _ kind: SettingKind, default defaultValue: SettingValue? = nil,
    optional isOptional: Bool = false, _ summary: String
  ) {
    self.name = name
    self.kind = kind
    self.defaultValue = defaultValue
    self.isOptional = isOptional
    self.summary = summary
  }
}
