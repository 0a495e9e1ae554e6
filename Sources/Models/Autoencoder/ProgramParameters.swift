import Discrete
import Networks

/// Programs as parameters of a study file: a list of operations, each `.entry(name, settings)`.
public enum ProgramParameters {
  /// Names of all operations.
  public static var names: [String] { OperationRegistry.all.map(\.name) }

  /// The operation with all its settings, so that equal operations are equal values, however they are written.
  ///
  /// - Parameter operation: its settings by name, one without a name, or lists of operations without a name.
  /// - Throws: `NetworkError.setting` for a name or setting that is unknown or out of range.
  public static func resolved(_ operation: ParameterValue) throws -> ParameterValue {
    guard case .entry(let name, let given) = operation else {
      throw NetworkError.setting("'\(operation)' is no operation")
    }
    guard let descriptor = OperationRegistry.all.first(where: { $0.name == name }) else {
      throw NetworkError.setting("unknown operation '\(name)'")
    }
    guard !descriptor.branches else {
      guard case .list(let branches)? = given[""] else {
        throw NetworkError.setting(
          "'\(name)' takes a list of lists of operations, such as {\(name): [[], [relu]]}")
      }
      return .entry(name, ["": .list(try branches.map(resolvedBranch))])
    }
    var settings = try given.mapValues { try SettingValue($0) }
    if let bare = settings.removeValue(forKey: "") {
      guard let shorthand = descriptor.shorthand else {
        throw NetworkError.setting("'\(name)' takes no bare value, found \(bare)")
      }
      settings[shorthand] = bare
    }
    let all = try ResolvedSettings(settings, specs: descriptor.settings)
    var values: [String: ParameterValue] = [:]
    for spec in descriptor.settings {
      if let value = all[spec.name] { values[spec.name] = ParameterValue(value) }
    }
    return .entry(name, values)
  }

  private static func resolvedBranch(_ branch: ParameterValue) throws -> ParameterValue {
    guard case .list(let operations) = branch else {
      throw NetworkError.setting("'\(branch)' is no list of operations")
    }
    return .list(try operations.map(resolved))
  }
}
