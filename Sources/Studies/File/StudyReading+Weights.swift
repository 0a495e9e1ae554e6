import Discrete
import Models
import Tensors

extension StudyReading {
  /// The weights of a problem entry with their places, repeated ones dropped; empty where one is
  /// wrong.
  mutating func allWeights(_ node: DocumentNode) -> [(weights: WeightsEntry, node: DocumentNode)] {
    var items = [node]
    let hint = "states: initial, {train: {...}} or {checkpoint: NAME}"
    if case .sequence = node.content {
      guard let listed = log.list(node, "'states'", hint: hint) else { return [] }
      items = listed
    }
    var found: [(weights: WeightsEntry, node: DocumentNode)] = []
    var seen: Set<WeightsEntry> = []
    var sound = true
    for item in items {
      guard let weights = weights(item, hint: hint) else {
        sound = false
        continue
      }
      if seen.insert(weights).inserted {
        found.append((weights, item))
      } else {
        log.warn("repeated-value", "this state is repeated", at: item, hint: "it counts once")
      }
    }
    return sound ? found : []
  }

  private mutating func weights(_ node: DocumentNode, hint: String) -> WeightsEntry? {
    switch node.content {
    case .refused: return nil
    case .mapping(let fields):
      var table = FieldTable(node: node, fields: fields)
      log.checkKeys(&table, known: ["train", "checkpoint"], owner: "a state")
      let known = fields.filter { $0.name == "train" || $0.name == "checkpoint" }
      if known.count > 1 {
        log.error(
          "state", "a state is either trained or a checkpoint, found both", at: known[1].key,
          hint: "write two entries below `states`")
      }
      guard let field = known.first else {
        if fields.isEmpty { log.error("state", "an empty state", at: node, hint: hint) }
        return nil
      }
      if field.name == "train" { return train(field.value).map { .trained($0) } }
      return log.name(field.value, "checkpoint", rule: .checkpoint).map { .checkpoint($0) }
    case .scalar, .sequence:
      guard let (text, _) = log.scalar(node, "states", hint: hint) else { return nil }
      if text == "initial" { return .initial }
      let names = ["initial", "train", "checkpoint"]
      let isBare = names.contains(text)
      log.error(
        "state",
        isBare ? "'\(text)' needs settings" : "unknown state '\(MessageText.shortened(text))'",
        at: node, suggestion: isBare ? nil : NearestName.nearest(to: text, among: names),
        hint: hint)
      return nil
    }
  }

  private mutating func train(_ node: DocumentNode) -> TrainEntry? {
    let hint = "train: {estimator: NAME, steps: 1000, learning-rate: 5.0e-4, batch: 100, seed: 1}"
    guard var table = log.mapping(node, "'train'", hint: hint) else { return nil }
    let own = [
      "estimator", "optimiser", "schedule", "clip", "steps", "learning-rate", "batch", "seed",
      "save",
    ]
    let (kind, kindNode) = trainingEstimator(table, owner: "'train'", hint: hint)
    let specs = kind.flatMap { estimatorKinds.parameters(of: $0) }
    // Where an estimator has a parameter of the same name as one of training, training has it.
    let others = specs?.filter { !own.contains($0.name) }
    if let kind, let others {
      log.checkKeys(&table, known: own + others.map(\.name), owner: "'train' with \(kind)")
    }
    let optimiser = optimiser(table)
    let steps = trainingSteps(table, owner: "'train'", hint: hint)
    let rate = optional(table, "learning-rate", default: TrainEntry.defaultRate) { log, node in
      log.number(
        node, "learning-rate", kind: .temperature, hint: "learning-rate: step size; default 5.0e-4")
    }
    let batch = optional(table, "batch", default: TrainEntry.defaultBatch) { log, node in
      log.integer(node, "batch", in: 1...1_000_000, hint: "batch: rows per step; default 100")
    }
    let seed = optional(table, "seed", default: TrainEntry.defaultSeed) { log, node in
      log.integer(
        node, "seed", in: 0...UInt64.max, hint: "seed: key of batches and draws; default 1")
    }
    let save = optional(table, "save", default: String?.none) { log, node in
      log.name(node, "save", rule: .checkpoint).map { Optional($0) }
    }
    guard let kind, let kindNode, let specs else { return nil }
    guard let parameters = trainParameters(table, specs, kind: kind, taken: own, kindNode),
      let optimiser, let steps, let rate, let batch, let seed, let save
    else { return nil }
    return TrainEntry(
      estimator: kind, parameters: parameters, optimiser: optimiser, steps: steps,
      learningRate: rate, batch: batch, seed: seed, save: save)
  }

  /// The rule of the steps; nil where a key of it is wrong.
  private mutating func optimiser(_ table: FieldTable) -> OptimiserSettings? {
    let specs = [Self.optimiserSpec, Self.scheduleSpec, Self.clipSpec]
    var given: [String: ParameterValue] = [:]
    for spec in specs {
      guard let field = table.fields.first(where: { $0.name == spec.name }) else { continue }
      guard let axis = axis(field, spec, repeats: false) else { return nil }
      guard axis.values.count == 1, let value = axis.values.first else {
        log.error(
          "wrong-type", "'\(spec.name)' takes one value here, found \(axis.values.count)",
          at: field.value, hint: "write one `train` state per setting")
        return nil
      }
      given[spec.name] = value
    }
    guard let settings = try? ResolvedParameters(given, specs: specs) else { return nil }
    let optimiser = Self.optimiser(settings)
    if let refusal = TrainingKinds.refusal(optimiser) {
      log.error("wrong-parameters", refusal, at: table.node, hint: Self.scheduleSpec.hint)
      return nil
    }
    return optimiser
  }

  /// The kind of the estimator that trains, with its place; an unknown one is reported.
  mutating func trainingEstimator(
    _ table: FieldTable, owner: String, hint: String
  ) -> (kind: String?, node: DocumentNode?) {
    guard let node = log.required("estimator", in: table, owner: owner, hint: hint) else {
      return (nil, nil)
    }
    guard let (text, _) = log.scalar(node, "estimator", hint: hint) else { return (nil, node) }
    if estimatorKinds.parameters(of: text) == nil {
      log.error(
        "unknown-kind", "unknown estimator kind '\(MessageText.shortened(text))'", at: node,
        suggestion: estimatorKinds.nearest(to: text), hint: estimatorKinds.hint)
    }
    return (text, node)
  }

  /// The number of steps, which must be given.
  mutating func trainingSteps(_ table: FieldTable, owner: String, hint: String) -> Int? {
    log.required("steps", in: table, owner: owner, hint: hint).flatMap {
      log.integer($0, "steps", in: 1...1_000_000, hint: "steps: optimiser steps")
    }
  }

  /// The estimator's own parameters in a `train` mapping: single values only.
  private mutating func trainParameters(
    _ table: FieldTable, _ specs: [ParameterSpec], kind: String, taken: [String],
    _ kindNode: DocumentNode
  ) -> ResolvedParameters? {
    let own = specs.filter { !taken.contains($0.name) }
    var given: [String: ParameterValue] = [:]
    var sound = !reportMissing(table, own, kind: kind, at: kindNode)
    for spec in own {
      guard let node = table[spec.name] else { continue }
      if case .sequence = node.content {
        log.error(
          "wrong-type", "'\(spec.name)' takes one value here, found a list", at: node,
          hint: "write one `train` state per setting")
        sound = false
      } else if let value = value(node, spec) {
        given[spec.name] = value
      } else {
        sound = false
      }
    }
    guard sound else { return nil }
    do {
      return try ResolvedParameters(given, specs: specs)
    } catch {
      log.error(
        "wrong-parameters", "\(error)", at: kindNode,
        hint: "this estimator cannot be used for training")
      return nil
    }
  }

  /// The value of a key, or its default where it is not given; nil where it is wrong.
  mutating func optional<Value>(
    _ table: FieldTable, _ name: String, default standard: Value,
    _ read: (inout DiagnosticLog, DocumentNode) -> Value?
  ) -> Value? {
    guard let node = table[name] else { return standard }
    return read(&log, node)
  }
}
