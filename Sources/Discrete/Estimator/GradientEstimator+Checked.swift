/// What engines ask of an estimator, with the lengths of its answers checked: a mistake of one estimator
/// is an error of its own cell, not the end of the program.
extension GradientEstimator {
  /// What `centredCombine` makes of evaluated draws, `[count][latents][categories]`.
  ///
  /// - Parameter centred: false for what `combine` makes of them, constants of the cost included:
  ///   training, whose weights are known to the last bit.
  /// - Throws: `DiscreteError.shape` where `combine` leaves an array of another length, `.unsupported` for a row
  ///   with padding that the estimator does not serve.
  public func checkedEstimates(
    _ row: RowLogits, _ draws: RowDraws, centred: Bool = true
  ) throws -> [Double] {
    try checkServes(row)
    let count = draws.count * row.values.count
    var estimates = [Double](repeating: 0, count: count)
    if centred {
      centredCombine(row, draws, into: &estimates)
    } else {
      combine(row, draws, into: &estimates)
    }
    try check(estimates.count, "estimates", due: count)
    return estimates
  }

  /// `softPoints`, as many as there are draws.
  ///
  /// - Throws: `DiscreteError.shape` for another number of coordinates.
  public func checkedSoftPoints(_ row: RowLogits, _ draws: RowDraws) throws -> [Double]? {
    try checkServes(row)
    guard let points = coupled?.softPoints(row, draws) else { return nil }
    try check(points.count, "coordinates of soft points", due: draws.count * row.values.count)
    return points
  }

  /// `probes`, of the lengths of the plan and of categories that there are.
  ///
  /// - Throws: `DiscreteError.shape` where they are not.
  public func checkedProbes(
    _ row: RowLogits, _ draws: RowDraws, plan: ProbePlan
  ) throws -> Probes {
    try checkServes(row)
    let probes = probing?.probes(row, draws) ?? Probes()
    let codes = (plan.codesFixed ? 1 : draws.count) * plan.codes
    try check(probes.codes.count, "codes of its own points", due: codes * row.latents)
    let soft = (plan.softFixed ? 1 : draws.count) * plan.soft
    try check(
      probes.soft.count, "coordinates of its own soft points", due: soft * row.values.count)
    let categories = UInt32(row.categories)
    guard probes.codes.allSatisfy({ UInt32(bitPattern: $0) < categories }) else {
      throw DiscreteError.shape(
        "\(type(of: self)) chose a category outside 0..<\(row.categories)")
    }
    if !row.levels.isEmpty {
      for (index, code) in probes.codes.enumerated() {
        let latent = index % row.latents
        guard Int(code) < row.levels[latent] else {
          throw DiscreteError.shape(
            "\(type(of: self)) chose a category outside 0..<\(row.levels[latent]) of latent \(latent)"
          )
        }
      }
    }
    return probes
  }

  /// `exactMoments`, with means and covariances of the row's width.
  ///
  /// - Throws: `DiscreteError.shape` for others; what `exactMoments` throws.
  public func checkedMoments(_ row: RowLogits, _ jointCodes: RowJointCodes) throws -> ExactMoments?
  {
    try checkServes(row)
    guard let found = try exact?.exactMoments(row, jointCodes) else { return nil }
    let width = row.values.count
    for moments in [found.moments] + [found.coarse].compactMap(\.self) + found.replicates {
      try check(moments.mean.count, "numbers of an exact mean", due: width)
      try check(moments.covariance.count, "numbers of an exact covariance", due: width * width)
    }
    return found
  }

  private func check(_ found: Int, _ what: String, due: Int) throws {
    guard found == due else {
      throw DiscreteError.shape("\(type(of: self)) returned \(found) \(what), \(due) are due")
    }
  }
}

extension UniformAtoms {
  /// Whether there are outcomes of every latent, each with as many uniforms as the plan has.
  public func fit(_ plan: ProbePlan?, latents count: Int) -> Bool {
    latents.count == count
      && shared.allSatisfy { $0.uniforms.count == plan?.sharedUniforms ?? 0 }
      && latents.allSatisfy {
        $0.allSatisfy { $0.uniforms.count == plan?.latentUniforms ?? 0 }
      }
  }
}

extension LocalJacobians {
  /// Whether there is a map for every latent of a row, each `K x K`.
  public func fit(_ row: RowLogits) -> Bool {
    let distributions = dependsOnCategory ? categories : 1
    return latents == row.latents && categories == row.categories
      && means.count == latents * distributions * categories * categories
      && (noise?.moments.count ?? latents) == latents
  }
}

extension FusedRule {
  /// Whether its arrays are of a row's width.
  public func fits(_ row: RowLogits) -> Bool {
    let width = row.values.count
    return switch self {
    case .surrogate(let rule): rule.offsets.count == width
    case .leaveOneOut(let samples, _): samples > 1
    case .mixture(let rule):
      rule.points.count == width && (rule.distribution.isEmpty || rule.distribution.count == width)
    case .capped(let rule): rule.weights.count == width && rule.caps.count == width
    }
  }
}

extension DiscreteError {
  /// An error of an estimator, an oracle or a problem as an error of its cell.
  public init(_ error: any Error) {
    self = error as? DiscreteError ?? .unsupported("\(error)")
  }
}
