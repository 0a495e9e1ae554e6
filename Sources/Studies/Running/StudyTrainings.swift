import Discrete
import ResultStore

/// The trainings of a running study: each is brought to its last step in one pass, before the first
/// of its trained weights is measured.
struct StudyTrainings {
  let study: ResolvedStudy
  let store: ResultStore
  let weights: ModelWeights
  private var passed: Set<String> = []
  /// Why trainings ended early, by hash.
  private(set) var failures: [String: any Error] = [:]

  init(study: ResolvedStudy, store: ResultStore, weights: ModelWeights) {
    self.study = study
    self.store = store
    self.weights = weights
  }

  /// Completes a training: its series in the store, and the weights of those of its weights that
  /// have cells in `pending`. What is there already is not trained again.
  ///
  /// - Returns: the exit code of the signal that stopped it.
  /// - Throws: `StoreError`. Other errors are kept in `failures`.
  mutating func complete(_ hash: String, pending: Set<String>) throws -> Int32? {
    guard passed.insert(hash).inserted,
      let training = study.trainings.first(where: { $0.record.hash == hash })
    else { return nil }
    var missing: [Int: StudyGroup] = [:]
    for group in study.groups where group.training == hash {
      guard case .trained(let entry) = group.weights,
        group.cells.contains(where: { pending.contains($0.hash) }), weights.kept(group) == nil
      else { continue }
      missing[entry.steps] = group
    }
    let isWhole = try store.storedSteps(training: hash) >= training.record.steps
    guard !missing.isEmpty || !isWhole else { return nil }
    let last = isWhole ? missing.keys.max() ?? 0 : training.record.steps
    do {
      return try pass(training, to: last).run(wanted: Set(missing.keys)) { step, problem in
        if let group = missing[step] { try weights.keep(problem, of: group) }
      }
    } catch let error as StoreError {
      throw error
    } catch {
      failures[hash] = error
      return nil
    }
  }

  /// The reasons in words, one for each training that failed.
  var messages: [String] {
    study.trainings.compactMap { training in
      failures[training.record.hash].map { "\(training.record.problem), \(training.label): \($0)" }
    }
  }

  private func pass(_ training: StudyTraining, to last: Int) throws -> TrainingPass {
    guard let problem = training.initial.trainable else {
      throw StudyRunError.problem(training.kind, "has no weights to train")
    }
    return TrainingPass(
      problem: problem,
      settings: try training.entry.settings(study.catalogue, for: problem, steps: last),
      label: training.label,
      files: ResumeFiles(
        folder: weights.environment.checkpointDirectory,
        name: "training-\(training.record.hash.prefix(32))", identity: training.record.hash),
      series: (store, training.record.hash), stopCode: weights.stopCode, progress: weights.progress)
  }
}
