import Discrete
import Estimators
import Fidelity
import Foundation
import Models

/// Brings a problem into the state that a study names: as built, trained, or from a checkpoint.
struct ModelStates {
  let environment: ProblemEnvironment
  let progress: @Sendable (StudyProgress) -> Void

  /// Trained weights are kept under the hash of how they came about, so that a study that is run
  /// again, or resumed, does not train again.
  ///
  /// - Throws: `StudyRunError`, `DiscreteError`.
  func problem(_ group: StudyGroup, label: String) throws -> any DiscreteProblem {
    switch group.state {
    case .initial: return group.initial
    case .checkpoint(let name):
      return try trainable(group).restored(from: Checkpoints(environment).load(name))
    case .trained(let training):
      let checkpoints = Checkpoints(environment)
      let own = ownName(group)
      let problem: any TrainableProblem
      if let bytes = try? checkpoints.load(own),
        let restored = try? trainable(group).restored(from: bytes)
      {
        problem = restored
      } else {
        problem = try train(group, training, label: label)
        try checkpoints.save(problem.checkpoint(), as: own)
      }
      if let name = training.save { try checkpoints.save(problem.checkpoint(), as: name) }
      return problem
    }
  }

  /// Saves a trained state under its name where nothing of it is left to measure: a name may be
  /// given after the measurements.
  ///
  /// - Throws: as `problem(_:label:)`.
  func keepName(_ group: StudyGroup) throws {
    guard case .trained(let training) = group.state, let name = training.save else { return }
    let checkpoints = Checkpoints(environment)
    let named = try? checkpoints.load(name)
    let own = try? checkpoints.load(ownName(group))
    guard named == nil || (own != nil && own != named) else { return }
    _ = try problem(group, label: group.cells.first?.record.modelState ?? name)
  }

  private func ownName(_ group: StudyGroup) -> String { "state-\(group.identity.prefix(32))" }

  private func trainable(_ group: StudyGroup) throws -> any TrainableProblem {
    guard let problem = group.initial as? any TrainableProblem else {
      throw StudyRunError.problem(group.problem.kind, "has no weights to train")
    }
    return problem
  }

  private func train(
    _ group: StudyGroup, _ training: TrainEntry, label: String
  ) throws -> any TrainableProblem {
    guard let descriptor = EstimatorRegistry.named(training.estimator) else {
      throw DiscreteError.parameter("unknown estimator kind '\(training.estimator)'")
    }
    let settings = TrainingSettings(
      estimator: try descriptor.make(training.parameters), steps: training.steps,
      learningRate: training.learningRate, batch: training.batch, seed: training.seed)
    let progress = progress
    return try trainable(group).trained(settings) { step, loss in
      progress(.training(state: label, step: step, steps: training.steps, loss: loss))
    }
  }
}
