import Discrete

/// One pass over the nodes of a study file. Every part reports its own mistakes, so that one
/// mistake does not hide another.
struct StudyReading {
  /// Most cells of a study, and most settings of one entry.
  static let cellLimit = 100_000

  var log: DiagnosticLog
  let estimators: [EstimatorDescriptor]
  let problems: [ProblemDescriptor]
  let estimatorKinds: KindTable
  let problemKinds: KindTable

  init(
    log: DiagnosticLog, estimators: [EstimatorDescriptor], problems: [ProblemDescriptor]
  ) {
    self.log = log
    self.estimators = estimators
    self.problems = problems
    estimatorKinds = KindTable(
      noun: "estimator", estimators.map { (name: $0.name, parameters: $0.parameters) })
    problemKinds = KindTable(
      noun: "problem", problems.map { (name: $0.name, parameters: $0.parameters) })
  }

  /// The study, or nil where there are errors in the log.
  mutating func study(_ root: DocumentNode) -> StudyFile? {
    guard
      var table = log.mapping(
        root, "a study file",
        hint: "it starts with `format: 1`; `gradfid init` writes an example")
    else { return nil }
    log.checkKeys(
      &table,
      known: [
        "format", "name", "kind", "title", "seed", "problems", "training", "target", "estimators",
        "measure",
      ],
      owner: "the study")
    format(table)
    let name = name(table)
    let title = table["title"].flatMap {
      log.text($0, "title", hint: "write a text on one line, or remove the key")
    }
    let seed = seed(table)
    let kind = kind(table)
    let trainings = trainingEntries(table, kind)
    let problems = problemEntries(table, along: kind == .training ? trainings : nil)
    let target = target(table)
    let estimators = estimatorEntries(table)
    let measure = measure(table)
    guard let name, let kind, let seed, let target, let measure, !log.hasErrors else { return nil }
    guard fits(problems, target, estimators, table) else { return nil }
    let uniqueEstimators = distinct(estimators)
    let uniqueProblems = distinct(problems)
    warnOfInertAxes(estimators)
    return StudyFile(
      kind: kind, name: name, title: title, seed: seed, problems: uniqueProblems,
      trainings: trainings, target: target, estimators: uniqueEstimators, measure: measure,
      warnings: log.sortedWarnings())
  }

  private mutating func format(_ table: FieldTable) {
    let hint = "this version reads `format: 1`"
    guard
      let node = log.required(
        "format", in: table, owner: "the study", hint: "start the file with `format: 1`"),
      let (text, plain) = log.scalar(node, "format", hint: hint), text != "1" || !plain
    else { return }
    log.error(
      "format",
      plain
        ? "format '\(MessageText.shortened(text))' is not supported"
        : "'format' must be a number, found \(node.kindInWords)", at: node, hint: hint)
  }

  /// The name alone; nil where there is none, with the reason in the log.
  mutating func studyName(_ root: DocumentNode) -> String? {
    log.mapping(
      root, "a study file", hint: "it starts with `format: 1`; `gradfid init` writes an example"
    ).flatMap { name($0) }
  }

  private mutating func name(_ table: FieldTable) -> String? {
    log.required(
      "name", in: table, owner: "the study",
      hint: "results are kept under the study's name: add `name: my-study`"
    ).flatMap { log.name($0, "name", rule: .study) }
  }

  private mutating func kind(_ table: FieldTable) -> StudyKind? {
    optional(table, "kind", default: .fidelity) { log, node in
      log.choice(node, "kind", among: StudyKind.allCases.map(\.rawValue))
        .flatMap { StudyKind(rawValue: $0) }
    }
  }

  private mutating func seed(_ table: FieldTable) -> UInt64? {
    guard let node = table["seed"] else { return 1 }
    return log.integer(
      node, "seed", in: 0...UInt64.max, hint: "seed: root key of all random numbers; default 1")
  }

  /// The entries under a key that must be there.
  mutating func entryNodes(_ key: String, _ table: FieldTable) -> [DocumentNode] {
    let noun = String(key.dropLast())
    let hint = "give at least one \(noun): `- kind: NAME`"
    guard let node = log.required(key, in: table, owner: "the study", hint: hint) else { return [] }
    if node.isNull {
      log.error("missing-value", "'\(key)' has no value", at: node, hint: hint)
      return []
    }
    return log.list(node, "'\(key)'", hint: hint) ?? []
  }
}
