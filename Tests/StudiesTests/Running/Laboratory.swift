import Discrete
import Estimators
import Foundation
import Models
import ResultStore
import Studies
import Synchronization
import TestSupport
import Testing

/// A folder with a store, in which studies are run; it is removed with the value.
final class Laboratory: Sendable {
  let path: String

  init() throws {
    #expect(oneThread == nil)
    path =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("gradfid-study-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  var environment: ProblemEnvironment {
    ProblemEnvironment(
      baseDirectory: path, dataDirectories: [], checkpointDirectory: path + "/checkpoints")
  }

  func store(_ name: String = "s.sqlite") throws -> ResultStore {
    try ResultStore(path: path + "/" + name)
  }

  func resolve(_ text: String) throws -> ResolvedStudy {
    let file = path + "/study.yaml"
    try Data(text.utf8).write(to: URL(fileURLWithPath: file))
    return try ResolvedStudy(
      StudyFileReader.read(
        path: file, estimators: EstimatorRegistry.all, problems: ProblemRegistry.all),
      path: file, environment: environment)
  }

  /// Runs a study; `seen` receives its progress.
  func run(
    _ text: String, in store: ResultStore, jobs: Int = 1, only: String? = nil,
    seen: ProgressLog = ProgressLog(), stopAfter cells: Int? = nil
  ) throws -> StudyOutcome {
    let study = try resolve(text)
    return try StudyRunner(
      study: study, store: store, environment: environment, jobs: jobs,
      stopCode: { cells.map { seen.cells >= $0 } == true ? 130 : nil }, progress: seen.add
    ).run(SystemFacts.runRecord(seed: study.file.seed, jobs: jobs), only: only)
  }

  func checkpoints() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path + "/checkpoints").sorted()
  }
}

/// What a run reported.
final class ProgressLog: Sendable {
  private let entries = Mutex<[StudyProgress]>([])

  @Sendable func add(_ progress: StudyProgress) { entries.withLock { $0.append(progress) } }

  var all: [StudyProgress] { entries.withLock { $0 } }

  /// Cells finished so far.
  var cells: Int {
    all.compactMap { if case .cells(let done, _) = $0 { done } else { nil } }.max() ?? 0
  }

  /// Training steps reported so far.
  var steps: Int { all.filter { if case .training = $0 { true } else { false } }.count }
}
