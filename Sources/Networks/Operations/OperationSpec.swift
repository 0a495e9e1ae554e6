/// An operation as a study file names it: `relu`, `{dense: 200}`,
/// `{conv: {channels: 8, kernel: 3}}` or `{sum: [[], [{dense: 8}, relu]]}`.
public struct OperationSpec: Hashable, Sendable, CustomStringConvertible {
  /// What stands behind the name.
  public enum Argument: Hashable, Sendable {
    case none
    /// The one setting that needs no name.
    case value(SettingValue)
    case settings([String: SettingValue])
    case branches([[OperationSpec]])
  }

  public let name: String
  public let argument: Argument

  public init(_ name: String, _ argument: Argument = .none) {
    self.name = name
    self.argument = argument
  }

  /// `name: value` of a whole number.
  public init(_ name: String, _ value: Int) { self.init(name, .value(.integer(value))) }

  /// `name: {setting: value, ...}`.
  public init(_ name: String, _ settings: [String: SettingValue]) {
    self.init(name, .settings(settings))
  }

  /// `name: [[...], [...]]`.
  public init(_ name: String, branches: [[OperationSpec]]) {
    self.init(name, .branches(branches))
  }

  /// The text form, settings by name.
  public var description: String {
    switch argument {
    case .none: name
    case .value(let value): "{\(name): \(value)}"
    case .settings(let settings):
      "{\(name): {"
        + settings.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        .joined(separator: ", ") + "}}"
    case .branches(let branches):
      "{\(name): [\(branches.map(Self.text(of:)).joined(separator: ", "))]}"
    }
  }

  /// The text form of a list of operations: `[{dense: 200}, relu]`.
  public static func text(of specs: [OperationSpec]) -> String {
    "[\(specs.map(\.description).joined(separator: ", "))]"
  }
}
