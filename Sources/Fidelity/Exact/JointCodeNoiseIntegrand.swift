import Discrete
import Foundation

/// Estimates with continuous noise beside a hard forward, one stratum a joint code: given the
/// joint code, a function of the perturbed logits' `D (K - 1)` uniforms, of `D K` for fresh noise and of
/// the estimator's own (`ProbePlan`), as far as it has them.
///
/// Up to 16 joint codes of one draw and 16 uniforms. Four turns, each of four times the points of the
/// one before; the last has at most 2^24 points in all joint codes and shifts, which the rows of a batch
/// share. Less likely joint codes have fewer points, about in proportion to `q(z)^(2/3)`.
struct JointCodeNoiseIntegrand: LatticeIntegrand {
  let variables: Int
  let strata: [Double]
  let rules: [[LatticeRule]]
  private let estimator: any GradientEstimator
  private let plan: EvaluationPlan
  private let source: JointCodeEstimates
  /// The joint code of each stratum; -1 where none is drawn.
  private let jointCodes: [Int]
  /// `log q`, `[D][K]`.
  private let logDistribution: [Double]

  private static let mostJointCodes = 16
  private static let mostPoints = 1 << 24

  /// Nil where the estimator is not served.
  init?(
    _ estimator: any GradientEstimator, _ source: JointCodeEstimates,
    allowance: PointAllowance
  ) {
    let plan = estimator.plan(for: source.oracle.shape)
    let shape = source.oracle.shape
    guard Self.serves(estimator, shape, allowance), source.serves(plan) else { return nil }
    self.estimator = estimator
    self.plan = plan
    self.source = source
    variables = Self.variables(plan, shape)
    let row = source.row
    if JointCodeEstimates.samples(plan) == 0 {
      jointCodes = [-1]
      strata = [1]
    } else {
      let weights = source.jointCodes.weights
      jointCodes = weights.indices.filter { weights[$0] > 0 }
      strata = jointCodes.map { weights[$0] }
    }
    if case .sample(let temperature) = plan.distribution {
      logDistribution = logSoftmax(row.values, categories: row.categories, scale: 1 / temperature)
    } else {
      logDistribution = []
    }
    rules = Self.rules(strata, allowance)
  }

  var width: Int { source.jointCodes.width }
  var precision: Double { 200 }

  /// Whether the noise of an estimator on layers of this shape is integrated, where the costs are
  /// to be had.
  static func serves(
    _ estimator: any GradientEstimator, _ shape: LayerShape, _ allowance: PointAllowance
  ) -> Bool {
    let plan = estimator.plan(for: shape)
    let samples = JointCodeEstimates.samples(plan)
    let jointCodes = samples == 0 ? 1 : shape.jointCodes(limit: mostJointCodes)
    guard !plan.relaxed, samples <= 1, let jointCodes, estimator.traits.hasIntegrableNoise,
      allowance.permits(
        jointCodes * ShiftedLattice.shifts * LatticeRule.fewestPoints, of: mostPoints)
    else { return false }
    if plan.perturbed, case .mode = plan.distribution { return false }
    return (1...LatticeRule.severalVariables).contains(variables(plan, shape))
  }

  private static func variables(_ plan: EvaluationPlan, _ shape: LayerShape) -> Int {
    (plan.perturbed ? shape.freeCategories : 0)
      + (plan.freshNoise ? shape.packedWidth : 0)
      + (plan.probes?.uniforms(latents: shape.latents) ?? 0)
  }

  private static func rules(_ strata: [Double], _ allowance: PointAllowance) -> [[LatticeRule]] {
    let most = strata.max() ?? 1
    // Bounded before it is made an integer.
    let fewer = strata.map { Int(min(2 / 3 * log2(most / $0), 20).rounded()) }
    func turn(_ log: Int) -> [LatticeRule] {
      fewer.map { .several(points: 1 << max(0, log - $0)) }
    }
    func points(_ turn: [LatticeRule]) -> Int {
      turn.reduce(0) { $0 + $1.points } * ShiftedLattice.shifts
    }
    let single =
      (LatticeRule.fewest...20).last { points(turn($0)) <= mostPoints } ?? LatticeRule.fewest
    // Rows of a batch begin earlier, and leave the last turns of a single one out.
    let first = max(LatticeRule.fewest, single - 6 - allowance.earlier)
    let allowed = allowance.points(mostPoints)
    let logs = stride(from: first, through: single, by: 2).filter { points(turn($0)) <= allowed }
    return (logs.isEmpty ? [LatticeRule.fewest] : logs).map(turn)
  }

  func estimates(_ stratum: Int, _ points: inout LatticePoints) throws -> [Double] {
    var draws = RowDraws(count: points.count)
    var used = 0
    if plan.perturbed {
      draws.perturbed = perturbed(jointCodes[stratum], points)
      used = source.row.shape.freeCategories
    }
    if plan.freshNoise {
      let shape = source.row.shape
      draws.freshNoise = shape.padded(
        slice(points, used..<used + shape.packedWidth) { gumbel($0, complement: $1) }, filling: 0)
      used += shape.packedWidth
    }
    draws.uniforms = slice(points, used..<variables) { uniform, _ in uniform }
    let jointCode = jointCodes[stratum]
    return try source.estimates(
      estimator, draws,
      jointCodes: jointCode < 0 ? [] : [[Int](repeating: jointCode, count: points.count)])
  }

  /// The uniforms of some variables, mapped, point by point.
  private func slice(
    _ points: LatticePoints, _ range: Range<Int>, _ map: (Double, Double) -> Double
  ) -> [Double] {
    guard !range.isEmpty else { return [] }
    var result: [Double] = []
    result.reserveCapacity(points.count * range.count)
    for place in 0..<points.count {
      for variable in range {
        let index = place * variables + variable
        result.append(map(points.values[index], points.complements[index]))
      }
    }
    return result
  }

  /// Perturbed logits given the winners. With `t_i = e^(v_x - v_i) > 1`, the others one after the
  /// other: `P(t > s) = (1 + p (s - 1) / c)^(-j)` of the `j`-th, `c = p_x + sum_before p_i t_i +
  /// sum_after p_i`. In logarithms throughout.
  private func perturbed(_ jointCode: Int, _ points: LatticePoints) -> [Double] {
    let (latents, categories) = (source.row.latents, source.row.categories)
    var result = [Double](repeating: 0, count: points.count * width)
    var first = 0
    for latent in 0..<latents {
      let size = source.row.categories(of: latent)
      defer { first += size - 1 }
      let winner = Int(source.jointCodes.codes[jointCode * latents + latent])
      let others = (0..<size).filter { $0 != winner }
      for place in 0..<points.count {
        var logSum = 0.0
        for (j, category) in others.enumerated() {
          let index = place * variables + first + j
          // log(p (s - 1) / c)
          let x = raceQuantile(
            logSurvival: logarithm(
              points.complements[index], complement: points.values[index]), members: j + 1)
          result[place * width + latent * categories + category] =
            -softplus(x + logSum - logDistribution[latent * categories + category])
          logSum += softplus(x)
        }
        for padding in size..<categories {
          result[place * width + latent * categories + padding] = -.infinity
        }
      }
    }
    return result
  }

  private func softplus(_ x: Double) -> Double { max(x, 0) + softExcess(x) }
}
