extension RateSchedule {
  /// `1`.
  public static let constant = RateSchedule { _ in 1 }

  static let constantRate = RateScheduleDescriptor(
    name: "constant", summary: "The same rate all the time", formula: "1"
  ) { _ in constant }
}
