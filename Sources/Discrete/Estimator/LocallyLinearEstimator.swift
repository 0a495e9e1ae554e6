/// An estimator with one hard draw whose estimate is linear in `df/dz`, latent by latent: the
/// straight-through family. Its exact moments follow from `localJacobians` alone.
public protocol LocallyLinearEstimator: ExactEstimator {
  /// The maps `A_d` for one row; nil where their noise has no moments here (too many categories).
  ///
  /// - Parameter step: quadrature step for continuous noise; ignored without noise.
  func localJacobians(_ row: RowLogits, step: Double) throws -> LocalJacobians?
}

extension LocallyLinearEstimator {
  public func exactMoments(_ row: RowLogits, _ jointCodes: RowJointCodes) throws -> ExactMoments? {
    try locallyLinearMoments(row, jointCodes)
  }

  func locallyLinearMoments(_ row: RowLogits, _ jointCodes: RowJointCodes) throws -> ExactMoments? {
    guard let jacobians = try localJacobians(row, step: jointCodes.quadratureStep) else {
      return nil
    }
    guard jacobians.fit(row) else {
      throw DiscreteError.shape(
        "\(type(of: self)) has maps of another size than \(row.latents) latents of \(row.categories) categories"
      )
    }
    guard let moments = jacobians.moments(jointCodes) else { return nil }
    guard jacobians.noise != nil, jointCodes.checksQuadrature else { return ExactMoments(moments) }
    let coarse = try localJacobians(row, step: 1.5 * jointCodes.quadratureStep)
    return ExactMoments(
      quadrature: moments, coarse: coarse.flatMap { $0.fit(row) ? $0.moments(jointCodes) : nil })
  }
}
