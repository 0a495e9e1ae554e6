import Discrete
import ResultStore

/// One training of one problem of a study, to the last step that the study asks for.
public struct StudyTraining: Sendable {
  public var record: TrainingRecord
  let entry: TrainEntry
  /// Kind of the problem.
  let kind: String
  /// The problem with its initial weights.
  let initial: any DiscreteProblem

  /// What names the training in progress and messages.
  var label: String {
    "\(record.estimatorLabel), \(record.optimiser) \(record.learningRate), batch \(record.batch), seed \(record.seed)"
  }

  /// Adds a training; one that is there already becomes as long as the longer of the two.
  static func add(_ training: StudyTraining, to trainings: inout [StudyTraining]) {
    guard let index = trainings.firstIndex(where: { $0.record.hash == training.record.hash }) else {
      trainings.append(training)
      return
    }
    trainings[index].record.steps = max(trainings[index].record.steps, training.record.steps)
  }
}
