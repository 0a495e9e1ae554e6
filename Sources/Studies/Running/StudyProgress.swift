/// What a running study tells whoever watches.
public enum StudyProgress: Sendable {
  /// Training of a state: step of steps, mean loss of the batch.
  case training(state: String, step: Int, steps: Int, loss: Double)
  /// A training that was cut short goes on behind this step.
  case resuming(state: String, step: Int, steps: Int)
  /// Something that changes no number but should be known.
  case warning(String)
  /// A problem is being evaluated.
  case measuring(problem: String, state: String)
  /// Cells finished so far.
  case cells(done: Int, of: Int)
}
