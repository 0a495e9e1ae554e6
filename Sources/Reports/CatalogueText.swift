import Discrete

/// The texts of `gradfid describe`, made from the registries.
public enum CatalogueText {
  public static func text(_ descriptor: EstimatorDescriptor) -> String {
    var lines = [
      "\(descriptor.name): \(descriptor.summary)", "",
      field("formula", descriptor.formula), field("family", descriptor.family.rawValue),
      field("domain", descriptor.domain.rawValue), field("bias", descriptor.bias.rawValue),
      field("exact on", descriptor.exactOn), field("cost", descriptor.cost),
      field("source", descriptor.source),
    ]
    lines += parameters(descriptor.parameters)
    if !descriptor.traps.isEmpty {
      lines += ["", "traps:"] + descriptor.traps.map { "  - \($0)" }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  public static func text(_ descriptor: ProblemDescriptor) -> String {
    var lines = [
      "\(descriptor.name): \(descriptor.summary)", "",
      field("formula", descriptor.formula), field("source", descriptor.source),
      field("trainable", descriptor.trainable ? "yes" : "no"),
    ]
    lines += parameters(descriptor.parameters)
    return lines.joined(separator: "\n") + "\n"
  }

  private static func field(_ name: String, _ value: String) -> String {
    "\(name):".padding(to: 11) + value
  }

  private static func parameters(_ specs: [ParameterSpec]) -> [String] {
    guard !specs.isEmpty else { return [] }
    return ["", "parameters:"]
      + specs.map { spec in
        let standard = spec.defaultValue.map { "default \($0)" } ?? "must be given"
        return "  \(spec.name): \(spec.summary); \(spec.kind.allowed); \(standard)"
      }
  }
}

extension String {
  fileprivate func padding(to width: Int) -> String {
    self + String(repeating: " ", count: max(1, width - count))
  }
}
