import Discrete
import Networks

/// The texts of `gradfid describe`, made from the catalogue.
public enum CatalogueText {
  public static func text(_ descriptor: EstimatorDescriptor, in catalogue: Catalogue) -> String {
    var lines = [
      "\(descriptor.name): \(descriptor.summary)", "",
      field("formula", descriptor.formula), field("family", descriptor.family.rawValue),
      field("domain", descriptor.domain.rawValue), field("bias", descriptor.bias.rawValue),
      field("exact on", descriptor.exactOn), field("cost", descriptor.cost),
    ]
    if let facts = EstimatorFacts(descriptor) {
      lines.append(field("calls", calls(facts)))
      lines.append(field("ragged", ragged(facts)))
    }
    if let moments = EstimatorMoments(descriptor, problems: catalogue.problems) {
      lines.append(field("moments", words(moments)))
    }
    if let tail = EstimatorFacts(descriptor).flatMap({ words($0.tail) }) {
      lines.append(field("tail", tail))
    }
    lines += [
      field("invariants", invariants(descriptor.invariants)), field("source", descriptor.source),
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

  /// Oracle calls of the defaults, in words.
  static func calls(_ facts: EstimatorFacts) -> String {
    var words = "\(facts.callsInWords) per estimate of one row, with the defaults"
    if facts.callsGrow {
      words += ", on \(facts.layer.latents) latents of \(facts.layer.categories) categories"
    }
    if facts.softPoints { words += "; needs the cost inside the simplex" }
    if facts.fitted { words += "; fitted beforehand on draws of its own" }
    return words
  }

  /// Whether latents of different numbers of categories are served, in words.
  static func ragged(_ facts: EstimatorFacts) -> String {
    facts.raggedRefusal.map { "not on latents of different numbers of categories: it \($0)" }
      ?? "also on latents of different numbers of categories"
  }

  /// How moments are got, in words.
  static func words(_ moments: EstimatorMoments) -> String {
    switch moments {
    case .exact: "exact on layers of few joint codes, sampled elsewhere"
    case .quadrature: "by quadrature on small layers, sampled elsewhere"
    case .sampled: "sampled"
    }
  }

  /// What the warning `tail` is for, in words; nil where there is nothing to warn of.
  static func words(_ tail: EstimateTail) -> String? {
    switch tail {
    case .light: nil
    case .noEighthMoment:
      "no eighth moment with the defaults: errors of sampled variances settle slowly and carry the warning 'tail'"
    case .noFourthMoment:
      "no fourth moment with the defaults: sampled variances and ratios to them carry the warning 'tail'"
    case .noVariance: "no variance with the defaults: all sampled numbers carry the warning 'tail'"
    }
  }

  /// What holds for every single estimate, in words.
  static func invariants(_ invariants: EstimatorInvariants) -> String {
    let held = [
      invariants.sumsToZero ? "sums to 0 over the categories" : nil,
      invariants.costShift ? "unchanged by f + c" : nil,
      invariants.costScale ? "a f gives a g" : nil,
      invariants.permutation ? "renamed with the categories, in distribution" : nil,
    ].compactMap { $0 }
    return held.isEmpty ? "none" : held.joined(separator: "; ")
  }

  private static func field(_ name: String, _ value: String) -> String {
    "\(name):".padding(to: 12) + value
  }

  private static func parameters(_ specs: [ParameterSpec]) -> [String] {
    guard !specs.isEmpty else { return [] }
    return ["", "parameters:"]
      + specs.flatMap { [line($0, indent: "  ")] + inside($0) }
      + (specs.contains { $0.kind == .program } ? operations : [])
  }

  private static func line(_ spec: ParameterSpec, indent: String) -> String {
    let standard = spec.defaultValue.map { "default \($0)" } ?? "must be given"
    return "\(indent)\(spec.name): \(spec.summary); \(spec.kind.allowed); \(standard)"
  }

  /// The kinds of a parameter that is an entry, with their own parameters.
  private static func inside(_ spec: ParameterSpec) -> [String] {
    guard case .entry(let kinds) = spec.kind else { return [] }
    return kinds.flatMap { kind in
      ["    \(kind.name): \(kind.summary)"]
        + kind.parameters.map { line($0, indent: "      ") }
    }
  }

  /// What programs are made of.
  private static var operations: [String] {
    ["", "operations:"]
      + OperationRegistry.all.map { operation in
        let settings = operation.settings.map(\.name).joined(separator: ", ")
        return "  \(operation.name): \(operation.formula)"
          + (settings.isEmpty ? "" : "; settings: \(settings)")
      }
  }
}

extension String {
  fileprivate func padding(to width: Int) -> String {
    self + String(repeating: " ", count: max(1, width - count))
  }
}
