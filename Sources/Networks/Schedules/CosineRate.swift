import Foundation

extension RateSchedule {
  /// `(t + 1) / warmUp` for `t < warmUp`, then `floor + (1 - floor) (1 + cos(pi s)) / 2` with
  /// `s = min(1, (t - warmUp) / (steps - warmUp))`.
  static let cosine = RateScheduleDescriptor(
    name: "cosine", summary: "Falls along half a cosine, after a linear rise if wanted",
    formula: "floor + (1 - floor) (1 + cos(pi s)) / 2, s = (t - warm-up) / (steps - warm-up)",
    settings: [
      SettingSpec("steps", .steps, "Steps until the floor"),
      SettingSpec(
        "floor", .number(minimum: 0, maximum: 1), default: .number(0), "Factor at the end"),
      SettingSpec(
        "warm-up", .integer(0...Int(Int32.max)), default: .integer(0), "Steps of the rise"),
    ]
  ) { settings in
    let (steps, warmUp) = (settings.integer("steps"), settings.integer("warm-up"))
    let floor = settings.number("floor")
    guard warmUp < steps else {
      throw NetworkError.setting("warm-up must be below steps (\(steps)), found \(warmUp)")
    }
    return RateSchedule { t in
      guard t >= warmUp else { return Double(t + 1) / Double(warmUp) }
      let share = min(1, Double(t - warmUp) / Double(max(1, steps - warmUp)))
      return floor + (1 - floor) * (1 + cos(.pi * share)) / 2
    }
  }
}
