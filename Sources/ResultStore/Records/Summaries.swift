/// A study in a list.
public struct StudySummary: Sendable, Equatable {
  /// The study.
  public let study: StudyRecord
  /// When it was first stored: UTC, ISO 8601.
  public let createdAt: String
  /// The number of its cells.
  public let cells: Int
  /// The number of cells with a `done` result.
  public let done: Int
  /// The number of cells that failed.
  public let failed: Int
  /// The number of cells that diverged.
  public let diverged: Int
  /// Training steps stored and asked for, over all trainings; `nil` for a study without any.
  public let training: TrainingProgress?
}

/// How far the trainings of a study are.
public struct TrainingProgress: Sendable, Equatable {
  /// Steps stored.
  public let done: Int
  /// Steps that the study asks for.
  public let steps: Int

  /// Progress over all trainings of a study.
  public init(done: Int, steps: Int) {
    self.done = done
    self.steps = steps
  }
}

/// A run in a list.
public struct RunSummary: Sendable, Equatable {
  /// The number of the run.
  public let id: Int64
  /// The name of its study.
  public let study: String
  /// What was known at its start.
  public let record: RunRecord
  /// When it started: UTC, ISO 8601.
  public let startedAt: String
  /// When it ended; `nil` while it works and when it was killed.
  public let endedAt: String?
  /// The exit code; `nil` as for `endedAt`.
  public let exitCode: Int32?
  /// Cells whose stored result is this run's, by state.
  public let cells: [ResultState: Int]
}

/// The state of a cell in `status`.
public enum CellState: String, Sendable, CaseIterable {
  /// No result yet.
  case pending
  /// No result, and the last run of the study has not ended: it still works, or was killed.
  case stale
  /// Measured.
  case done
  /// Could not be measured.
  case failed
  /// Ran off to infinity or to nan.
  case diverged
}

/// A cell in `status`.
public struct CellStatus: Sendable, Equatable {
  /// The hash of the cell.
  public let hash: String
  /// The label of the problem.
  public let problem: String
  /// The weights of the model.
  public let weights: String
  /// The hash of the training that led to it.
  public let training: String?
  /// The estimator with its settings.
  public let estimatorLabel: String
  /// The target.
  public let target: String
  /// How far the cell is.
  public let state: CellState
  /// Why, for a cell that failed or diverged.
  public let message: String?
  /// The wall-clock time it took, in seconds.
  public let seconds: Double?
}

/// Cells of one study whose numbers are of the same forms.
public struct CellFormatCount: Sendable, Equatable {
  /// A kind and the form of its numbers.
  public struct Kind: Sendable, Equatable {
    public let kind: String
    public let format: Int
  }

  public let study: String
  /// Version of the resolved cell.
  public let format: Int
  public let problem: Kind
  public let estimator: Kind
  /// The estimator that trained the weights; `nil` for an untrained one.
  public let trainer: Kind?
  public let cells: Int
}
