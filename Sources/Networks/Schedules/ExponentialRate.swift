import Foundation

extension RateSchedule {
  /// `factor^t`.
  static let exponential = RateScheduleDescriptor(
    name: "exponential", summary: "Falls by a factor every step", formula: "factor^t",
    settings: [SettingSpec("factor", .decay, "Factor of a step")]
  ) { settings in
    let factor = settings.number("factor")
    return RateSchedule { t in pow(factor, Double(t)) }
  }
}
