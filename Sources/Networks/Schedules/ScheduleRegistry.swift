import Tensors

extension RateSchedule {
  /// The schedules: a new one is a file and a line here.
  public static let all: [RateScheduleDescriptor] = [
    constantRate,
    linearWarmUp,
    stepwise,
    exponential,
    cosine,
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
}
