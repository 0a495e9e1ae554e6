import Discrete

extension TrainingSettings {
  /// - Throws: `DiscreteError.parameter` for steps, a learning rate or a batch that cannot be run on
  ///   `count` rows of data.
  func check(rows count: Int) throws {
    guard steps >= 0 else {
      throw DiscreteError.parameter("steps must be at least 0, found \(steps)")
    }
    guard learningRate.isFinite, learningRate > 0 else {
      throw DiscreteError.parameter(
        "learning-rate must be a number above 0, found \(learningRate)")
    }
    guard batch >= 1, batch <= count else {
      throw DiscreteError.parameter(
        "batch must be from 1 to \(count), the rows of the data, found \(batch)")
    }
  }
}
