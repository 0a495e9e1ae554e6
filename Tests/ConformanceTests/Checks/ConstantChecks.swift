import Discrete
import Fidelity

extension Check {
  /// Constants that an estimator says it ignores change none of its estimates; what its descriptor
  /// says of the cost's level is said to the engine too, and the level of a mean is promised by
  /// unbiased kinds alone.
  static let constants = Check("constants") { subject in
    var found: [String] = []
    let descriptor = subject.descriptor
    try subject.eachCase { place, problem, estimator in
      let plan = estimator.plan(for: problem.shape)
      let ignored = estimator.constantsIgnored(by: plan)
      let plain = try estimates(estimator, problem)
      let centred = try estimates(estimator, problem, isCentred: true)
      let difference = largestDifference(plain, centred) / (1 + size(plain))
      if difference > 1e-9 {
        found.append("\(place): without \(ignored.names) estimates differ by \(difference)")
      }
      if descriptor.invariants.costShift && !ignored.contains(.level) {
        found.append("\(place): does not say that it ignores the level, as its descriptor does")
      }
      if ignored.contains(.levelOfMean) && descriptor.bias != .unbiased {
        found.append("\(place): says that its mean ignores the level, and is not unbiased")
      }
      if descriptor.bias == .unbiased && ignored.isDisjoint(with: [.level, .levelOfMean]) {
        found.append("\(place): is unbiased, and does not say that its mean ignores the level")
      }
    }
    return found
  }
}

extension CostConstants {
  fileprivate var names: String {
    let all: [(CostConstants, String)] = [
      (.level, "level"), (.gradients, "slopes"), (.levelOfMean, "level of the mean"),
    ]
    return all.filter { contains($0.0) }.map(\.1).joined(separator: ", ")
  }
}
