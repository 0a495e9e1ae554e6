/// The learning rate over the steps of a training, as a factor of the first rate.
public struct RateSchedule: Sendable {
  private let factor: @Sendable (Int) -> Double

  /// - Parameter factor: after `t` steps, from 0 to 1; `t` counts the steps before the present one, from 0.
  public init(factor: @escaping @Sendable (_ t: Int) -> Double) { self.factor = factor }

  /// The factor after `t` steps, from 0 to 1. Cost: a few operations.
  public func factor(after t: Int) -> Double { factor(t) }
}

/// Everything that help texts and the checks of a study file need to know of a schedule.
public struct RateScheduleDescriptor: Sendable {
  /// Name in kebab case.
  public let name: String
  public let summary: String
  public let formula: String
  public let settings: [SettingSpec]
  private let make: @Sendable (ResolvedSettings) throws -> RateSchedule

  public init(
    name: String, summary: String, formula: String, settings: [SettingSpec] = [],
    make: @escaping @Sendable (ResolvedSettings) throws -> RateSchedule
  ) {
    self.name = name
    self.summary = summary
    self.formula = formula
    self.settings = settings
    self.make = make
  }

  /// The schedule of these settings.
  ///
  /// - Throws: `NetworkError.setting` for a setting that is unknown, missing or out of range.
  public func schedule(_ settings: [String: SettingValue] = [:]) throws -> RateSchedule {
    try make(ResolvedSettings(settings, specs: self.settings))
  }
}

extension SettingKind {
  /// A factor above 0, up to 1.
  static let decay = SettingKind.number(minimum: 0, maximum: 1, above: true)
  /// A number of steps of at least 1.
  static let steps = SettingKind.integer(1...Int(Int32.max))
}
