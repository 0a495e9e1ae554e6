import Discrete

extension CostOracle {
  /// `df/dz` of the first row with all latents at the same category, `[K][D][K]`, or at their last one where
  /// they have fewer: under a separable cost, all that `df/dz` is at hard points.
  ///
  /// - Throws: `DiscreteError.unsupported` beyond 128 MiB of them; errors of the oracle.
  func gradientsByCategory() throws -> [Double] {
    guard Double(shape.categories) * Double(shape.count) <= 16_777_216 else {
      throw DiscreteError.unsupported("gradients by category take more than 128 MiB")
    }
    let codes = (0..<shape.rows).flatMap { _ in
      (0..<shape.categories).flatMap { category in
        (0..<shape.latents).map { Int32(min(category, shape.categories(of: $0) - 1)) }
      }
    }
    let gradients = try costs(
      at: CodeBlock(shape: shape, draws: shape.categories, indices: codes), gradients: true
    ).gradients
    return Array(gradients[..<(shape.categories * shape.width)])
  }
}

/// Exact moments under a separable cost, whatever the number of joint codes: `df/dz_d` depends on
/// the latent's own category alone, so a locally linear estimate is a problem of its own for every
/// latent, independent of the others.
struct SeparableMoments {
  let oracle: any CostOracle
  let row: RowLogits
  let quadratureStep: Double

  /// Wider layers are sampled: the covariance has `(DK)^2` entries.
  private static let widthLimit = 4096

  /// Nil for costs that are not separable or have no gradient, for layers of several rows, and
  /// for estimators that are not locally linear.
  func moments(_ estimator: any GradientEstimator) throws -> ExactMoments? {
    let shape = oracle.shape
    guard SeparableMoments.serves(oracle), let estimator = estimator.linear,
      estimator.plan.gradients
    else { return nil }
    let gradients = try oracle.gradientsByCategory()
    var parts: [ExactMoments] = []
    for latent in 0..<shape.latents {
      guard let part = try latentMoments(latent, gradients, estimator) else { return nil }
      parts.append(part)
    }
    return ExactMoments(independent: parts, of: row.shape)
  }

  /// Whether costs of this kind are summed latent by latent.
  static func serves(_ oracle: any CostOracle) -> Bool {
    oracle.capabilities.separable && oracle.capabilities.gradients && oracle.shape.rows == 1
      && oracle.shape.width <= widthLimit
  }

  private func latentMoments(
    _ latent: Int, _ gradients: [Double], _ estimator: any LocallyLinearEstimator
  ) throws -> ExactMoments? {
    let own = row.latent(latent)
    let size = own.categories
    var local = (0..<size).flatMap { category -> ArraySlice<Double> in
      let start = category * row.values.count + latent * row.categories
      return gradients[start..<start + size]
    }
    if estimator.constantsIgnored(by: estimator.plan).contains(.gradients) {
      local.removeGradientConstants(at: own.likeliestCodes, size)
    }
    return try estimator.checkedMoments(
      own,
      RowJointCodes(
        row: own, distribution: estimator.plan.distribution, codes: (0..<size).map(Int32.init),
        values: [Double](repeating: 0, count: size), gradients: local,
        quadratureStep: quadratureStep))
  }
}
