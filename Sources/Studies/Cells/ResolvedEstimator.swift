import Discrete

/// An estimator of a study with what all its cells have in common.
struct ResolvedEstimator {
  let entry: EstimatorEntry
  let descriptor: EstimatorDescriptor?
  let label: String
  /// The resolved estimator as JSON text.
  let text: String
  let tauForward: Double?
  let tauBackward: Double?

  /// - Throws: `EncodingError` for a parameter that is not finite.
  init(_ entry: EstimatorEntry, _ catalogue: Catalogue) throws {
    self.entry = entry
    descriptor = catalogue.estimator(entry.kind)
    label = entry.label(catalogue)
    text = try CanonicalJSON.object([
      "kind": .text(entry.kind), "parameters": CanonicalJSON(entry.parameters),
    ]).rendered()
    if let tau = entry.number("tau") {
      // Presets with one temperature sample at 1 unless the forward is soft.
      tauForward = entry.kind == "gumbel-softmax" ? tau : 1
      tauBackward = tau
    } else {
      tauForward = entry.number("tau-forward")
      tauBackward = entry.number("tau-backward")
    }
  }
}

extension ResolvedEstimator {
  /// Why it cannot be measured on a layer, with the remedy; nil where it can.
  func refusal(_ shape: LayerShape) -> String? {
    if let refusal = descriptor?.refusal(shape, entry.parameters) { return refusal }
    guard let estimator = try? descriptor?.make(entry.parameters) else { return nil }
    return EstimateMemory(estimator, shape).refusal(entry.kind)
  }
}

extension EstimatorEntry {
  /// Kind, numbers, and the switches that differ from their defaults.
  func label(_ catalogue: Catalogue) -> String {
    let specs = catalogue.estimator(kind)?.parameters ?? []
    let shown = specs.compactMap { spec -> String? in
      guard let value = parameters[spec.name] else { return nil }
      switch spec.kind {
      case .choice, .flag, .path:
        return value == spec.defaultValue ? nil : "\(spec.name)=\(value)"
      case .number, .integer:
        return "\(spec.name)=\(value)"
      }
    }
    return shown.isEmpty ? kind : "\(kind)(\(shown.joined(separator: ", ")))"
  }

  fileprivate func number(_ name: String) -> Double? {
    parameters[name] == nil ? nil : parameters.number(name)
  }
}
