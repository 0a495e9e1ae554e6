import Foundation
import GradientFidelity

extension StoreWorkload {
  /// A study of 10,000 small cells, step by step as `gradfid check`, `run`, `run` again and `status`
  /// do it, and the same cells measured without a study or a store around them.
  ///
  /// The notes of the run tell how much of it was bookkeeping: by the clock all but the sum of the
  /// seconds that the cells report; of the processor time, which counts what is saved beside the
  /// measuring as well, all that the measuring alone does not take. Both are given for the run, and for
  /// the run and the reading and resolving of the study before it.
  static func tinyCells(
    _ kind: TinyCells, folder: String, jobs: Int = 1
  ) throws -> [WorkloadTiming] {
    let name = kind.rawValue
    let file = folder + "/tiny.yaml"
    let path = folder + "/tiny.sqlite"
    try kind.study.write(toFile: file, atomically: true, encoding: .utf8)
    var study: ResolvedStudy?
    var timings: [WorkloadTiming] = []
    timings.append(
      try WorkloadTiming(name + "-check") {
        let resolved = try resolve(file, storePath: path)
        study = resolved
        return (resolved.cells.count, "the study read and resolved")
      })
    guard let study else { return timings }
    let alone = try WorkloadTiming(name + "-measuring") {
      (try measure(study, file, path: path, jobs: jobs), "no study and no store")
    }
    timings.append(alone)
    var run = try WorkloadTiming(name + "-run") {
      (try runStudy(study, file, path: path, jobs: jobs), "")
    }
    let sum = try ReadOnlyQuery(path: path).run("SELECT total(seconds) FROM v_cells")
    if case .real(let seconds)? = sum.rows.first?.first {
      let check = timings[0]
      run.notes = String(
        format: "measuring %.2f s; bookkeeping %.1f %% by the clock, %.1f %% of processor time; "
          + "with the resolving of the study %.1f %%, %.1f %%",
        seconds, 100 * (1 - seconds / run.seconds),
        100 * (1 - alone.cpuSeconds / run.cpuSeconds),
        100 * (1 - seconds / (run.seconds + check.seconds)),
        100 * (1 - alone.cpuSeconds / (run.cpuSeconds + check.cpuSeconds)))
    }
    timings.append(run)
    timings.append(
      try WorkloadTiming(name + "-run-again") {
        let again = try resolve(file, storePath: path)
        return (try runStudy(again, file, path: path, jobs: jobs), "nothing left to measure")
      })
    timings.append(
      try WorkloadTiming(name + "-summary") {
        let table = try StudySummary.table(study: "tiny", storePath: path, limit: 60)
        return (table.table.rows.count + table.hidden, "the table after a run")
      })
    timings.append(
      try WorkloadTiming(name + "-status") {
        let store = try ResultStore(readingPath: path)
        return (try StatusTable.cells(of: "tiny", in: store).rows.count, "")
      })
    return timings
  }

  private static func resolve(_ file: String, storePath: String) throws -> ResolvedStudy {
    let catalogue = Catalogue.standard
    let read = try StudyFileReader.read(
      path: file, estimators: catalogue.estimators, problems: catalogue.problems)
    return try ResolvedStudy(
      read, path: file,
      environment: StudyEnvironment.problems(studyPath: file, storePath: storePath))
  }

  private static func runStudy(
    _ study: ResolvedStudy, _ file: String, path: String, jobs: Int
  ) throws -> Int {
    let store = try ResultStore(path: path)
    let outcome = try StudyRunner(
      study: study, store: store,
      environment: StudyEnvironment.problems(studyPath: file, storePath: path), jobs: jobs
    ) { _ in
    }.run(SystemFacts.runRecord(seed: study.file.seed, jobs: jobs))
    try store.close()
    return outcome.measured
  }

  private static func measure(
    _ study: ResolvedStudy, _ file: String, path: String, jobs: Int
  ) throws -> Int {
    let environment = StudyEnvironment.problems(studyPath: file, storePath: path)
    var measured = 0
    for group in study.groups {
      guard let descriptor = study.catalogue.problem(group.problem.kind) else { continue }
      let session = FidelitySession(
        problem: try descriptor.make(group.problem.parameters, environment),
        target: study.file.target, measure: study.file.measure,
        key: RandomKey(seed: study.file.seed), workers: jobs)
      let requests = try group.cells.compactMap { cell in
        try study.catalogue.estimator(cell.entry.kind).map {
          FidelityRequest(
            estimator: try $0.make(cell.entry.parameters), distribution: cell.distribution)
        }
      }
      try session.run(requests) { _, _ in measured += 1 }
    }
    return measured
  }
}

/// Kinds of small cells.
enum TinyCells: String, CaseIterable {
  /// One Bernoulli variable, summed exactly: the tiniest cells there are.
  case exact = "tiny-exact"
  /// One Bernoulli variable, 1,024 draws.
  case sampled = "tiny-monte-carlo"
  /// Two variables of three categories, 1,024 draws: the smallest that a study would ask for.
  case realistic = "small-monte-carlo"

  /// 100 problems x 100 temperatures.
  var study: String {
    """
    format: 1
    name: tiny
    seed: 7
    problems:
    \(problems)
    estimators:
      - kind: st
        tau: \(Self.axis(0.1, 5))
    measure:
      moments: \(self == .exact ? "exact" : "monte-carlo")
      draws: 1024
    """
  }

  private var problems: String {
    guard self == .realistic else {
      return "  - kind: bernoulli-toy\n    t: \(Self.axis(0.05, 0.95))"
    }
    let seeds = (1...100).map { "\($0)" }.joined(separator: ", ")
    return "  - kind: quadratic-cubic\n    latents: 2\n    categories: 3\n    seed: [\(seeds)]"
  }

  private static func axis(_ from: Double, _ to: Double) -> String {
    let values = (0..<100).map { String(format: "%.6f", from + (to - from) * Double($0) / 99) }
    return "[\(values.joined(separator: ", "))]"
  }
}
