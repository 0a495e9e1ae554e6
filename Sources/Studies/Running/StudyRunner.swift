import Discrete
import Fidelity
import ResultStore
import Tensors

/// How a run of a study ended.
public struct StudyOutcome: Sendable, Equatable {
  /// Cells measured in this run.
  public var measured = 0
  /// Cells that were there already.
  public var reused = 0
  /// Cells that failed or diverged in this run, with their messages.
  public var failures: [String] = []
  /// Cells that were asked for and that a run that was stopped did not come to.
  public var left = 0

  /// Trainings that failed or diverged in this run, with their messages.
  public var failedTrainings: [String] = []
  /// Cells whose sampled target reached its limit of draws before the error asked for.
  public var coarseTargets = 0
  /// Cells that reached the limit of draws before the standard error of the stop rule.
  public var unmetPrecision = 0

  /// The exit code of the signal that stopped the run early; nil where it ran to its end.
  public var stopped: Int32?

  /// 0 when all requested cells are done, 3 when some failed, 128 plus the signal's number when
  /// the run was stopped.
  public var exitCode: Int32 {
    stopped ?? (failures.isEmpty && failedTrainings.isEmpty ? 0 : 3)
  }
}

/// Runs the missing cells of a study, group by group; a measured cell is handed to a `CellWriter`,
/// which saves it beside the work on the next ones.
public struct StudyRunner: Sendable {
  public let study: ResolvedStudy
  public let store: ResultStore
  public let environment: ProblemEnvironment
  public let jobs: Int
  /// Asked between batches of cells and at every training step: an exit code to stop with, or nil to go on.
  public let stopCode: @Sendable () -> Int32?
  /// Whether oracle tables are kept beside the store and read from there: no number depends on it.
  public let keepsTables: Bool
  /// Whether other runs work on the store: what they finish is looked for before each problem and weights.
  public let othersAtWork: @Sendable () -> Bool
  public let progress: @Sendable (StudyProgress) -> Void

  /// Cells that are registered beside the measuring of the first of them; more are registered before
  /// it. 10,000 take about a tenth of a second.
  private static let mostRegisteredBeside = 10_000

  public init(
    study: ResolvedStudy, store: ResultStore, environment: ProblemEnvironment, jobs: Int,
    keepsTables: Bool = false, stopCode: @escaping @Sendable () -> Int32? = { nil },
    othersAtWork: @escaping @Sendable () -> Bool = { false },
    progress: @escaping @Sendable (StudyProgress) -> Void
  ) {
    self.study = study
    self.store = store
    self.environment = environment
    self.jobs = jobs
    self.keepsTables = keepsTables
    self.stopCode = stopCode
    self.othersAtWork = othersAtWork
    self.progress = progress
  }

  /// Where the moments of every parameter are written.
  private var parameterFiles: ParameterFiles { ParameterFiles(storePath: store.path) }

  /// Runs what is missing.
  ///
  /// - Parameter only: restricts the run to cells that match (see `--only`).
  /// - Throws: `StoreError`; `StudyRunError.samples` where measured files own the study's name.
  ///   Failures of cells are recorded, not thrown.
  public func run(_ record: RunRecord, only: String? = nil) throws -> StudyOutcome {
    let name = study.record.name
    if let earlier = try store.studies().first(where: { $0.study.name == name }),
      SampleStudy.owns(earlier.study)
    {
      throw StudyRunError.samples(
        "the store has measured files under the name '\(name)'; rename the study, or give another --store"
      )
    }
    LeftoverFiles.sweep(environment.checkpointDirectory)
    let cells = study.groups.flatMap { $0.cells.map(\.record) }
    AtomicFile.sweep(parameterFiles.directory)
    let (done, lost) = try parameterFiles.stored(
      among: cells.map(\.hash), of: study, in: store)
    if !lost.isEmpty {
      progress(
        .warning(
          "\(lost.count) \(lost.count == 1 ? "cell is" : "cells are") measured again: the files of \(lost.count == 1 ? "its" : "their") parameters are not in \(parameterFiles.directory)"
        ))
    }
    let writer = CellWriter(store: store) { [store, study] in
      try store.beginRun(
        study: study.record, cells: cells, trainings: study.trainings.map(\.record), run: record)
    }
    // The steps of a training are saved under what is registered. What is measured before the cells
    // are could be lost with the process: that is kept to a tenth of a second.
    if !study.trainings.isEmpty || cells.count > Self.mostRegisteredBeside {
      _ = try writer.registered()
    }
    var outcome = StudyOutcome()
    let weights = ModelWeights(
      environment: environment, catalogue: study.catalogue, progress: progress,
      stopCode: stopCode)
    var trainings = StudyTrainings(study: study, store: store, weights: weights)
    do {
      var wanted: Set<String> = []
      for group in study.groups {
        for cell in group.cells where only.map({ cell.matches($0) }) ?? true {
          wanted.insert(cell.hash)
          if done.contains(cell.hash) { outcome.reused += 1 }
        }
      }
      let pending = done.isEmpty ? wanted : wanted.subtracting(done)
      let total = pending.count
      var shared = 0
      for group in study.groups where outcome.stopped == nil {
        if let code = stopCode() {
          outcome.stopped = code
          break
        }
        if let training = group.training,
          group.cells.contains(where: { wanted.contains($0.hash) })
        {
          outcome.stopped = try trainings.complete(training, pending: pending)
          if outcome.stopped != nil { break }
        }
        var cells = group.cells.filter { pending.contains($0.hash) }
        if !cells.isEmpty, othersAtWork() {
          let made = try parameterFiles.stored(
            among: cells.map(\.hash), of: study, in: store
          ).whole
          cells.removeAll { made.contains($0.hash) }
          outcome.reused += made.count
          shared += made.count
        }
        guard !cells.isEmpty else {
          if group.cells.contains(where: { wanted.contains($0.hash) }) {
            try weights.keepName(group)
          }
          continue
        }
        try run(
          group, cells, weights: weights, trainings: trainings, writer: writer, outcome: &outcome,
          total: total)
      }
      // A training without a measured step has a series all the same.
      for training in study.trainings where outcome.stopped == nil && only == nil {
        outcome.stopped = try trainings.complete(training.record.hash, pending: pending)
      }
      outcome.failedTrainings = trainings.messages
      outcome.left = max(0, total - shared - outcome.measured - outcome.failures.count)
      try writer.finish()
      try store.finishRun(writer.registered(), exitCode: outcome.exitCode)
    } catch {
      // What was measured is kept, and the run's own end is worth recording even where its cause is
      // the store; a lock that was waited for is not waited for again.
      if case StoreError.locked = error { throw error }
      try? writer.finish()
      if let run = try? writer.registered() { try? store.finishRun(run, exitCode: 1) }
      throw error
    }
    return outcome
  }

  private func run(
    _ group: StudyGroup, _ cells: [StudyCell], weights: ModelWeights, trainings: StudyTrainings,
    writer: CellWriter, outcome: inout StudyOutcome, total: Int
  ) throws {
    let label = cells[0].record
    func fail(_ cell: StudyCell, _ error: any Error, _ outcome: inout StudyOutcome) throws {
      let message = "\(error)"
      var state = ResultState.failed
      if case DiscreteError.notFinite = error { state = .diverged }
      try writer.save(
        CellResult(
          cellHash: cell.hash, state: state, message: message, moments: "", seconds: 0,
          measurements: []))
      outcome.failures.append("\(cell.record.problem), \(cell.record.estimatorLabel): \(message)")
    }
    let session: FidelitySession
    do {
      if let error = group.training.flatMap({ trainings.failures[$0] }), weights.kept(group) == nil
      {
        throw error
      }
      let problem = try weights.problem(group, label: label.weights)
      progress(.measuring(problem: label.problem, weights: label.weights))
      session = FidelitySession(
        problem: problem, target: study.file.target, measure: study.file.measure,
        key: RandomKey(seed: study.file.seed).derived(group.identity), workers: jobs,
        tables: keepsTables
          ? TableFile(
            environment: environment, identity: group.weightsHash,
            warn: { progress(.warning($0)) }) : nil)
    } catch let stop as TrainingStopped {
      outcome.stopped = stop.code
      return
    } catch {
      for cell in cells { try fail(cell, error, &outcome) }
      return
    }
    var requests: [FidelityRequest] = []
    var requested: [StudyCell] = []
    for cell in cells {
      do {
        requests.append(try cell.request(group.initial.shape, study.catalogue))
        requested.append(cell)
      } catch {
        try fail(cell, error, &outcome)
      }
    }
    var unfinished = Set(requested.indices)
    func finish(_ index: Int, _ result: Result<FidelityReport, DiscreteError>) throws {
      unfinished.remove(index)
      switch result {
      case .success(let report):
        let parameters = try report.parameters.map {
          try parameterFiles.write($0, cell: requested[index].record)
        }
        try writer.save(
          CellResult(
            cellHash: requested[index].hash, state: .done, message: nil,
            moments: report.moments.rawValue, target: report.target.rawValue,
            route: report.route, routeReason: report.routeReason, seconds: report.seconds,
            measurements: report.numbers.map(Measurement.init), parameters: parameters))
        outcome.measured += 1
        if !report.isTargetPrecise { outcome.coarseTargets += 1 }
        if !report.hasPrecision { outcome.unmetPrecision += 1 }
      case .failure(let error):
        try fail(requested[index], error, &outcome)
      }
      progress(.cells(done: outcome.measured + outcome.failures.count, of: total))
    }
    do {
      try session.run(
        requests, shouldStop: { stopCode() != nil || writer.hasFailed }, finished: finish)
      if writer.hasFailed { try writer.finish() }
      if !unfinished.isEmpty { outcome.stopped = stopCode() }
    } catch let error as DiscreteError {
      for index in unfinished.sorted() { try fail(requested[index], error, &outcome) }
    }
  }
}

extension Measurement {
  /// The stored form of a number.
  init(_ number: FidelityNumber) {
    self.init(
      scope: number.scope, metric: number.metric.rawValue, unit: number.metric.unit,
      value: number.isMissing ? nil : number.value, se: number.standardError, ciLow: number.low,
      ciHigh: number.high,
      ciLevel: number.level, ciMethod: number.interval, moments: number.moments.rawValue,
      n: number.draws, debiased: number.metric.debiased, resolved: number.resolved,
      warnings: number.warnings)
  }
}
