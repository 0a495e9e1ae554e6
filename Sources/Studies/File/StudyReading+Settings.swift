import Discrete
import Fidelity

extension StudyReading {
  private static let drawLimit = 1_000_000_000

  /// The `target` section with its defaults; nil where it has mistakes.
  mutating func target(_ table: FieldTable) -> TargetSettings? {
    guard let node = table["target"] else { return TargetSettings() }
    guard var section = section(node, "target") else { return nil }
    log.checkKeys(
      &section, known: ["kind", "law", "max-states", "draws", "samples"], owner: "'target'")
    let standard = TargetSettings()
    let kind = optional(section, "kind", default: standard.kind) { log, node in
      log.choice(node, "kind", among: TargetKind.allCases.map(\.rawValue))
        .flatMap { TargetKind(rawValue: $0) }
    }
    let laws = optional(section, "law", default: standard.laws) { log, node in
      log.choices(node, "law", of: TargetLaw.self)
    }
    let states = optional(section, "max-states", default: standard.maxStates) { log, node in
      log.integer(
        node, "max-states", in: 1...16_777_216,
        hint: "max-states: most joint states of an exact target; default 16384")
    }
    let draws = optional(section, "draws", default: standard.draws) { log, node in
      log.integer(
        node, "draws", in: 32...Self.drawLimit,
        hint: "draws: estimates of a Monte Carlo target; default 65536")
    }
    let samples = optional(section, "samples", default: standard.samples) { log, node in
      log.integer(
        node, "samples", in: 2...64, hint: "samples: per estimate of the target; default 4")
    }
    guard let kind, let laws, let states, let draws, let samples else { return nil }
    return TargetSettings(
      kind: kind, laws: laws, maxStates: states, draws: draws, samples: samples)
  }

  /// The `measure` section with its defaults; nil where it has mistakes.
  mutating func measure(_ table: FieldTable) -> MeasureSettings? {
    guard let node = table["measure"] else { return MeasureSettings() }
    guard var section = section(node, "measure") else { return nil }
    log.checkKeys(
      &section, known: ["at", "moments", "draws", "blocks", "per-draw-samples", "gap", "level"],
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
    guard let scopes, let moments, let counts, let perDraw, let gap, let level else { return nil }
    return MeasureSettings(
      scopes: scopes, moments: moments, draws: counts.draws, blocks: counts.blocks,
      perDrawSamples: perDraw, gap: gap, level: level)
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
