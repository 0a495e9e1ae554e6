import Discrete
import Fidelity
import Foundation
import Models
import Synchronization

/// Gives a problem the weights that a study names: as built, trained, or from a checkpoint.
struct ModelWeights {
  let environment: ProblemEnvironment
  /// Where the estimators that train are found.
  let catalogue: Catalogue
  let progress: @Sendable (StudyProgress) -> Void
  /// Asked at every training step: an exit code to stop with, or nil to go on.
  var stopCode: @Sendable () -> Int32? = { nil }
  /// Files that were warned of: a file is looked at more than once.
  private let refused = RefusedFiles()

  init(
    environment: ProblemEnvironment, catalogue: Catalogue,
    progress: @escaping @Sendable (StudyProgress) -> Void,
    stopCode: @escaping @Sendable () -> Int32? = { nil }
  ) {
    self.environment = environment
    self.catalogue = catalogue
    self.progress = progress
    self.stopCode = stopCode
  }

  /// Trained weights are kept under the hash of how they came about, so that a study that is run
  /// again, or resumed, does not train again.
  ///
  /// - Throws: `StudyRunError`, `DiscreteError`; `TrainingStopped`.
  func problem(_ group: StudyGroup, label: String) throws -> any DiscreteProblem {
    switch group.weights {
    case .initial: return group.initial
    case .checkpoint(let name):
      let bytes = try Checkpoints(environment).load(name)
      guard Checkpoints.fingerprint(bytes) == group.checkpoint else {
        throw StudyRunError.checkpoint(
          "checkpoint '\(name)' was replaced since the study was read; run it again")
      }
      do {
        return try trainable(group).restored(from: bytes)
      } catch {
        throw StudyRunError.checkpoint("checkpoint '\(name)': \(error)")
      }
    case .trained(let training):
      let checkpoints = Checkpoints(environment)
      let problem = try kept(group) ?? train(group, training, label: label)
      if let name = training.save {
        // The bytes of their own file, of whatever version: cells know a name by its content.
        let own = try? checkpoints.load(weights: group.weightsHash)
        try checkpoints.save(own ?? problem.checkpoint(), as: name)
      }
      return problem
    }
  }

  /// The problem with the weights kept of an earlier training; nil where there are none. A file that
  /// is damaged, of an older form or of other weights is told of and not read.
  func kept(_ group: StudyGroup) -> (any TrainableProblem)? {
    let checkpoints = Checkpoints(environment)
    do {
      guard let bytes = try checkpoints.load(weights: group.weightsHash) else { return nil }
      return try trainable(group).restored(from: bytes)
    } catch {
      let path = checkpoints.file(weights: group.weightsHash).path
      guard refused.insert(path) else { return nil }
      let found =
        (error as? IdentifiedFile.Refusal)?.naming("trained state") ?? "a state that cannot be read"
      progress(.warning("\(path): \(found) is ignored and trained again"))
      return nil
    }
  }

  /// Keeps trained weights under the hash of how they came about.
  /// - Throws: `StudyRunError.checkpoint` if they cannot be written.
  func keep(_ problem: any TrainableProblem, of group: StudyGroup) throws {
    try Checkpoints(environment).save(problem.checkpoint(), weights: group.weightsHash)
  }

  /// Saves trained weights under its name where nothing of it is left to measure: a name may be
  /// given after the measurements.
  ///
  /// - Throws: as `problem(_:label:)`.
  func keepName(_ group: StudyGroup) throws {
    guard case .trained(let training) = group.weights, let name = training.save else { return }
    let checkpoints = Checkpoints(environment)
    let named = try? checkpoints.load(name)
    let own = try? checkpoints.load(weights: group.weightsHash)
    guard named == nil || (own != nil && own != named) else { return }
    _ = try problem(group, label: group.cells.first?.record.weights ?? name)
  }

  /// The problem with its weights where that takes no training; nil where it has yet to be trained.
  ///
  /// - Throws: as `problem(_:label:)`.
  func frozen(_ group: StudyGroup) throws -> (any DiscreteProblem)? {
    guard case .trained = group.weights else { return try problem(group, label: "") }
    return kept(group)
  }

  /// Seconds of one training step of weights, from a few of them; the weights are thrown away.
  ///
  /// - Throws: as `problem(_:label:)`.
  func secondsPerStep(_ group: StudyGroup) throws -> Double {
    guard case .trained(let training) = group.weights else { return 0 }
    let problem = try trainable(group)
    // What the run refuses is not tried.
    guard TrainingMemory.refusal(problem) == nil else { return 0 }
    let settings = try training.settings(catalogue, for: problem, steps: min(training.steps, 4))
    let ends = Mutex<[Date]>([])
    _ = try problem.trained(settings) { _, _ in ends.withLock { $0.append(Date()) } }
    let times = ends.withLock { $0 }
    // The first step sets up as well.
    guard let first = times.first, let last = times.last, times.count > 1 else { return 0 }
    return last.timeIntervalSince(first) / Double(times.count - 1)
  }

  private func trainable(_ group: StudyGroup) throws -> any TrainableProblem {
    guard let problem = group.initial.trainable else {
      throw StudyRunError.problem(group.problem.kind, "has no weights to train")
    }
    return problem
  }

  private func train(
    _ group: StudyGroup, _ training: TrainEntry, label: String
  ) throws -> any TrainableProblem {
    let files = ResumeFiles(
      folder: environment.checkpointDirectory, name: Checkpoints.name(weights: group.weightsHash),
      identity: group.weightsHash)
    let problem = try trainable(group)
    let pass = TrainingPass(
      problem: problem, settings: try training.settings(catalogue, for: problem), label: label,
      files: files,
      series: nil, stopCode: stopCode, progress: progress)
    var trained: (any TrainableProblem)?
    let stopped = try pass.run(wanted: [training.steps]) { _, problem in
      try keep(problem, of: group)
      trained = problem
    }
    if let stopped { throw TrainingStopped(code: stopped) }
    guard let trained else {
      throw StudyRunError.problem(group.problem.kind, "has no step \(training.steps)")
    }
    files.remove()
    return trained
  }
}

/// The files of a run that were told of.
private final class RefusedFiles: Sendable {
  private let paths = Mutex<Set<String>>([])

  /// Whether it is new.
  func insert(_ path: String) -> Bool { paths.withLock { $0.insert(path).inserted } }
}

extension TrainEntry {
  /// Why the estimator cannot train a problem, with the remedy; nil where it can.
  func refusal(_ problem: any DiscreteProblem, _ catalogue: Catalogue) -> String? {
    guard let descriptor = catalogue.estimator(estimator) else { return nil }
    guard !descriptor.isSurrogate(parameters) else {
      return
        "train: '\(estimator)' carries a gradient over a quantiser, and training takes an estimator of logits; a quantiser trains straight-through with 'identity-st'"
    }
    return descriptor.refusal(problem.shape, parameters).map { "train: \($0)" }
  }

  /// The settings with the estimator made.
  /// - Throws: `DiscreteError.parameter` if the estimator refuses its parameters, `.unsupported` for one that
  ///   does not work on the problem's layer.
  func settings(
    _ catalogue: Catalogue, for problem: any DiscreteProblem, steps: Int? = nil
  ) throws -> TrainingSettings {
    guard let descriptor = catalogue.estimator(estimator) else {
      throw DiscreteError.parameter("unknown estimator kind '\(estimator)'")
    }
    if let refusal = refusal(problem, catalogue) { throw DiscreteError.unsupported(refusal) }
    return TrainingSettings(
      estimator: try descriptor.make(parameters), optimiser: optimiser, steps: steps ?? self.steps,
      learningRate: learningRate, batch: batch, seed: seed)
  }
}
