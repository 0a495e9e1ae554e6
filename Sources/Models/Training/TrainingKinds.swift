import Discrete
import Networks

/// What a training in a study file can name: made from the lists of `Networks`.
public enum TrainingKinds {
  /// Optimisers with their hyper-parameters.
  public static let optimisers = OptimiserRegistry.all.map {
    EntryKind($0.name, $0.summary, parameters: $0.settings.map(ParameterSpec.init))
  }

  /// Schedules of the learning rate.
  public static let schedules = RateSchedule.all.map {
    EntryKind($0.name, $0.summary, parameters: $0.settings.map(ParameterSpec.init))
  }

  /// The settings of entries that were resolved against these lists.
  ///
  /// - Parameters:
  ///   - optimiser: `.entry(name, parameters)`.
  ///   - schedule: the same of a schedule, or nil.
  public static func settings(
    optimiser: ParameterValue, schedule: ParameterValue?, clip: Double?
  ) -> OptimiserSettings {
    guard case .entry(let kind, let given) = optimiser else { return .adam }
    let specs = optimisers.first { $0.name == kind }?.parameters ?? []
    let unusual = given.filter { name, value in
      specs.first { $0.name == name }?.defaultValue != value
    }
    var changing = schedule
    if case .entry("constant", _)? = schedule { changing = nil }
    return OptimiserSettings(kind, parameters: unusual, schedule: changing, clip: clip)
  }
}

extension TrainingKinds {
  /// Why a rule cannot be had, whatever it trains; nil where it can.
  public static func refusal(_ optimiser: OptimiserSettings) -> String? {
    do {
      if case .entry(let name, let settings)? = optimiser.schedule {
        _ = try RateSchedule.named(name, settings.mapValues { try SettingValue($0) })
      }
      _ = try OptimiserRegistry.rule(
        optimiser.kind, optimiser.parameters.mapValues { try SettingValue($0) })
      return nil
    } catch {
      return "\(error)"
    }
  }
}

extension ParameterSpec {
  /// The setting of an operation or optimiser as a parameter of a study file.
  init(_ spec: SettingSpec) {
    let kind: ParameterKind =
      switch spec.kind {
      case .number(let minimum, let maximum, let above, let below):
        .number(
          minimum: minimum, maximum: below ? maximum.nextDown : maximum, exclusive: above)
      case .integer(let range): .integer(range)
      case .choice(let names): .choice(names)
      case .flag: .flag
      }
    self.init(
      spec.name, kind, default: spec.defaultValue.map(ParameterValue.init), spec.summary)
  }
}

extension ParameterValue {
  init(_ value: SettingValue) {
    switch value {
    case .number(let number): self = .number(number)
    case .integer(let integer): self = .integer(integer)
    case .text(let text): self = .text(text)
    case .flag(let flag): self = .flag(flag)
    }
  }
}

extension SettingValue {
  /// - Throws: `NetworkError.setting` for an entry or a list.
  init(_ value: ParameterValue) throws {
    switch value {
    case .number(let number): self = .number(number)
    case .integer(let integer): self = .integer(integer)
    case .text(let text): self = .text(text)
    case .flag(let flag): self = .flag(flag)
    case .entry, .list: throw NetworkError.setting("'\(value)' is no setting")
    }
  }
}
