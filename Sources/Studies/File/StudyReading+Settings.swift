import Discrete
import Fidelity
import Tensors

extension StudyReading {
  private static let drawLimit = 1_000_000_000

  /// The `target` section with its defaults; nil where it has mistakes.
  mutating func target(_ table: FieldTable) -> TargetSettings? {
    guard let node = table["target"] else { return TargetSettings() }
    guard var section = section(node, "target") else { return nil }
    log.checkKeys(
      &section,
      known: ["kind", "law", "max-states", "draws", "samples", "error-fraction", "max-draws"],
      owner: "'target'")
    let standard = TargetSettings()
    let kind = optional(section, "kind", default: standard.kind) { log, node in
      log.choice(node, "kind", among: TargetKind.allCases.map(\.rawValue))
        .flatMap { TargetKind(rawValue: $0) }
    }
    let distributions = optional(section, "law", default: standard.distributions) { log, node in
      log.choices(node, "law", of: TargetDistribution.self)
    }
    let states = optional(section, "max-states", default: standard.maxJointCodes) { log, node in
      log.integer(
        node, "max-states", in: 1...16_777_216,
        hint: "max-states: most joint codes of an exact target; default 16384")
    }
    let draws = optional(section, "draws", default: standard.draws) { log, node in
      Self.targetDraws(&log, node)
    }
    let samples = optional(section, "samples", default: standard.samples) { log, node in
      log.integer(
        node, "samples", in: 2...64, hint: "samples: per estimate of the target; default 4")
    }
    let fraction = optional(section, "error-fraction", default: standard.errorFraction) {
      log, node in
      log.number(
        node, "error-fraction", kind: .temperature,
        hint: "error-fraction: the target's error over that of a cell's mean; default 0.1")
    }
    let most = optional(section, "max-draws", default: standard.maxDraws) { log, node in
      log.integer(
        node, "max-draws", in: 32...Self.drawLimit,
        hint: "max-draws: most estimates of a target with `draws: auto`; by default by size"
      ).map { Optional($0) }
    }
    guard let kind, let distributions, let states, let draws, let samples, let fraction, let most
    else {
      return nil
    }
    if draws != nil { warnOfFixedDraws(section) }
    return TargetSettings(
      kind: kind, distributions: distributions, maxJointCodes: states, draws: draws,
      samples: samples,
      errorFraction: fraction, maxDraws: most)
  }

  /// A number of estimates, or nil for `auto`.
  private static func targetDraws(_ log: inout DiagnosticLog, _ node: DocumentNode) -> Int?? {
    let hint = "draws: auto, or the estimates of a Monte Carlo target; default auto"
    if case .scalar(let text, _) = node.content, !node.isNull {
      if text == "auto" { return .some(nil) }
      if let meant = NearestName.nearest(to: text, among: ["auto"]) {
        log.error(
          "unknown-choice", "unknown value '\(MessageText.shortened(text))' for 'draws'", at: node,
          suggestion: meant, hint: hint)
        return nil
      }
    }
    return log.integer(node, "draws", in: 32...drawLimit, hint: hint).map { Optional($0) }
  }

  private mutating func warnOfFixedDraws(_ section: FieldTable) {
    for field in section.fields where ["error-fraction", "max-draws"].contains(field.name) {
      log.warn(
        "inert-key", "'\(field.name)' has no effect with a number of 'draws'", at: field.key,
        hint: "remove it, or write `draws: auto`")
    }
  }

  /// The `measure` section with its defaults; nil where it has mistakes.
  mutating func measure(_ table: FieldTable) -> MeasureSettings? {
    guard let node = table["measure"] else { return MeasureSettings() }
    guard var section = section(node, "measure") else { return nil }
    log.checkKeys(
      &section,
      known: [
        "at", "moments", "draws", "blocks", "per-draw-samples", "gap", "level", "precision",
        "parameters",
      ],
      owner: "'measure'")
    let standard = MeasureSettings()
    let scopes = optional(section, "at", default: standard.scopes) { log, node in
      log.choices(node, "at", of: MeasureScope.self)
    }
    let moments = optional(section, "moments", default: standard.moments) { log, node in
      log.choice(node, "moments", among: MomentsChoice.allCases.map(\.rawValue))
        .flatMap { MomentsChoice(rawValue: $0) }
    }
    let counts = drawsAndBlocks(section)
    let perDraw = optional(section, "per-draw-samples", default: standard.perDrawSamples) {
      log, node in
      log.integer(
        node, "per-draw-samples", in: 0...Self.drawLimit,
        hint: "per-draw-samples: draws for cos_draw and the gradient gap; 0 switches them off")
    }
    let gap = optional(section, "gap", default: standard.gap) { log, node in
      log.flag(node, "gap", hint: "gap: whether the gradient gap is measured; default true")
    }
    let level = level(section, standard.level)
    let precision = optional(section, "precision", default: PrecisionRule?.none) { log, node in
      Self.precision(&log, node, draws: counts?.draws).map { Optional($0) }
    }
    let parameters = optional(section, "parameters", default: standard.parameters) { log, node in
      log.flag(
        node, "parameters",
        hint: "parameters: whether mean and variance of every parameter are measured; default false"
      )
    }
    guard let scopes, let moments, let counts, let perDraw, let gap, let level, let precision,
      let parameters
    else { return nil }
    return MeasureSettings(
      scopes: scopes, moments: moments, draws: counts.draws, blocks: counts.blocks,
      perDrawSamples: perDraw, gap: gap, level: level, precision: precision,
      parameters: parameters)
  }

  /// The stop rule; nil where it has mistakes.
  private static func precision(
    _ log: inout DiagnosticLog, _ node: DocumentNode, draws: Int?
  ) -> PrecisionRule? {
    let example = "precision: {metric: rel_bias, se-below: 0.01, max-draws: 65536}"
    guard var table = log.mapping(node, "'precision'", hint: example) else { return nil }
    log.checkKeys(
      &table, known: ["metric", "se-below", "max-draws", "scope"], owner: "'precision'")
    let metricNode = log.required("metric", in: table, owner: "'precision'", hint: example)
    let metric = metricNode.flatMap {
      log.choice($0, "metric", among: Metric.ofMoments.map(\.rawValue))
    }.flatMap { Metric(rawValue: $0) }
    let error = log.required("se-below", in: table, owner: "'precision'", hint: example).flatMap {
      log.number(
        $0, "se-below", kind: .temperature, hint: "se-below: the standard error to reach")
    }
    let most = log.required("max-draws", in: table, owner: "'precision'", hint: example).flatMap {
      log.integer(
        $0, "max-draws", in: 1...drawLimit, hint: "max-draws: the most estimates of a cell")
    }
    var scope: String?
    if let node = table["scope"] {
      scope = log.text(
        node, "scope", hint: "scope: logits, all, or a layer's name; by default every measured one"
      )
      if scope == nil { return nil }
    }
    guard let metric, let error, let most else { return nil }
    if let draws, let node = table["max-draws"], most < draws {
      log.error(
        "out-of-range", "'max-draws' is below the \(draws) draws that a cell starts with", at: node,
        hint: "set it to \(2 * draws) or more, or `draws` lower")
      return nil
    }
    return PrecisionRule(metric: metric, errorBelow: error, maxDraws: most, scope: scope)
  }

  private mutating func section(_ node: DocumentNode, _ name: String) -> FieldTable? {
    log.mapping(node, "'\(name)'", hint: "remove the key to take all defaults")
  }

  private mutating func level(_ section: FieldTable, _ standard: Double) -> Double? {
    let hint = "level: level of the confidence intervals; default 0.95"
    return optional(section, "level", default: standard) { log, node in
      guard let level = log.number(node, "level", kind: .real, hint: hint) else { return nil }
      if level > 0, level < 1 { return level }
      log.error(
        "out-of-range", "'level' must be above 0 and below 1, found \(node.kindInWords)", at: node,
        hint: hint)
      return nil
    }
  }

  /// Draws and blocks are checked together: whole blocks, at least two draws each.
  private mutating func drawsAndBlocks(_ section: FieldTable) -> (draws: Int, blocks: Int)? {
    let standard = MeasureSettings()
    let blocks = optional(section, "blocks", default: standard.blocks) { log, node in
      log.integer(
        node, "blocks", in: 8...1024,
        hint: "blocks: replicate blocks behind the standard errors; default 32")
    }
    let draws = optional(section, "draws", default: standard.draws) { log, node in
      log.integer(
        node, "draws", in: 1...Self.drawLimit, hint: "draws: estimates per cell; default 1024")
    }
    guard let blocks, let draws else { return nil }
    guard let node = section["draws"] ?? section["blocks"] else { return (draws, blocks) }
    let origin = section["draws"] == nil ? " (default)" : ""
    let least = 2 * blocks
    if draws < least {
      log.error(
        "out-of-range", "\(draws) draws\(origin) are too few for \(blocks) blocks", at: node,
        hint: "set `draws` to \(least) or more, a multiple of `blocks`")
      return nil
    }
    let remainder = draws % blocks
    if remainder != 0 {
      let below = draws - remainder
      log.error(
        "not-a-multiple", "\(draws) draws\(origin) do not fill \(blocks) blocks evenly", at: node,
        hint: "set `draws` to a multiple of `blocks`: \(max(below, least)) or \(below + blocks)")
      return nil
    }
    return (draws, blocks)
  }
}
