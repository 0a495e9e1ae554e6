import Foundation
import GradientFidelity

extension StoreWorkload {
  /// A study of 10,000 cells of one Bernoulli variable each, step by step as `gradfid check`,
  /// `run`, `run` again and `status` do it.
  ///
  /// The notes of the run tell how much of its wall-clock time was not measuring: all but the sum
  /// of the seconds that the cells report.
  ///
  /// - Parameter moments: `exact` for the tiniest cells there are, `monte-carlo` for sampled ones of
  ///   1,024 draws.
  static func tinyCells(
    moments: String, folder: String, jobs: Int = 1
  ) throws -> [WorkloadTiming] {
    let name = "tiny-\(moments)"
    let file = folder + "/tiny.yaml"
    let path = folder + "/tiny.sqlite"
    try tinyStudy(moments).write(toFile: file, atomically: true, encoding: .utf8)
    var study: ResolvedStudy?
    var timings: [WorkloadTiming] = []
    timings.append(
      try WorkloadTiming(name + "-check") {
        let resolved = try resolve(file, storePath: path)
        study = resolved
        return (resolved.cells.count, "the study read and resolved")
      })
    guard let study else { return timings }
    var run = try WorkloadTiming(name + "-run") {
      (try runStudy(study, file, path: path, jobs: jobs), "")
    }
    let sum = try ReadOnlyQuery(path: path).run("SELECT total(seconds) FROM v_cells")
    if case .real(let seconds)? = sum.rows.first?.first {
      run.notes = String(
        format: "measuring %.2f s; share of the rest %.1f %%", seconds,
        100 * (1 - seconds / run.seconds))
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

  /// 100 problems x 100 temperatures.
  private static func tinyStudy(_ moments: String) -> String {
    func axis(_ from: Double, _ to: Double) -> String {
      let values = (0..<100).map { String(format: "%.6f", from + (to - from) * Double($0) / 99) }
      return "[\(values.joined(separator: ", "))]"
    }
    return """
      format: 1
      name: tiny
      seed: 7
      problems:
        - kind: bernoulli-toy
          t: \(axis(0.05, 0.95))
      estimators:
        - kind: st
          tau: \(axis(0.1, 5))
      measure:
        moments: \(moments)
        draws: 1024
      """
  }
}
