import Discrete
import Fidelity

/// What a study asks for.
public enum StudyKind: String, Sendable, CaseIterable {
  /// Estimators on problems with the weights that each problem names.
  case fidelity
  /// Estimators on every problem at the checkpoints of trainings, whose series are kept.
  case training
}

/// A study as its file states it, with defaults filled in and axes expanded.
public struct StudyFile: Sendable, Equatable {
  public let kind: StudyKind
  /// Characters `a-z`, `0-9` and `-`.
  public let name: String
  public let title: String?
  /// Root key of all random numbers of the study.
  public let seed: UInt64
  /// One entry per problem setting, in file order; the first axis of an entry varies slowest.
  public let problems: [ProblemEntry]
  /// One entry per training setting, in file order; empty unless `kind` is `training`.
  public let trainings: [TrainingEntry]
  public let target: TargetSettings
  /// One entry per estimator setting, in file order; the first axis of an entry varies slowest.
  public let estimators: [EstimatorEntry]
  public let measure: MeasureSettings
  /// Settings given twice and axes without effect.
  public let warnings: [Diagnostic]

  public init(
    kind: StudyKind = .fidelity, name: String, title: String?, seed: UInt64,
    problems: [ProblemEntry], trainings: [TrainingEntry] = [], target: TargetSettings,
    estimators: [EstimatorEntry], measure: MeasureSettings, warnings: [Diagnostic]
  ) {
    self.kind = kind
    self.name = name
    self.title = title
    self.seed = seed
    self.problems = problems
    self.trainings = trainings
    self.target = target
    self.estimators = estimators
    self.measure = measure
    self.warnings = warnings
  }
}

/// One problem and the weights with which it is measured.
public struct ProblemEntry: Hashable, Sendable {
  public let kind: String
  public let parameters: ResolvedParameters
  /// At least one; `[.initial]` for problems without weights.
  public let allWeights: [WeightsEntry]

  public init(kind: String, parameters: ResolvedParameters, allWeights: [WeightsEntry]) {
    self.kind = kind
    self.parameters = parameters
    self.allWeights = allWeights
  }
}

/// One estimator with all its parameters.
public struct EstimatorEntry: Hashable, Sendable {
  public let kind: String
  public let parameters: ResolvedParameters

  public init(kind: String, parameters: ResolvedParameters) {
    self.kind = kind
    self.parameters = parameters
  }
}

/// Weights of a problem.
public enum WeightsEntry: Hashable, Sendable {
  /// As built.
  case initial
  case trained(TrainEntry)
  /// Weights saved by an earlier study, by name.
  case checkpoint(String)
}

/// How to train before measuring.
public struct TrainEntry: Hashable, Sendable {
  /// What a file that says nothing gets.
  static let defaultRate = 5.0e-4
  static let defaultBatch = 100
  static let defaultSeed: UInt64 = 1

  /// Estimator kind, with `parameters` resolved against its catalogue entry.
  public let estimator: String
  public let parameters: ResolvedParameters
  public let optimiser: OptimiserSettings
  /// Optimiser steps, 1 to 1,000,000.
  public let steps: Int
  /// Above 0.
  public let learningRate: Double
  /// Rows per step, at least 1.
  public let batch: Int
  public let seed: UInt64
  /// Name under which the trained weights are kept for later studies.
  public let save: String?

  public init(
    estimator: String, parameters: ResolvedParameters, optimiser: OptimiserSettings = .adam,
    steps: Int, learningRate: Double, batch: Int, seed: UInt64, save: String?
  ) {
    self.estimator = estimator
    self.parameters = parameters
    self.optimiser = optimiser
    self.steps = steps
    self.learningRate = learningRate
    self.batch = batch
    self.seed = seed
    self.save = save
  }
}

/// One training that a study measures along.
public struct TrainingEntry: Hashable, Sendable {
  /// The training with its last step; `save` is nil.
  public let train: TrainEntry
  /// Steps whose weights are measured, ascending, from 0 to the last step.
  public let checkpoints: [Int]

  public init(train: TrainEntry, checkpoints: [Int]) {
    self.train = train
    self.checkpoints = checkpoints
  }

  /// The weights that are measured; step 0 is the initial one.
  public var allWeights: [WeightsEntry] {
    checkpoints.map { step in
      step == 0
        ? .initial
        : .trained(
          TrainEntry(
            estimator: train.estimator, parameters: train.parameters, optimiser: train.optimiser,
            steps: step, learningRate: train.learningRate, batch: train.batch, seed: train.seed,
            save: nil))
    }
  }
}
