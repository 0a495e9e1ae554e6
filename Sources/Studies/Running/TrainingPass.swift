import Discrete
import Fidelity
import ResultStore

/// Trains one problem in one pass over all the steps that are wanted of it.
///
/// Progress is saved at every wanted step and every hundred steps: first the steps of the series, in
/// one transaction, then the state of the trainer. A pass that was cut short goes on from there with
/// the bits of one that was not.
struct TrainingPass {
  /// Steps from one saved state to the next.
  static let interval = 100

  let problem: any TrainableProblem
  let settings: TrainingSettings
  /// What names the training in progress and messages.
  let label: String
  let files: ResumeFiles
  /// Where the series goes, with the hash of the training; nil where none is kept.
  let series: (store: ResultStore, hash: String)?
  let stopCode: @Sendable () -> Int32?
  let progress: @Sendable (StudyProgress) -> Void

  /// Trains to step `settings.steps`.
  ///
  /// - Parameters:
  ///   - wanted: steps, from 1, whose weights are handed to `reached`.
  ///   - reached: receives the frozen problem of a wanted step.
  /// - Returns: the exit code of the signal that stopped the pass; nil where it came to its end.
  /// - Throws: `DiscreteError`; `StudyRunError.checkpoint` if a file cannot be written; `StoreError`;
  ///   what `reached` throws. The steps before the error are stored.
  func run(
    wanted: Set<Int>, reached: (_ step: Int, _ problem: any TrainableProblem) throws -> Void
  ) throws -> Int32? {
    if let refusal = TrainingMemory.refusal(problem) { throw DiscreteError.unsupported(refusal) }
    let stored = try series.map { try $0.store.storedSteps(training: $0.hash) } ?? Int.max
    // A state further on than the series would leave a gap in it.
    let start = try start(stored: stored, latest: min(stored, wanted.min() ?? .max))
    var trainer = start.trainer
    let last = settings.steps
    if trainer.step > 0 {
      progress(.resuming(weights: label, step: trainer.step, steps: last))
      if wanted.contains(trainer.step) { try reached(trainer.step, try trainer.frozen()) }
    }
    var unstored: [TrainingStep] = []
    func save() throws {
      if let series { try series.store.save(unstored, training: series.hash) }
      unstored.removeAll(keepingCapacity: true)
      if trainer.step > start.kept { try files.save(trainer.snapshot()) }
    }
    while trainer.step < last {
      if let code = stopCode() {
        try save()
        return code
      }
      do {
        let step = try trainer.advance()
        unstored.append(step)
        progress(.training(weights: label, step: step.step, steps: last, loss: step.loss))
        if wanted.contains(step.step) { try reached(step.step, try trainer.frozen()) }
      } catch {
        if let series { try series.store.save(unstored, training: series.hash) }
        throw error
      }
      let step = trainer.step
      // Without a series the weights of the last step are all that is left to keep.
      if wanted.contains(step) || step % Self.interval == 0 || step == last,
        step < last || series != nil
      {
        try save()
      }
    }
    return nil
  }

  /// The trainer to start from, and the step of the saved state that is worth keeping.
  ///
  /// - Parameters:
  ///   - stored: steps of the series in the store.
  ///   - latest: the last step to start behind.
  private func start(
    stored: Int, latest: Int
  ) throws -> (trainer: any ProblemTrainer, kept: Int) {
    let fresh = try problem.trainer(settings)
    var kept = 0
    var damage: String?
    for path in [files.newest, files.previous] {
      var trainer = fresh
      do {
        guard let bytes = try files.load(path) else { continue }
        try trainer.restore(bytes)
      } catch {
        damage = damage ?? "\(path): \(Self.reason(error))"
        files.drop(path)
        continue
      }
      if trainer.step <= stored { kept = max(kept, trainer.step) }
      if trainer.step <= min(latest, settings.steps) {
        warn(damage, from: trainer.step)
        return (trainer, kept)
      }
    }
    warn(damage, from: 0)
    return (fresh, kept)
  }

  private static func reason(_ error: any Error) -> String {
    error is IdentifiedFile.Refusal ? "the file is \(error)" : "\(error)"
  }

  private func warn(_ damage: String?, from step: Int) {
    guard let damage else { return }
    let rest = step == 0 ? "training starts again" : "training goes on from step \(step)"
    progress(.warning("\(damage); \(rest)"))
  }
}

/// Training stopped before its end, with the exit code of the signal.
struct TrainingStopped: Error {
  let code: Int32
}
