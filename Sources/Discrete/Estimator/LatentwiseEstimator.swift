/// An estimator whose estimate is linear in the costs of its own points, latent by latent: a latent's
/// categories at all points, and the weights that the costs have in its part of the estimate, depend
/// on the uniforms of that latent alone, beside the shared ones. Nothing else is random, and a
/// constant added to the cost changes nothing.
///
/// Its exact moments follow from `uniformAtoms`, read off `probes` and `combine` one latent at a time:
/// the outcomes of the latents add up, where a sum over all of them together multiplies them.
public protocol LatentwiseEstimator: ProbingEstimator, ExactEstimator {}

extension LatentwiseEstimator {
  public func exactMoments(_ row: RowLogits, _ jointCodes: RowJointCodes) throws -> ExactMoments? {
    guard hasExactMoments(on: jointCodes.shape) == true else { return nil }
    return CoupledMoments.latentByLatent(self, row, jointCodes)
  }

  public func hasExactMoments(on shape: LayerShape) -> Bool? { pairsFit(shape, shared: 1) }

  /// Whether the sums over all pairs of points fit, once for each of `shared` outcomes.
  public func pairsFit(_ shape: LayerShape, shared: Int) -> Bool {
    CoupledMoments.pairsFit(shape, points: plan(for: shape).probes?.codes ?? 0, shared: shared)
  }
}

extension CoupledMoments {
  /// Whether the sums over all pairs of `points` points fit, once for each of `shared` outcomes.
  static func pairsFit(_ shape: LayerShape, points: Int, shared: Int = 1) -> Bool {
    fits(shape, pairs: shared * points * (points + 1) / 2)
  }

  /// Moments of an estimator that is latent by latent what `LatentwiseEstimator` promises; nil where its
  /// uniforms are no list of outcomes.
  static func latentByLatent(
    _ estimator: some ProbingEstimator, _ row: RowLogits, _ jointCodes: RowJointCodes
  ) -> ExactMoments? {
    guard let atoms = estimator.uniformAtoms(row) else { return nil }
    let points = estimator.plan(for: jointCodes.shape).probes?.codes ?? 0
    var moments = CoupledMoments(jointCodes, centred: true)
    for shared in atoms.shared {
      let outcomes = (0..<row.latents).map {
        LatentOutcomes(estimator, row, atoms, shared: shared, latent: $0, points: points)
      }
      for i in 0..<points {
        for j in i..<points {
          moments.add(
            outcomes.map { $0.pair(i, j) }, count: (i == j ? 1 : 2) * shared.weight, same: i == j)
        }
      }
    }
    return moments.moments
  }
}

/// What each outcome of one latent's uniforms makes of that latent.
private struct LatentOutcomes {
  let weights: [Double]
  let categories: Int
  let points: Int
  /// Category at each point, `[outcome][point]`.
  let codes: [Int]
  /// Estimate of the latent from a cost of 1 at one point, `[point][outcome][K]`.
  let gradients: [[Double]]

  init(
    _ estimator: some ProbingEstimator, _ row: RowLogits, _ atoms: UniformAtoms,
    shared: UniformAtom, latent: Int, points: Int
  ) {
    let own = atoms.latents[latent]
    let (size, width) = (row.categories, row.values.count)
    var draws = RowDraws(count: own.count)
    for atom in own {
      draws.uniforms += shared.uniforms
      for (other, list) in atoms.latents.enumerated() {
        draws.uniforms += (other == latent ? atom : list[0]).uniforms
      }
    }
    draws.probes = estimator.probes(row, draws)
    codes = (0..<own.count * points).map { Int(draws.probes.codes[$0 * row.latents + latent]) }
    gradients = (0..<points).map { point in
      var unit = draws
      unit.probes.codeValues = (0..<own.count * points).map { $0 % points == point ? 1 : 0 }
      var estimates = [Double](repeating: 0, count: own.count * width)
      estimator.combine(row, unit, into: &estimates)
      return own.indices.flatMap {
        estimates[$0 * width + latent * size..<$0 * width + (latent + 1) * size]
      }
    }
    weights = own.map(\.weight)
    categories = size
    self.points = points
  }

  func pair(_ i: Int, _ j: Int) -> CoupledPair {
    var pair = CoupledPair(categories: categories)
    for (outcome, weight) in weights.enumerated() {
      let place = outcome * categories..<(outcome + 1) * categories
      pair.add(
        weight, codes[outcome * points + i], gradients[i][place], codes[outcome * points + j],
        gradients[j][place])
    }
    return pair
  }
}
