/// What a running study tells whoever watches.
public enum StudyProgress: Sendable {
  /// Training of weights: step of steps, mean loss of the batch.
  case training(weights: String, step: Int, steps: Int, loss: Double)
  /// A training that was cut short goes on behind this step.
  case resuming(weights: String, step: Int, steps: Int)
  /// Something that changes no number but should be known.
  case warning(String)
  /// A problem is being evaluated.
  case measuring(problem: String, weights: String)
  /// Cells finished so far.
  case cells(done: Int, of: Int)
}
