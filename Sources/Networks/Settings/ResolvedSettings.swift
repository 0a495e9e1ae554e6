import Tensors

/// Settings by name: defaults are filled in, values are in range.
public struct ResolvedSettings: Hashable, Sendable {
  private var values: [String: SettingValue] = [:]
  private let names: [String]

  /// Fills in defaults and checks every value.
  ///
  /// - Throws: `NetworkError.setting` for an unknown name, a missing value or one out of range.
  public init(_ given: [String: SettingValue], specs: [SettingSpec]) throws {
    names = specs.map(\.name)
    for name in given.keys.sorted() where !names.contains(name) {
      guard !names.isEmpty else {
        throw NetworkError.setting("unknown setting '\(name)'; there are no settings")
      }
      throw NetworkError.setting(
        "unknown setting '\(name)'; "
          + NearestName.advice(for: name, among: names, title: "the settings are", mark: ""))
    }
    for spec in specs {
      guard let value = given[spec.name] ?? spec.defaultValue else {
        if spec.isOptional { continue }
        throw NetworkError.setting("setting '\(spec.name)' is missing: \(spec.kind.allowed)")
      }
      guard let accepted = spec.kind.accepted(value) else {
        throw NetworkError.setting("\(spec.name) must be \(spec.kind.allowed), found \(value)")
      }
      values[spec.name] = accepted
    }
  }

  public subscript(name: String) -> SettingValue? { values[name] }

  /// A number. The name must be in the specs with that kind.
  public func number(_ name: String) -> Double {
    guard case .number(let value) = values[name] else {
      preconditionFailure("no number '\(name)' among the specs")
    }
    return value
  }

  /// A whole number.
  public func integer(_ name: String) -> Int {
    guard let value = optionalInteger(name) else {
      preconditionFailure("no whole number '\(name)' among the specs")
    }
    return value
  }

  /// A whole number, or nil where it was left out.
  public func optionalInteger(_ name: String) -> Int? {
    guard case .integer(let value) = values[name] else { return nil }
    return value
  }

  /// A choice.
  public func text(_ name: String) -> String {
    guard case .text(let value) = values[name] else {
      preconditionFailure("no text '\(name)' among the specs")
    }
    return value
  }

  /// A flag.
  public func flag(_ name: String) -> Bool {
    guard case .flag(let value) = values[name] else {
      preconditionFailure("no flag '\(name)' among the specs")
    }
    return value
  }

  /// `name=value` pairs in the order of the specs, separated by `, `.
  public var summary: String {
    names.compactMap { name in values[name].map { "\(name)=\($0)" } }.joined(separator: ", ")
  }
}
