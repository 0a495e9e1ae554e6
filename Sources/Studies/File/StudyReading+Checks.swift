import Discrete
import Fidelity

/// A problem entry before repeated cells are dropped.
struct ProblemCells: Sendable {
  let cells: EntryCells
  let allWeights: [(weights: WeightsEntry, node: DocumentNode)]
}

extension StudyReading {
  /// All problem entries without mistakes.
  ///
  /// - Parameter trainings: of a study along training, whose checkpoints are the weights of every
  ///   problem.
  mutating func problemEntries(
    _ table: FieldTable, along trainings: [TrainingEntry]?
  ) -> [ProblemCells] {
    let checkpoints = trainings.map { distinctWeights($0) }
    var found: [ProblemCells] = []
    var total = 0
    for node in entryNodes("problems", table) {
      let (cells, inner) = entry(node, problemKinds, extra: ["states"])
      if let checkpoints {
        checkAlongTraining(inner)
        guard let cells, admit(cells, &total) else { continue }
        found.append(ProblemCells(cells: cells, allWeights: checkpoints.map { ($0, node) }))
        continue
      }
      let allWeights = inner?["states"].map { self.allWeights($0) } ?? [(.initial, node)]
      if let inner, let key = inner.fields.first(where: { $0.name == "states" })?.key {
        checkTrainable(inner, key)
      }
      guard let cells, admit(cells, &total) else { continue }
      found.append(ProblemCells(cells: cells, allWeights: allWeights))
      if cells.count > 1 { checkSave(allWeights) }
    }
    checkSaveNames(found)
    return found
  }

  /// All estimator entries without mistakes.
  mutating func estimatorEntries(_ table: FieldTable) -> [EntryCells] {
    var found: [EntryCells] = []
    var total = 0
    for node in entryNodes("estimators", table) {
      guard let cells = entry(node, estimatorKinds).cells, admit(cells, &total) else { continue }
      found.append(cells)
    }
    return found
  }

  /// Counts the settings of a list; reports the entry that takes them over the limit.
  private mutating func admit(_ cells: EntryCells, _ total: inout Int) -> Bool {
    let before = total
    total += cells.count
    if total <= Self.cellLimit { return true }
    if before <= Self.cellLimit {
      log.error(
        "too-many-cells",
        "with this entry the list has \(MessageText.grouped(total)) settings, the limit is "
          + MessageText.grouped(Self.cellLimit), at: cells.kindNode,
        hint: "split the study, or shorten lists")
    }
    return false
  }

  /// Reports a study with more cells than the limit.
  mutating func fits(
    _ problems: [ProblemCells], _ target: TargetSettings, _ estimators: [EntryCells],
    _ table: FieldTable
  ) -> Bool {
    var total = problems.reduce(0) { $0 + $1.cells.count * $1.allWeights.count }
    for factor in [target.distributions.count, estimators.reduce(0) { $0 + $1.count }] {
      let (product, overflow) = total.multipliedReportingOverflow(by: factor)
      total = overflow ? .max : product
    }
    if total <= Self.cellLimit { return true }
    let key = table.fields.first { $0.name == "estimators" }?.key ?? table.node
    log.error(
      "too-many-cells",
      "the study has \(MessageText.grouped(total)) cells, the limit is \(MessageText.grouped(Self.cellLimit))",
      at: key,
      hint: "cells = problems x states x laws x estimators: shorten lists, or split the study")
    return false
  }

  private mutating func checkTrainable(_ table: FieldTable, _ key: DocumentNode) {
    guard case .scalar(let kind, _) = table["kind"]?.content,
      let descriptor = problems.first(where: { $0.name == kind }), !descriptor.trainable
    else { return }
    let trainable = problems.filter(\.trainable).map(\.name).joined(separator: ", ")
    log.error(
      "states", "'\(kind)' has no weights to train and takes no 'states'", at: key,
      hint: "remove the key; kinds with states: \(trainable)")
  }

  /// One name cannot hold the weights of several settings.
  private mutating func checkSave(_ allWeights: [(weights: WeightsEntry, node: DocumentNode)]) {
    for case (.trained(let train), let node) in allWeights {
      guard let name = train.save else { continue }
      log.error(
        "save", "each setting of this entry would save its weights as '\(name)'", at: node,
        hint: "write one entry per setting, each with its own name")
    }
  }

  private mutating func checkSaveNames(_ problems: [ProblemCells]) {
    var owners: [String: (ResolvedParameters, TrainEntry)] = [:]
    for problem in problems where problem.cells.count == 1 {
      for case (.trained(let train), let node) in problem.allWeights {
        guard let name = train.save else { continue }
        let owner = (problem.cells.cells[0], train)
        if let first = owners[name], first != owner {
          log.error(
            "save", "other weights are saved as '\(name)' already", at: node,
            hint: "give each trained state its own name")
        }
        owners[name] = owner
      }
    }
  }

  /// The estimator settings without repetitions, which are reported.
  mutating func distinct(_ entries: [EntryCells]) -> [EstimatorEntry] {
    var seen: Set<EstimatorEntry> = []
    var kept: [EstimatorEntry] = []
    for entry in entries {
      var repeated: [EstimatorEntry] = []
      for cell in entry.cells {
        let estimator = EstimatorEntry(kind: entry.kind, parameters: cell)
        if seen.insert(estimator).inserted {
          kept.append(estimator)
        } else {
          repeated.append(estimator)
        }
      }
      warnOfRepetition(
        repeated.map { ($0.kind, $0.parameters) }, of: entry, what: "estimator setting")
    }
    return kept
  }

  /// The problem settings without repeated weights, which are reported.
  mutating func distinct(_ entries: [ProblemCells]) -> [ProblemEntry] {
    var seen: Set<ProblemEntry> = []
    var kept: [ProblemEntry] = []
    for entry in entries {
      var repeated: [(String, ResolvedParameters)] = []
      for cell in entry.cells.cells {
        var allWeights: [WeightsEntry] = []
        for (weights, _) in entry.allWeights {
          let single = ProblemEntry(kind: entry.cells.kind, parameters: cell, allWeights: [weights])
          if seen.insert(single).inserted { allWeights.append(weights) }
        }
        if allWeights.count < entry.allWeights.count { repeated.append((entry.cells.kind, cell)) }
        if !allWeights.isEmpty {
          kept.append(
            ProblemEntry(kind: entry.cells.kind, parameters: cell, allWeights: allWeights))
        }
      }
      warnOfRepetition(repeated, of: entry.cells, what: "problem setting")
    }
    return kept
  }

  private mutating func warnOfRepetition(
    _ repeated: [(kind: String, parameters: ResolvedParameters)], of entry: EntryCells, what: String
  ) {
    guard let first = repeated.first else { return }
    let detail = first.parameters.summary
    let name = detail.isEmpty ? first.kind : "\(first.kind) (\(detail))"
    log.warn(
      "duplicate-cell",
      repeated.count == 1
        ? "this \(what) is given twice: \(name)"
        : "\(repeated.count) \(what)s of this entry are given twice, the first: \(name)",
      at: entry.kindNode, hint: "it is measured once")
  }

  /// Warns of parameters that a study varies although they have no effect.
  mutating func warnOfInertAxes(_ entries: [EntryCells]) {
    struct Group: Hashable {
      let kind: String
      let name: String
      let others: [String: ParameterValue]
    }
    var seen: [Group: ParameterValue] = [:]
    var reported: Set<[Int]> = []
    var places: [Group: DocumentNode] = [:]
    for entry in entries {
      guard let descriptor = estimators.first(where: { $0.name == entry.kind }) else { continue }
      for cell in entry.cells {
        for (name, reason) in descriptor.inertParameters(cell) {
          guard let value = cell[name] else { continue }
          var others: [String: ParameterValue] = [:]
          for other in cell.names where other != name { others[other] = cell[other] }
          let group = Group(kind: entry.kind, name: name, others: others)
          if places[group] == nil { places[group] = entry.keys[name] }
          guard let first = seen[group] else {
            seen[group] = value
            continue
          }
          guard first != value, let key = places[group],
            reported.insert([key.line, key.column]).inserted
          else { continue }
          log.warn(
            "inert-parameter", "'\(name)' is varied but has no effect: \(reason)", at: key,
            hint: "keep one value: the others measure the same again")
        }
      }
    }
  }
}
