import Discrete
import Networks

extension TrainingSettings {
  /// The optimiser at step 0.
  ///
  /// - Parameter tensors: in the order of the updates.
  /// - Throws: `DiscreteError.parameter` for settings that it does not take.
  func optimiser<Scalar: NetworkScalar>(
    tensors: [StoredTensor]
  ) throws -> ScheduledOptimiser<Scalar> {
    do {
      var schedule = RateSchedule.constant
      if case .entry(let name, let settings)? = optimiser.schedule {
        schedule = try .named(name, settings.mapValues { try SettingValue($0) })
      }
      return ScheduledOptimiser(
        try Optimiser(
          OptimiserRegistry.rule(
            optimiser.kind, optimiser.parameters.mapValues { try SettingValue($0) }),
          rate: learningRate, tensors: tensors),
        schedule: schedule, clip: optimiser.clip)
    } catch let error as NetworkError {
      throw DiscreteError.parameter("\(error)")
    }
  }
}
