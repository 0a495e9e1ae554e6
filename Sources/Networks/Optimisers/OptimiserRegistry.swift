import Tensors

/// The optimisers: a new one is a file and a line here.
public enum OptimiserRegistry {
  public static let all: [OptimiserDescriptor] = [
    Adam.descriptor,
    AdamW.descriptor,
    RectifiedAdam.descriptor,
    StochasticDescent.descriptor,
  ]

  /// The rule of a name and its hyper-parameters.
  ///
  /// - Throws: `NetworkError.setting` for an unknown name or wrong settings.
  public static func rule(
    _ name: String, _ settings: [String: SettingValue] = [:]
  ) throws -> any OptimiserRule {
    guard let descriptor = all.first(where: { $0.name == name }) else {
      throw NetworkError.setting(
        "unknown optimiser '\(name)'; "
          + NearestName.advice(
            for: name, among: all.map(\.name), title: "the optimisers are", mark: ""))
    }
    do {
      return try descriptor.rule(settings)
    } catch let error as NetworkError {
      throw error.at(name)
    }
  }
}
