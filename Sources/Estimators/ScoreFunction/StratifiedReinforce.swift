import Discrete

/// REINFORCE with stratified or systematic draws on one distribution function: that of the joint
/// joint codes of the row, in `JointCodes` order (the first latent slowest).
///
/// `u_i = (i + v_i) / n`, stratified: `v_i` independent; systematic: one `v` for all;
/// `g = (1/n) sum_i (f(z_i) - b) (z_i - p)`. Unbiased on every cost. Complexity: `O(K^D + n D K)` beside
/// `n` oracle values.
public struct StratifiedReinforce: ProbingEstimator, ExactEstimator {
  public let samples: Int
  public let systematic: Bool
  public let baseline: Double

  public init(samples: Int, systematic: Bool, baseline: Double = 0) {
    self.samples = min(max(samples, 1), 64)
    self.systematic = systematic
    self.baseline = baseline
  }

  public var plan: EvaluationPlan {
    EvaluationPlan(
      samples: 0,
      probes: ProbePlan(sharedUniforms: systematic ? 1 : samples, codes: samples))
  }

  public func probes(_ row: RowLogits, _ draws: RowDraws) -> Probes {
    let distribution = JointDistribution(row)
    let function = DistributionFunction(distribution.weights)
    var points: [Int32] = []
    for draw in 0..<draws.count {
      for sample in 0..<samples {
        let v = draws.uniforms[systematic ? draw : draw * samples + sample]
        distribution.append(
          function.outcome((Double(sample) + v) / Double(samples)), to: &points)
      }
    }
    return Probes(codes: points)
  }
  public var traits: EstimatorTraits {
    EstimatorTraits(ignoredConstants: [.levelOfMean], ragged: .served)
  }

  public func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    clear(&estimates)
    let score = Score(row)
    for draw in 0..<draws.count {
      for point in draw * samples..<(draw + 1) * samples {
        score.add(
          (draws.probes.codeValues[point] - baseline) / Double(samples), draws.probes.codes,
          at: point * row.latents, to: &estimates, at: draw * score.width)
      }
    }
  }

  /// Systematic draws change where one of them crosses into another joint code.
  public func uniformAtoms(_ row: RowLogits) -> UniformAtoms? {
    guard systematic else { return nil }
    let cuts = DistributionFunction(JointDistribution(row).weights).cumulative.map {
      ($0 * Double(samples)).truncatingRemainder(dividingBy: 1)
    }
    var atoms = UniformAtoms.none(latents: row.latents)
    atoms.shared = UniformAtom.pieces(cuts: cuts, nodes: 1)
    return atoms
  }

  /// Stratified draws are independent, each with the distribution of its stratum.
  public func exactMoments(_ row: RowLogits, _ jointCodes: RowJointCodes) throws -> ExactMoments? {
    guard !systematic else { return nil }
    let function = DistributionFunction(jointCodes.weights)
    var vectors = jointCodes.scores()
    for index in vectors.indices {
      vectors[index] *= jointCodes.values[index / jointCodes.width] - baseline
    }
    let n = Double(samples)
    var mean = [Double](repeating: 0, count: jointCodes.width)
    var covariance = [Double](repeating: 0, count: jointCodes.width * jointCodes.width)
    for stratum in 0..<samples {
      let (low, high) = (Double(stratum) / n, Double(stratum + 1) / n)
      let weights = (0..<jointCodes.count).map { jointCode in
        let start = jointCode == 0 ? 0 : function.cumulative[jointCode - 1]
        return n * max(0, min(high, function.cumulative[jointCode]) - max(low, start))
      }
      let part = RowMoments(weights: weights, vectors: vectors, width: jointCodes.width)
      for index in mean.indices { mean[index] += part.mean[index] / n }
      for index in covariance.indices { covariance[index] += part.covariance[index] / (n * n) }
    }
    return ExactMoments(RowMoments(mean: mean, covariance: covariance))
  }
}

extension EstimatorDescriptor {
  static func stratified(_ systematic: Bool) -> EstimatorDescriptor {
    let name = systematic ? "reinforce-systematic" : "reinforce-stratified"
    return EstimatorDescriptor(
      name: name, family: .scoreFunction, bias: .unbiased,
      summary: systematic
        ? "REINFORCE with systematic draws of the joint codes."
        : "REINFORCE with stratified draws of the joint codes.",
      formula: "g = (1/n) sum_i (f(z_i) - b) (z_i - p), u_i = (i + "
        + (systematic ? "v)/n" : "v_i)/n") + " on the distribution function of the joint codes",
      exactOn: "every cost", cost: "n values", source: "Kool et al. 2020, openreview rklEj2EFvB",
      traps: [
        "The variance depends on the order of the joint codes: the first latent varies slowest.",
        "Lists the joint codes of a row: at most \(JointDistribution.limit).",
      ],
      invariants: EstimatorInvariants(costShift: false, costScale: false, permutation: false),
      parameters: [
        ParameterSpec("samples", .integer(1...64), default: .integer(2), "draws per estimate, n"),
        ParameterSpec(
          "baseline", .real, default: .number(0), "constant subtracted from every cost"),
      ],
      layerRefusal: { shape, _ in JointDistribution.refusal(name, shape) },
      make: {
        StratifiedReinforce(
          samples: $0.integer("samples"), systematic: systematic,
          baseline: $0.number("baseline"))
      })
  }

  static let stratifiedReinforce = stratified(false)
}
