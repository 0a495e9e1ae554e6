import Discrete
import Fidelity

/// A study as its file states it, with defaults filled in and axes expanded.
public struct StudyFile: Sendable, Equatable {
  /// Characters `a-z`, `0-9` and `-`.
  public let name: String
  public let title: String?
  /// Root key of all random numbers of the study.
  public let seed: UInt64
  /// One entry per problem setting, in file order; the first axis of an entry varies slowest.
  public let problems: [ProblemEntry]
  public let target: TargetSettings
  /// One entry per estimator setting, in file order; the first axis of an entry varies slowest.
  public let estimators: [EstimatorEntry]
  public let measure: MeasureSettings
  /// Settings given twice and axes without effect.
  public let warnings: [Diagnostic]

  public init(
    name: String, title: String?, seed: UInt64, problems: [ProblemEntry], target: TargetSettings,
    estimators: [EstimatorEntry], measure: MeasureSettings, warnings: [Diagnostic]
  ) {
    self.name = name
    self.title = title
    self.seed = seed
    self.problems = problems
    self.target = target
    self.estimators = estimators
    self.measure = measure
    self.warnings = warnings
  }
}

/// One problem and the states in which it is measured.
public struct ProblemEntry: Hashable, Sendable {
  public let kind: String
  public let parameters: ResolvedParameters
  /// At least one; `[.initial]` for problems without weights.
  public let states: [StateEntry]

  public init(kind: String, parameters: ResolvedParameters, states: [StateEntry]) {
    self.kind = kind
    self.parameters = parameters
    self.states = states
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

/// A state of a problem's weights.
public enum StateEntry: Hashable, Sendable {
  /// As built.
  case initial
  case trained(TrainEntry)
  /// Weights saved by an earlier study, by name.
  case checkpoint(String)
}

/// How to train before measuring.
public struct TrainEntry: Hashable, Sendable {
  /// Estimator kind, with `parameters` resolved against its catalogue entry.
  public let estimator: String
  public let parameters: ResolvedParameters
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
    estimator: String, parameters: ResolvedParameters, steps: Int, learningRate: Double,
    batch: Int, seed: UInt64, save: String?
  ) {
    self.estimator = estimator
    self.parameters = parameters
    self.steps = steps
    self.learningRate = learningRate
    self.batch = batch
    self.seed = seed
    self.save = save
  }
}
