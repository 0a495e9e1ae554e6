import Foundation
import Tensors

/// The learning rate over the steps of a training, as a factor of the first rate.
///
/// `t` counts the steps before the present one, from 0.
public enum RateSchedule: Hashable, Sendable {
  /// `1`.
  case constant
  /// `min(1, (t + 1) / steps)`.
  case warmUp(steps: Int)
  /// `factor^floor(t / every)`.
  case step(every: Int, factor: Double)
  /// `factor^t`.
  case exponential(factor: Double)
  /// `(t + 1) / warmUp` for `t < warmUp`, then `floor + (1 - floor) (1 + cos(pi s)) / 2` with
  /// `s = min(1, (t - warmUp) / (steps - warmUp))`.
  case cosine(steps: Int, floor: Double, warmUp: Int)

  /// The factor after `t` steps, from 0 to 1. Cost: a few operations.
  public func factor(after t: Int) -> Double {
    switch self {
    case .constant: return 1
    case .warmUp(let steps): return min(1, Double(t + 1) / Double(steps))
    case .step(let every, let factor): return pow(factor, Double(t / every))
    case .exponential(let factor): return pow(factor, Double(t))
    case .cosine(let steps, let floor, let warmUp):
      guard t >= warmUp else { return Double(t + 1) / Double(warmUp) }
      let share = min(1, Double(t - warmUp) / Double(max(1, steps - warmUp)))
      return floor + (1 - floor) * (1 + cos(.pi * share)) / 2
    }
  }
}

/// Everything that help texts and the checks of a study file need to know of a schedule.
public struct RateScheduleDescriptor: Sendable {
  /// Name in kebab case.
  public let name: String
  public let summary: String
  public let formula: String
  public let settings: [SettingSpec]
  fileprivate let make: @Sendable (ResolvedSettings) throws -> RateSchedule

  /// The schedule of these settings.
  ///
  /// - Throws: `NetworkError.setting` for a setting that is unknown, missing or out of range.
  public func schedule(_ settings: [String: SettingValue] = [:]) throws -> RateSchedule {
    try make(ResolvedSettings(settings, specs: self.settings))
  }
}

extension RateSchedule {
  /// All schedules: a new one is a case and an entry here.
  public static let all: [RateScheduleDescriptor] = [
    RateScheduleDescriptor(
      name: "constant", summary: "The same rate all the time", formula: "1", settings: []
    ) { _ in .constant },
    RateScheduleDescriptor(
      name: "linear-warm-up", summary: "Rises in equal steps, then stays",
      formula: "min(1, (t + 1) / steps)", settings: [steps("Steps until the full rate")]
    ) { .warmUp(steps: $0.integer("steps")) },
    RateScheduleDescriptor(
      name: "step", summary: "Falls by a factor every so many steps",
      formula: "factor^floor(t / every)",
      settings: [
        SettingSpec("every", .integer(1...Int(Int32.max)), "Steps at one rate"),
        SettingSpec("factor", decay, default: .number(0.1), "Factor of each fall"),
      ]
    ) { .step(every: $0.integer("every"), factor: $0.number("factor")) },
    RateScheduleDescriptor(
      name: "exponential", summary: "Falls by a factor every step", formula: "factor^t",
      settings: [SettingSpec("factor", decay, "Factor of a step")]
    ) { .exponential(factor: $0.number("factor")) },
    RateScheduleDescriptor(
      name: "cosine", summary: "Falls along half a cosine, after a linear rise if wanted",
      formula: "floor + (1 - floor) (1 + cos(pi s)) / 2, s = (t - warm-up) / (steps - warm-up)",
      settings: [
        steps("Steps until the floor"),
        SettingSpec(
          "floor", .number(minimum: 0, maximum: 1), default: .number(0), "Factor at the end"),
        SettingSpec(
          "warm-up", .integer(0...Int(Int32.max)), default: .integer(0), "Steps of the rise"),
      ]
    ) {
      let (steps, warmUp) = ($0.integer("steps"), $0.integer("warm-up"))
      guard warmUp < steps else {
        throw NetworkError.setting("warm-up must be below steps (\(steps)), found \(warmUp)")
      }
      return .cosine(steps: steps, floor: $0.number("floor"), warmUp: warmUp)
    },
  ]

  /// The schedule of a name and its settings.
  ///
  /// - Throws: `NetworkError.setting` for an unknown name or wrong settings.
  public static func named(
    _ name: String, _ settings: [String: SettingValue] = [:]
  ) throws -> RateSchedule {
    guard let descriptor = all.first(where: { $0.name == name }) else {
      throw NetworkError.setting(
        "unknown schedule '\(name)'; "
          + NearestName.advice(
            for: name, among: all.map(\.name), title: "the schedules are", mark: ""))
    }
    do {
      return try descriptor.schedule(settings)
    } catch let error as NetworkError {
      throw error.at(name)
    }
  }

  private static let decay = SettingKind.number(minimum: 0, maximum: 1, above: true)

  private static func steps(_ summary: String) -> SettingSpec {
    SettingSpec("steps", .integer(1...Int(Int32.max)), summary)
  }
}
