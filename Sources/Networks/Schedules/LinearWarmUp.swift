extension RateSchedule {
  /// `min(1, (t + 1) / steps)`.
  static let linearWarmUp = RateScheduleDescriptor(
    name: "linear-warm-up", summary: "Rises in equal steps, then stays",
    formula: "min(1, (t + 1) / steps)",
    settings: [SettingSpec("steps", .steps, "Steps until the full rate")]
  ) { settings in
    let steps = settings.integer("steps")
    return RateSchedule { t in min(1, Double(t + 1) / Double(steps)) }
  }
}
