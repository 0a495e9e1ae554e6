import Foundation

extension RateSchedule {
  /// `factor^floor(t / every)`.
  static let stepwise = RateScheduleDescriptor(
    name: "step", summary: "Falls by a factor every so many steps",
    formula: "factor^floor(t / every)",
    settings: [
      SettingSpec("every", .steps, "Steps at one rate"),
      SettingSpec("factor", .decay, default: .number(0.1), "Factor of each fall"),
    ]
  ) { settings in
    let (every, factor) = (settings.integer("every"), settings.number("factor"))
    return RateSchedule { t in pow(factor, Double(t / every)) }
  }
}
