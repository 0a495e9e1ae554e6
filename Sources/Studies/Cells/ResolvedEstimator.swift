import Discrete
import Fidelity

/// An estimator of a study with what all its cells have in common.
struct ResolvedEstimator {
  let entry: EstimatorEntry
  let descriptor: EstimatorDescriptor?
  let label: String
  /// The resolved estimator as JSON text.
  let text: String
  /// The temperatures that the estimator really uses; nil where it has none among its parameters.
  let tauForward: Double?
  let tauBackward: Double?
  /// The estimator, or why its parameters are refused.
  private let instance: Result<any GradientEstimator, any Error>

  /// - Throws: `EncodingError` for a parameter that is not finite.
  init(_ entry: EstimatorEntry, _ catalogue: Catalogue) throws {
    self.entry = entry
    let descriptor = catalogue.estimator(entry.kind)
    self.descriptor = descriptor
    label = entry.label(catalogue)
    var members: [String: CanonicalJSON] = [
      "kind": .text(entry.kind), "parameters": CanonicalJSON(entry.parameters),
    ]
    members.add(format: descriptor?.numbersFormat)
    text = try CanonicalJSON.object(members).rendered()
    instance = Result {
      guard let made = try descriptor?.make(entry.parameters) else {
        throw DiscreteError.parameter("unknown estimator kind '\(entry.kind)'")
      }
      return made
    }
    // Other numbers above 0 are of the same kind: gradients, for instance.
    let isTempered =
      descriptor?.parameters.contains {
        $0.kind == .temperature && $0.summary.contains("temperature")
      } ?? false
    let made = isTempered ? (try? instance.get()) : nil
    tauForward = made?.forwardTemperature
    tauBackward = made?.traits.backwardTemperature
  }

  /// Why the estimator cannot be measured on a problem, with the remedy; nil where it can. `cause` is
  /// what several estimators share, and nil where it is the layer.
  func refusal(_ problem: any DiscreteProblem) -> (reason: String, cause: String?)? {
    if let reason = descriptor?.refusal(problem.shape, entry.parameters) { return (reason, nil) }
    do {
      let made = try instance.get()
      if let reason = made.surrogate?.refusal(on: problem) {
        return (
          "'\(entry.kind)' \(reason)",
          problem.quantiser == nil ? "this problem has no quantiser" : "made for other quantisers"
        )
      }
      if let reason = made.raggedRefusal(on: problem.shape) {
        return ("'\(entry.kind)' \(reason); take an estimator that works latent by latent", nil)
      }
      let estimator = try made.adapted(to: problem.shape)
      if let cause = estimator.plan(for: problem.shape).refusal(problem.oracle.capabilities) {
        return (
          "'\(entry.kind)' \(cause); take an estimator that asks for values alone "
            + "(`gradfid list estimators --no-gradient`)", cause
        )
      }
      return EstimateMemory(estimator, problem.shape).refusal(entry.kind).map { ($0, nil) }
    } catch {
      return ("\(label): \(error)", "\(error)")
    }
  }
}

extension [String: CanonicalJSON] {
  /// Adds the form of a kind's numbers, from the second on: the hashes of cells made before there was
  /// such a number stay as they are.
  mutating func add(format: Int?) {
    guard let format, format != 1 else { return }
    self["format"] = .integer(format)
  }
}

extension EstimatorEntry {
  /// Kind, numbers, and the switches that differ from their defaults.
  func label(_ catalogue: Catalogue) -> String {
    let specs = catalogue.estimator(kind)?.parameters ?? []
    let shown = specs.compactMap { spec -> String? in
      guard let value = parameters[spec.name] else { return nil }
      switch spec.kind {
      case .choice, .flag, .path, .entry, .program:
        return value == spec.defaultValue ? nil : "\(spec.name)=\(value)"
      case .number, .integer:
        return "\(spec.name)=\(value)"
      }
    }
    return shown.isEmpty ? kind : "\(kind)(\(shown.joined(separator: ", ")))"
  }
}
