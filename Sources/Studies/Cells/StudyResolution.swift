import Discrete
import Fidelity
import Foundation
import ResultStore

/// A study with its problems built and its cells resolved.
public struct ResolvedStudy: Sendable {
  public let file: StudyFile
  public let groups: [StudyGroup]
  /// The trainings whose series the study asks for; empty unless its kind is `training`.
  public let trainings: [StudyTraining]
  /// Pairs without cells: the estimator does not work on the problem.
  public let leftOut: [LeftOutPair]
  /// The kinds that the study was resolved with.
  public let catalogue: Catalogue
  public let record: StudyRecord

  public var cells: [StudyCell] { groups.flatMap(\.cells) }

  /// Exact targets and moments that the study asks for and that cannot be had, with the remedy:
  /// their cells would fail.
  public var refusals: [String] {
    var seen: Set<String> = []
    return groups.flatMap { group in
      let name = group.cells.first?.record.problem ?? group.problem.kind
      let training = trainingRefusal(group).map { [$0] } ?? []
      return (training + refusals(group.initial, group.cells)).map { "\(name): \($0)" }
    }.filter { seen.insert($0).inserted }
  }

  /// Why the training that leads to weights cannot be run.
  private func trainingRefusal(_ group: StudyGroup) -> String? {
    guard case .trained(let entry) = group.weights else { return nil }
    if let refusal = entry.refusal(group.initial, catalogue) { return refusal }
    guard let rows = group.initial.trainable?.dataRows, entry.batch > rows
    else { return nil }
    return
      "batch must be from 1 to \(rows), the rows of the data, found \(entry.batch); set batch in `train` or `training`"
  }

  private func refusals(_ problem: any DiscreteProblem, _ cells: [StudyCell]) -> [String] {
    let bounds = EnumerationBounds(shape: problem.shape, maxJointCodes: file.target.maxJointCodes)
    let capabilities = problem.oracle.capabilities
    var found: [String?] = []
    found.append(
      TargetPlan.refusal(problem, file.target))
    if file.measure.moments == .exact {
      // Soft forwards, and locally linear ones under a separable cost, need no enumeration.
      let enumerated = cells.compactMap { try? $0.request(problem.shape, catalogue).estimator.plan }
        .filter {
          plan in
          !plan.relaxed && !plan.overQuantiser
            && !(plan.gradients && capabilities.separable && problem.shape.rows == 1)
        }
      if !enumerated.isEmpty {
        found.append(
          bounds.refusal(.moments, gradients: enumerated.contains(where: \.hardGradients)))
      }
    }
    found.append(
      cells.first { $0.isSurrogate(catalogue) }
        .flatMap { file.measure.refusal(ofSurrogate: $0.record.estimator) })
    let geometry = ScopeGeometry(problem: problem, scopes: file.measure.scopes)
    found.append(file.measure.precision?.refusal(geometry))
    found +=
      MemoryNeeds(
        problem: problem, measure: file.measure, target: file.target, workers: 1
      ).refusals.map(Optional.some)
    return found.compactMap(\.self)
  }

  /// Version of the resolved form: part of every cell's hash. Raise it where the numbers of all kinds
  /// change; `numbersFormat` of a descriptor where those of one kind do.
  static let format = 1

  /// Most bytes of the weights of all problems, which are held at once: 1 GiB.
  private static let weightLimit = 1_073_741_824.0

  /// Builds every problem with its initial weights and resolves every cell.
  ///
  /// - Parameter catalogue: the one that the file was read with.
  /// - Throws: `StudyRunError.problem` when a problem cannot be built, `.noCells` when no estimator
  ///   works on the layer of any problem.
  public init(
    _ file: StudyFile, path: String, environment: ProblemEnvironment,
    catalogue: Catalogue = .standard
  ) throws {
    self.file = file
    self.catalogue = catalogue
    var groups: [StudyGroup] = []
    var trainings: [StudyTraining] = []
    var leftOut: [LeftOutPair] = []
    var weights = 0.0
    let estimators = try file.estimators.map { try ResolvedEstimator($0, catalogue) }
    for entry in file.problems {
      guard let descriptor = catalogue.problem(entry.kind) else { continue }
      let problem: any DiscreteProblem
      do {
        problem = try descriptor.make(entry.parameters, environment)
      } catch {
        throw StudyRunError.problem(entry.kind, "\(error)")
      }
      weights += problem.trainable?.weightBytes ?? 0
      guard weights <= Self.weightLimit else {
        throw StudyRunError.infeasible([
          "the problems up to '\(entry.kind)' have more than 1 GiB of weights together, which are held at once: split the study"
        ])
      }
      func resolution(_ weights: WeightsEntry) -> WeightsResolution {
        WeightsResolution(
          entry: entry, descriptor: descriptor, problem: problem, weights: weights,
          environment: environment, catalogue: catalogue)
      }
      for weights in entry.allWeights {
        let found = try resolution(weights).group(file, estimators)
        groups.append(found.group)
        leftOut += found.leftOut
      }
      for training in file.trainings {
        let found = try resolution(.trained(training.train)).training(training.train)
        StudyTraining.add(found, to: &trainings)
      }
    }
    if let first = leftOut.first, groups.allSatisfy(\.cells.isEmpty) {
      throw StudyRunError.noCells(
        "no estimator of the study works on any of its problems: \(first.reason)")
    }
    self.groups = groups
    self.leftOut = leftOut
    self.trainings = trainings
    var members: [String: CanonicalJSON] = [
      "format": .integer(ResolvedStudy.format), "name": .text(file.name),
      "title": .text(file.title ?? ""), "seed": .unsigned(file.seed),
      "cells": .array(groups.flatMap { $0.cells.map { .text($0.hash) } }),
    ]
    if file.kind == .training {
      members["kind"] = .text(file.kind.rawValue)
      members["trainings"] = .array(
        trainings.map {
          .object(["hash": .text($0.record.hash), "steps": .integer($0.record.steps)])
        })
    }
    let resolved = try CanonicalJSON.object(members).rendered()
    record = StudyRecord(
      name: file.name, file: path, contentHash: contentHash(of: resolved), resolvedJSON: resolved)
  }
}

/// What can go wrong in a study beyond its file.
public enum StudyRunError: Error, CustomStringConvertible, Equatable {
  /// A problem cannot be built: kind and reason.
  case problem(String, String)
  /// A named checkpoint is missing or damaged.
  case checkpoint(String)
  /// A file cannot be written: path and reason.
  case output(String, String)
  /// Cells that cannot be measured as asked: one reason each, with its remedy.
  case infeasible([String])
  /// No estimator of a study works on any of its problems: the first reason.
  case noCells(String)
  /// A selection of cells that selects nothing: the reason.
  case selection(String)
  /// Sampled gradients cannot be stored as asked: the reason.
  case samples(String)

  /// The exit code of the command line: 65 for what a study file names, 1 for a file to write, 64
  /// for a selection.
  public var exitCode: Int32 {
    switch self {
    case .output: 1
    case .selection: 64
    case .problem, .checkpoint, .samples, .infeasible, .noCells: 65
    }
  }

  public var description: String {
    switch self {
    case .problem(let kind, let reason): "problem '\(kind)': \(reason)"
    case .checkpoint(let reason): reason
    case .output(let path, let reason): "\(path): \(reason)"
    case .infeasible(let reasons): reasons.joined(separator: "\nerror: ")
    case .samples(let reason), .selection(let reason), .noCells(let reason): reason
    }
  }
}

/// Resolves the cells of one problem with one set of weights.
private struct WeightsResolution {
  let entry: ProblemEntry
  let descriptor: ProblemDescriptor
  let problem: any DiscreteProblem
  let weights: WeightsEntry
  let environment: ProblemEnvironment
  let catalogue: Catalogue

  /// The cells, and the estimators that do not work on the layer.
  func group(
    _ file: StudyFile, _ estimators: [ResolvedEstimator]
  ) throws -> (group: StudyGroup, leftOut: [LeftOutPair]) {
    let weightsJSON = try self.weightsJSON()
    let settings = try problemSettings()
    let problemJSON = formed(settings)
    let identity = CanonicalJSON.object(["problem": settings, "state": weightsJSON])
    let weightsContent = try self.weightsContent(weightsJSON)
    let content = CanonicalJSON.object(["problem": problemJSON, "state": weightsContent])
    let training = try trainingHash(problemJSON)
    let (label, weightsLabel) = (self.label, self.weightsLabel)
    var working: [ResolvedEstimator] = []
    var leftOut: [LeftOutPair] = []
    for estimator in estimators {
      let entry = estimator.entry
      if let refusal = estimator.refusal(problem) {
        leftOut.append(
          LeftOutPair(
            problem: label, weights: weightsLabel, kind: entry.kind, estimator: estimator.label,
            cells: file.target.distributions.count, reason: refusal.reason, cause: refusal.cause))
      } else {
        working.append(estimator)
      }
    }
    let shared = SharedFacts(
      problemText: try problemJSON.rendered(), label: label, weightsLabel: weightsLabel, step: step,
      training: training, seed: file.seed)
    var cells: [StudyCell] = []
    for distribution in file.target.distributions {
      // All but the estimator, whose key sorts first.
      let rest = try CanonicalJSON.object([
        "format": .integer(ResolvedStudy.format), "problem": problemJSON,
        "state": weightsContent, "target": targetJSON(file.target, distribution),
        "measure": measureJSON(file.measure),
        "seed": .unsigned(file.seed),
      ]).rendered().dropFirst()
      cells += working.map { cell($0, distribution, rest, shared) }
    }
    let group = StudyGroup(
      problem: entry, weights: weights, initial: problem, identity: try identity.contentHash(),
      weightsHash: try content.contentHash(), checkpoint: try checkpointFingerprint(),
      training: training, cells: cells)
    return (group, leftOut)
  }

  /// The training as a record, with the problem it starts from.
  func training(_ entry: TrainEntry) throws -> StudyTraining {
    let content = trainingJSON(entry, formed(try problemSettings()))
    return StudyTraining(
      record: TrainingRecord(
        hash: try content.contentHash(), problem: label, estimator: entry.estimator,
        estimatorLabel: EstimatorEntry(kind: entry.estimator, parameters: entry.parameters)
          .label(catalogue),
        optimiser: entry.optimiser.description, learningRate: entry.learningRate,
        batch: entry.batch,
        seed: entry.seed, resolvedJSON: try content.rendered(), steps: entry.steps),
      entry: entry, kind: self.entry.kind, initial: problem)
  }

  private func trainingHash(_ problemJSON: CanonicalJSON) throws -> String? {
    guard case .trained(let entry) = weights else { return nil }
    return try trainingJSON(entry, problemJSON).contentHash()
  }

  /// What the steps of a training depend on: not how many there are.
  private func trainingJSON(_ entry: TrainEntry, _ problemJSON: CanonicalJSON) -> CanonicalJSON {
    .object([
      "format": .integer(ResolvedStudy.format), "problem": problemJSON,
      "training": .object(trained(entry)),
    ])
  }

  private func trained(_ entry: TrainEntry) -> [String: CanonicalJSON] {
    var members: [String: CanonicalJSON] = [
      "estimator": .text(entry.estimator), "parameters": CanonicalJSON(entry.parameters),
      "optimiser": CanonicalJSON(entry.optimiser),
      "learning-rate": .number(entry.learningRate), "batch": .integer(entry.batch),
      "seed": .unsigned(entry.seed),
    ]
    members.add(format: catalogue.estimator(entry.estimator)?.numbersFormat)
    return members
  }

  /// Steps behind the weights; nil for problems without weights and for named checkpoints.
  private var step: Int? {
    switch weights {
    case .initial: descriptor.trainable ? 0 : nil
    case .trained(let training): training.steps
    case .checkpoint: nil
    }
  }

  /// What all cells of the weights have in common.
  private struct SharedFacts {
    /// The resolved problem.
    let problemText: String
    let label: String
    let weightsLabel: String
    let step: Int?
    let training: String?
    let seed: UInt64
  }

  /// - Parameter rest: the resolved cell without its estimator and the opening brace.
  private func cell(
    _ estimator: ResolvedEstimator, _ distribution: TargetDistribution, _ rest: Substring,
    _ shared: SharedFacts
  ) -> StudyCell {
    var text = #"{"estimator":"#
    text.reserveCapacity(text.utf8.count + estimator.text.utf8.count + 1 + rest.utf8.count)
    text += estimator.text
    text += ","
    text += rest
    return StudyCell(
      entry: estimator.entry, distribution: distribution,
      record: CellRecord(
        hash: contentHash(of: text), problem: shared.label, problemJSON: shared.problemText,
        weights: shared.weightsLabel, step: shared.step, training: shared.training,
        estimator: estimator.entry.kind, estimatorLabel: estimator.label,
        estimatorJSON: estimator.text, tauForward: estimator.tauForward,
        tauBackward: estimator.tauBackward, target: "", targetDistribution: distribution.rawValue,
        seed: shared.seed, resolvedJSON: text))
  }

  private func problemSettings() throws -> CanonicalJSON {
    var inputs = problem.inputs.mapValues { CanonicalJSON.text($0) }
    // A file is known by its content, not by its name.
    for spec in descriptor.parameters {
      guard spec.kind == .path, case .text(let name)? = entry.parameters[spec.name] else {
        continue
      }
      let path = name.hasPrefix("/") ? name : environment.baseDirectory + "/" + name
      let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
      inputs[spec.name] = .text(contentHash(of: bytes))
    }
    return .object([
      "kind": .text(entry.kind), "parameters": CanonicalJSON(entry.parameters),
      "inputs": .object(inputs),
    ])
  }

  /// The problem with the form of its numbers.
  private func formed(_ settings: CanonicalJSON) -> CanonicalJSON {
    guard case .object(var members) = settings else { return settings }
    members.add(format: descriptor.numbersFormat)
    return .object(members)
  }

  /// The weights with the form of the numbers of the estimator that trains.
  private func weightsContent(_ weightsJSON: CanonicalJSON) throws -> CanonicalJSON {
    guard case .trained(let training) = weights, case .object(var members) = weightsJSON else {
      return weightsJSON
    }
    members.add(format: catalogue.estimator(training.estimator)?.numbersFormat)
    return .object(members)
  }

  /// Nil where the weights are no named checkpoint.
  private func checkpointFingerprint() throws -> String? {
    guard case .checkpoint(let name) = weights else { return nil }
    return Checkpoints.fingerprint(try Checkpoints(environment).load(name))
  }

  private func weightsJSON() throws -> CanonicalJSON {
    switch weights {
    case .initial: return .text("initial")
    case .trained(let training):
      var members: [String: CanonicalJSON] = [
        "estimator": .text(training.estimator),
        "parameters": CanonicalJSON(training.parameters), "steps": .integer(training.steps),
        "learning-rate": .number(training.learningRate), "batch": .integer(training.batch),
        "seed": .unsigned(training.seed),
      ]
      // The default is left out, so that the choice has renamed no cell.
      if training.optimiser != .adam { members["optimiser"] = CanonicalJSON(training.optimiser) }
      return .object(members)
    case .checkpoint(let name):
      let bytes = try Checkpoints(environment).load(name)
      return .object(["checkpoint": .text(Checkpoints.fingerprint(bytes))])
    }
  }

  /// Names the weights in tables: `trained:st:200`, with every setting of the training that differs
  /// from its default, so that two trainings of one problem never share a label.
  private var weightsLabel: String {
    switch weights {
    case .initial: "initial"
    case .trained(let training):
      (["trained:\(training.estimator):\(training.steps)"] + unusual(training))
        .joined(separator: ":")
    case .checkpoint(let name): "checkpoint:\(name)"
    }
  }

  private func unusual(_ training: TrainEntry) -> [String] {
    var found: [String] = []
    if training.optimiser != .adam { found.append(training.optimiser.description) }
    for spec in catalogue.estimator(training.estimator)?.parameters ?? [] {
      guard let value = training.parameters[spec.name], value != spec.defaultValue else { continue }
      found.append("\(spec.name)=\(value)")
    }
    if training.learningRate != TrainEntry.defaultRate {
      found.append("learning-rate=\(training.learningRate)")
    }
    if training.batch != TrainEntry.defaultBatch { found.append("batch=\(training.batch)") }
    if training.seed != TrainEntry.defaultSeed { found.append("seed=\(training.seed)") }
    return found
  }

  /// Kind, identifying parameters and those that differ from their defaults, and inputs.
  private var label: String {
    var words = [entry.kind]
    for spec in descriptor.parameters {
      guard let value = entry.parameters[spec.name],
        value != spec.defaultValue || descriptor.identifying.contains(spec.name)
      else { continue }
      words.append("\(spec.name)=\(value)")
    }
    words += problem.inputs.sorted { $0.key < $1.key }.map(\.value)
    return words.joined(separator: " ")
  }

  private func targetJSON(_ target: TargetSettings, _ distribution: TargetDistribution)
    -> CanonicalJSON
  {
    var members: [String: CanonicalJSON] = [
      "kind": .text(target.kind.rawValue), "law": .text(distribution.rawValue),
      "max-states": .integer(target.maxJointCodes), "samples": .integer(target.samples),
    ]
    if let draws = target.draws {
      members["draws"] = .integer(draws)
    } else {
      members["draws"] = .text("auto")
      members["error-fraction"] = .number(target.errorFraction)
      members["max-draws"] = .integer(target.maxDraws(problem.shape))
    }
    return .object(members)
  }

  private func measureJSON(_ measure: MeasureSettings) -> CanonicalJSON {
    var members: [String: CanonicalJSON] = [
      "at": .array(measure.scopes.map(\.rawValue).sorted().map { .text($0) }),
      "moments": .text(measure.moments.rawValue), "draws": .integer(measure.draws),
      "blocks": .integer(measure.blocks), "per-draw-samples": .integer(measure.perDrawSamples),
      "gap": .flag(measure.gap), "level": .number(measure.level),
    ]
    if let rule = measure.precision {
      var precision: [String: CanonicalJSON] = [
        "metric": .text(rule.metric.rawValue), "se-below": .number(rule.errorBelow),
        "max-draws": .integer(rule.maxDraws),
      ]
      if let scope = rule.scope { precision["scope"] = .text(scope) }
      members["precision"] = .object(precision)
    }
    // The default is left out, so that the key has renamed no cell.
    if measure.parameters { members["parameters"] = .flag(true) }
    return .object(members)
  }
}
