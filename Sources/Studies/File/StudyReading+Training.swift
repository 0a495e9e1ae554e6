import Discrete
import Models

extension StudyReading {
  private static let trainingHint =
    "training: {estimator: NAME, steps: 1000, learning-rate: 5.0e-4, checkpoints: [0, 1000]}"
  private static let checkpointHint = "checkpoints: [0, 100, 1000] or {every: 100}"
  private static let seedHint = "seed: key of batches and draws; default 1"

  static let optimiserSpec = ParameterSpec(
    "optimiser", .entry(TrainingKinds.optimisers), default: .entry("adam", [:]),
    "rule of the steps")
  static let scheduleSpec = ParameterSpec(
    "schedule", .entry(TrainingKinds.schedules), default: .entry("constant", [:]),
    "how the learning rate changes")
  /// 0 stands for no bound.
  static let clipSpec = ParameterSpec(
    "clip", .number(minimum: 0, maximum: .greatestFiniteMagnitude, exclusive: false),
    default: .number(0), "most that the norm of all gradients may be, 0 for no bound")

  /// Keys of a training that are axes and no parameters of the estimator.
  private static let trainingSpecs = [
    optimiserSpec, scheduleSpec, clipSpec,
    ParameterSpec(
      "learning-rate", .temperature, default: .number(TrainEntry.defaultRate), "step size"),
    ParameterSpec(
      "batch", .integer(1...1_000_000), default: .integer(TrainEntry.defaultBatch), "rows per step"),
  ]

  /// The trainings of a study along training, without repetitions; empty where one is wrong.
  mutating func trainingEntries(_ table: FieldTable, _ kind: StudyKind?) -> [TrainingEntry] {
    guard kind == .training else {
      if kind == .fidelity, !table.misspelt.contains("kind"),
        let key = table.fields.first(where: { $0.name == "training" })?.key
      {
        log.error(
          "training", "'training' belongs to studies of kind 'training'", at: key,
          hint: "add `kind: training`, or train in `states` of a problem")
      }
      return []
    }
    guard
      let node = log.required(
        "training", in: table, owner: "a study of kind 'training'", hint: Self.trainingHint)
    else { return [] }
    var items = [node]
    if case .sequence = node.content {
      guard let listed = log.list(node, "'training'", hint: Self.trainingHint) else { return [] }
      items = listed
    }
    var found: [TrainingEntry] = []
    var seen: Set<TrainingEntry> = []
    for item in items {
      for entry in training(item, sofar: found.reduce(0) { $0 + $1.checkpoints.count }) {
        if seen.insert(entry).inserted {
          found.append(entry)
        } else {
          log.warn("repeated-value", "this training is repeated", at: item, hint: "it counts once")
        }
      }
    }
    return found
  }

  /// The weights of all trainings, each once.
  func distinctWeights(_ trainings: [TrainingEntry]) -> [WeightsEntry] {
    var seen: Set<WeightsEntry> = []
    return trainings.flatMap(\.allWeights).filter { seen.insert($0).inserted }
  }

  /// Reports what an entry of a study along training cannot have.
  mutating func checkAlongTraining(_ table: FieldTable?) {
    guard let table else { return }
    if let key = table.fields.first(where: { $0.name == "states" })?.key {
      log.error(
        "states", "a study of kind 'training' takes no 'states'", at: key,
        hint: "the states are the `checkpoints` of `training`: remove the key")
    }
    guard let node = table["kind"], case .scalar(let kind, _) = node.content,
      let descriptor = problems.first(where: { $0.name == kind }), !descriptor.trainable
    else { return }
    let trainable = problems.filter(\.trainable).map(\.name).joined(separator: ", ")
    log.error(
      "untrainable", "'\(kind)' has no weights to train", at: node,
      hint: "a study of kind 'training' takes \(trainable)")
  }

  /// All settings of one mapping; empty where it is wrong.
  ///
  /// - Parameter sofar: checkpoints of the entries before.
  private mutating func training(_ node: DocumentNode, sofar: Int) -> [TrainingEntry] {
    let owner = "'training'"
    guard var table = log.mapping(node, owner, hint: Self.trainingHint) else { return [] }
    let own = [
      "estimator", "optimiser", "schedule", "clip", "learning-rate", "steps", "batch", "seed",
      "checkpoints",
    ]
    let (kind, kindNode) = trainingEstimator(table, owner: owner, hint: Self.trainingHint)
    let specs = kind.flatMap { estimatorKinds.parameters(of: $0) }?.filter {
      !own.contains($0.name)
    }
    if let kind, let specs {
      log.checkKeys(&table, known: own + specs.map(\.name), owner: "'training' with \(kind)")
    }
    let steps = trainingSteps(table, owner: owner, hint: Self.trainingHint)
    let checkpoints = checkpoints(table, steps: steps)
    let axes = trainingAxes(table, (specs ?? []) + Self.trainingSpecs)
    guard let kind, let kindNode, let specs, !reportMissing(table, specs, kind: kind, at: kindNode),
      let steps, let checkpoints, let axes
    else { return [] }
    let (settings, overflow) = axes.gridSize.multipliedReportingOverflow(by: checkpoints.count)
    guard !overflow, settings <= Self.cellLimit - sofar else {
      log.error(
        "too-many-cells",
        "with this training the study has more than \(MessageText.grouped(Self.cellLimit)) checkpoints",
        at: node, hint: "measure fewer checkpoints, or shorten lists")
      return []
    }
    return axes.grid.compactMap { values in
      entry(kind, values, specs: specs, steps: steps, at: kindNode).map {
        TrainingEntry(train: $0, checkpoints: checkpoints)
      }
    }
  }

  /// The axes of a training in file order.
  private mutating func trainingAxes(
    _ table: FieldTable, _ specs: [ParameterSpec]
  ) -> [ParameterAxis]? {
    var found: [ParameterAxis] = []
    var sound = true
    for field in table.fields {
      let axis: ParameterAxis?
      if field.name == "seed" {
        // A seed reaches beyond the whole numbers of a parameter.
        axis = self.axis(field, hint: Self.seedHint, repeats: false) { reading, node in
          reading.log.integer(node, "seed", in: 0...UInt64.max, hint: Self.seedHint)
            .map { .text(String($0)) }
        }
      } else if let spec = specs.first(where: { $0.name == field.name }) {
        axis = self.axis(field, spec, repeats: false)
      } else {
        continue
      }
      if let axis { found.append(axis) } else { sound = false }
    }
    return sound ? found : nil
  }

  private mutating func entry(
    _ kind: String, _ values: [String: ParameterValue], specs: [ParameterSpec], steps: Int,
    at node: DocumentNode
  ) -> TrainEntry? {
    func part(_ specs: [ParameterSpec]) throws -> ResolvedParameters {
      try ResolvedParameters(
        values.filter { value in specs.contains { $0.name == value.key } }, specs: specs)
    }
    do {
      let settings = try part(Self.trainingSpecs)
      if let refusal = TrainingKinds.refusal(Self.optimiser(settings)) {
        throw DiscreteError.parameter(refusal)
      }
      var seed = TrainEntry.defaultSeed
      if case .text(let text)? = values["seed"] { seed = UInt64(text) ?? seed }
      return TrainEntry(
        estimator: kind, parameters: try part(specs),
        optimiser: Self.optimiser(settings), steps: steps,
        learningRate: settings.number("learning-rate"), batch: settings.integer("batch"),
        seed: seed, save: nil)
    } catch {
      log.error(
        "wrong-parameters", "\(error)", at: node, hint: "`gradfid describe \(kind)` shows them")
      return nil
    }
  }

  /// The rule of the steps from the values of its three keys.
  static func optimiser(_ settings: ResolvedParameters) -> OptimiserSettings {
    let clip = settings.number("clip")
    return TrainingKinds.settings(
      optimiser: settings["optimiser"] ?? .entry("adam", [:]), schedule: settings["schedule"],
      clip: clip > 0 ? clip : nil)
  }

  /// The checkpoints, ascending and each once; by default 0 and the last step.
  private mutating func checkpoints(_ table: FieldTable, steps: Int?) -> [Int]? {
    guard let node = table["checkpoints"] else { return steps.map { [0, $0] } }
    switch node.content {
    case .refused: return nil
    case .scalar:
      log.error(
        "wrong-type", "'checkpoints' takes a list of steps, found \(node.kindInWords)", at: node,
        hint: Self.checkpointHint)
      return nil
    case .sequence: return listedCheckpoints(node, steps: steps)
    case .mapping(let fields):
      var every = FieldTable(node: node, fields: fields)
      log.checkKeys(&every, known: ["every"], owner: "'checkpoints'")
      let stride = log.required(
        "every", in: every, owner: "'checkpoints'", hint: Self.checkpointHint
      ).flatMap {
        log.integer(
          $0, "every", in: 1...1_000_000, hint: "every: steps from one checkpoint to the next")
      }
      guard let stride, let steps else { return nil }
      let regular = Array(Swift.stride(from: 0, to: steps, by: stride))
      return regular + [steps]
    }
  }

  private mutating func listedCheckpoints(_ node: DocumentNode, steps: Int?) -> [Int]? {
    guard let items = log.list(node, "'checkpoints'", hint: Self.checkpointHint) else { return nil }
    var found: Set<Int> = []
    var sound = true
    for item in items {
      guard
        let step = log.integer(item, "checkpoints", in: 0...1_000_000, hint: Self.checkpointHint)
      else {
        sound = false
        continue
      }
      if let steps, step > steps {
        log.error(
          "checkpoints", "checkpoint \(step) lies beyond the last step, \(steps)", at: item,
          hint: "raise `steps`, or remove it")
        sound = false
      } else if !found.insert(step).inserted {
        log.warn(
          "repeated-value", "'\(step)' is repeated in 'checkpoints'", at: item,
          hint: "it counts once")
      }
    }
    return sound ? found.sorted() : nil
  }
}
