/// Bounds on the size of gradients.
public enum GradientClipping {
  /// Scales all gradients together so that their norm `sqrt(sum g^2)` is at most `bound`.
  ///
  /// Gradients whose norm is not finite stay as they are.
  ///
  /// - Returns: the norm before. Cost: one pass, two where something is scaled.
  @discardableResult
  public static func clip<Scalar: NetworkScalar>(
    _ gradients: inout [[Scalar]], norm bound: Double
  ) -> Double {
    precondition(bound > 0)
    let norm = gradients.reduce(0) { $0 + squares($1) }.squareRoot()
    guard norm.isFinite, norm > bound else { return norm }
    for index in gradients.indices { multiply(&gradients[index], by: Scalar(bound / norm)) }
    return norm
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func squares<Scalar: NetworkScalar>(_ values: [Scalar]) -> Double {
    var sum = 0.0
    for value in values { sum += Double(value) * Double(value) }
    return sum
  }
}
