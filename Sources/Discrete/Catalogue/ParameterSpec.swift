/// The value of one parameter of an estimator or a problem.
public enum ParameterValue: Hashable, Sendable, CustomStringConvertible {
  case number(Double)
  case integer(Int)
  case text(String)
  case flag(Bool)
  /// A kind with parameters of its own.
  case entry(String, [String: ParameterValue])
  /// Several values in their order.
  case list([ParameterValue])

  /// Numbers in shortest round-trip form; an entry as `vq(dimension=2)`, a list as `[a, b]`.
  public var description: String {
    switch self {
    case .number(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .text(let value): value
    case .flag(let value): "\(value)"
    case .list(let values): "[\(values.map(\.description).joined(separator: ", "))]"
    case .entry(let kind, let parameters):
      parameters.isEmpty ? kind : "\(kind)(\(Self.words(parameters)))"
    }
  }
}

extension ParameterValue {
  /// `name=value` pairs by name; a value without a name stands alone.
  private static func words(_ parameters: [String: ParameterValue]) -> String {
    parameters.sorted { $0.key < $1.key }
      .map { $0.isEmpty ? "\($1)" : "\($0)=\($1)" }
      .joined(separator: " ")
  }
}

/// A kind that a parameter may be, with parameters of its own.
public struct EntryKind: Hashable, Sendable {
  /// Name in study files, in kebab case.
  public let name: String
  public let summary: String
  public let parameters: [ParameterSpec]

  public init(_ name: String, _ summary: String, parameters: [ParameterSpec] = []) {
    self.name = name
    self.summary = summary
    self.parameters = parameters
  }
}

/// What a parameter may be.
public enum ParameterKind: Hashable, Sendable {
  /// A finite number; `minimum` itself is excluded where `exclusive`.
  case number(minimum: Double, maximum: Double, exclusive: Bool)
  case integer(ClosedRange<Int>)
  case choice([String])
  case flag
  /// A file name, relative to the study file.
  case path
  /// A list of operations, each a name alone or `name: argument`, which the problem reads.
  case program
  /// A mapping with a `kind` of its own, or the name of one alone.
  case entry([EntryKind])

  /// A temperature: any finite number above 0.
  public static let temperature = ParameterKind.number(
    minimum: 0, maximum: .greatestFiniteMagnitude, exclusive: true)

  /// Any finite number.
  public static let real = ParameterKind.number(
    minimum: -.greatestFiniteMagnitude, maximum: .greatestFiniteMagnitude, exclusive: false)

  /// The allowed values in words, for messages and the catalogue.
  public var allowed: String {
    switch self {
    case .number(let minimum, let maximum, let exclusive):
      switch (minimum > -.greatestFiniteMagnitude, maximum < .greatestFiniteMagnitude) {
      case (true, true):
        "a number \(exclusive ? "above" : "from") \(short(minimum)) to \(short(maximum))"
      case (true, false): "a number \(exclusive ? "above" : "of at least") \(short(minimum))"
      case (false, true): "a number of at most \(short(maximum))"
      case (false, false): "a finite number"
      }
    case .integer(let range):
      range.upperBound == .max
        ? "a whole number of at least \(range.lowerBound)"
        : "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .choice(let names): "one of \(names.joined(separator: ", "))"
    case .flag: "true or false"
    case .path: "a file name"
    case .program: "a list of operations, such as [{dense: 200}, relu]"
    case .entry(let kinds):
      "one of \(kinds.map(\.name).joined(separator: ", ")), or a mapping with such a kind"
    }
  }

  private func short(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
  }

  /// Whether `value` is of this kind and in range.
  public func accepts(_ value: ParameterValue) -> Bool {
    switch (self, value) {
    case (.number(let minimum, let maximum, let exclusive), .number(let number)):
      number.isFinite && (exclusive ? number > minimum : number >= minimum) && number <= maximum
    case (.integer(let range), .integer(let integer)): range.contains(integer)
    case (.choice(let names), .text(let text)): names.contains(text)
    case (.flag, .flag), (.path, .text), (.program, .list): true
    case (.entry(let kinds), .entry(let name, let given)):
      kinds.contains { kind in
        kind.name == name && (try? ResolvedParameters(given, specs: kind.parameters)) != nil
      }
    default: false
    }
  }
}

/// One hyper-parameter in the catalogue: the single place where its name, range, default and
/// meaning are written.
public struct ParameterSpec: Hashable, Sendable {
  /// Name in study files, in kebab case.
  public let name: String
  public let kind: ParameterKind
  /// Nil: the parameter must be given.
  public let defaultValue: ParameterValue?
  public let summary: String
  /// Left out of the identity of cells where it is at its default: it came after cells were stored without it.
  public let isLater: Bool

  public init(
    _ name: String, _ kind: ParameterKind, default defaultValue: ParameterValue? = nil,
    _ summary: String, isLater: Bool = false
  ) {
    precondition(!isLater || defaultValue != nil)
    self.isLater = isLater
    self.name = name
    self.kind = kind
    self.defaultValue = defaultValue
    self.summary = summary
  }
}

/// Resolved parameters by name, in the order of their specs: defaults are filled in, values are
/// in range.
public struct ResolvedParameters: Hashable, Sendable {
  public private(set) var names: [String] = []
  private var storage: [String: ParameterValue] = [:]
  /// Those that make the identity of cells: all but later ones at their default.
  public private(set) var identifying: [String] = []

  /// Fills in defaults and checks every value.
  /// - Throws: `DiscreteError.parameter` for an unknown name, a missing value or one out of range.
  public init(_ given: [String: ParameterValue], specs: [ParameterSpec]) throws {
    for name in given.keys.sorted() where !specs.contains(where: { $0.name == name }) {
      throw DiscreteError.parameter("unknown parameter '\(name)'")
    }
    for spec in specs {
      guard let value = given[spec.name] ?? spec.defaultValue else {
        throw DiscreteError.parameter("parameter '\(spec.name)' is missing")
      }
      guard spec.kind.accepts(value) else {
        throw DiscreteError.parameter("\(spec.name) must be \(spec.kind.allowed), found \(value)")
      }
      names.append(spec.name)
      if !spec.isLater || value != spec.defaultValue { identifying.append(spec.name) }
      storage[spec.name] = try Self.filled(value, spec.kind)
    }
  }

  /// An entry with its defaults.
  private static func filled(
    _ value: ParameterValue, _ kind: ParameterKind
  ) throws -> ParameterValue {
    guard case (.entry(let kinds), .entry(let name, let given)) = (kind, value),
      let found = kinds.first(where: { $0.name == name })
    else { return value }
    return .entry(name, try ResolvedParameters(given, specs: found.parameters).storage)
  }

  public subscript(name: String) -> ParameterValue? { storage[name] }

  /// All values by name.
  public var values: [String: ParameterValue] { storage }

  /// A number (or whole number) parameter. The name must be in the specs with that kind.
  public func number(_ name: String) -> Double {
    switch storage[name] {
    case .number(let value): value
    case .integer(let value): Double(value)
    default: preconditionFailure("no number '\(name)' among the specs")
    }
  }

  /// A whole-number parameter.
  public func integer(_ name: String) -> Int {
    guard case .integer(let value) = storage[name] else {
      preconditionFailure("no whole number '\(name)' among the specs")
    }
    return value
  }

  /// A choice or path parameter.
  public func text(_ name: String) -> String {
    guard case .text(let value) = storage[name] else {
      preconditionFailure("no text '\(name)' among the specs")
    }
    return value
  }

  /// An entry parameter: its kind, and its own parameters, resolved.
  public func entry(
    _ name: String, among kinds: [EntryKind]
  ) -> (kind: String, parameters: ResolvedParameters) {
    guard case .entry(let kind, let given) = storage[name],
      let found = kinds.first(where: { $0.name == kind }),
      let parameters = try? ResolvedParameters(given, specs: found.parameters)
    else { preconditionFailure("no entry '\(name)' among the specs") }
    return (kind, parameters)
  }

  /// A list parameter.
  public func list(_ name: String) -> [ParameterValue] {
    guard case .list(let values) = storage[name] else {
      preconditionFailure("no list '\(name)' among the specs")
    }
    return values
  }

  /// A flag parameter.
  public func flag(_ name: String) -> Bool {
    guard case .flag(let value) = storage[name] else {
      preconditionFailure("no flag '\(name)' among the specs")
    }
    return value
  }

  /// `name=value` pairs in spec order, separated by `, `.
  public var summary: String {
    names.compactMap { name in storage[name].map { "\(name)=\($0)" } }.joined(separator: ", ")
  }
}
