import Discrete
import Foundation

/// ARSM and ARS: swaps of Dirichlet noise as each other's baseline.
///
/// `w ~ Dirichlet(1_K)` per latent; `z^(c,j) = argmin_i w_i e^(-phi_i)` with the entries `c` and `j` of
/// `w` swapped in every latent; `F_cj = f(z^(c,j))`, `C_cj = F_cj - mean_m F_mj`:
/// ARSM `g_c = (1/K) sum_j C_cj (1 - K w_j)`; ARS: one uniform `j`, `g_c = C_cj (1 - K w_j)`. Unbiased on
/// every cost; unchanged by a constant added to it; for two categories ARSM is `arm`.
/// Complexity: `O(D K^3)` (ARS: `O(D K^2)`) beside `1 + K (K - 1) / 2` (ARS: `K`) oracle values.
public struct AugmentReinforceSwap: ProbingEstimator, ExactEstimator {
  /// Whether all pivots `j` are summed (ARSM) or one is drawn (ARS).
  public let merged: Bool

  public init(merged: Bool) { self.merged = merged }

  public var plan: EvaluationPlan {
    EvaluationPlan(
      samples: 0, probes: ProbePlan(sharedUniforms: merged ? 0 : 1, latentUniforms: 1, codes: 1))
  }

  public func plan(for shape: LayerShape) -> EvaluationPlan {
    var plan = plan
    let categories = shape.categories
    plan.probes?.latentUniforms = categories
    plan.probes?.codes = merged ? 1 + categories * (categories - 1) / 2 : categories
    return plan
  }

  private func stride(_ row: RowLogits) -> Int {
    (merged ? 0 : 1) + row.latents * row.categories
  }

  private func pivot(_ draws: RowDraws, _ draw: Int, _ row: RowLogits) -> Int {
    let uniform = draws.uniforms[draw * stride(row)]
    return min(Int(uniform * Double(row.categories)), row.categories - 1)
  }

  /// The swaps of one estimate in the order of its points.
  private func swaps(_ draws: RowDraws, _ draw: Int, _ row: RowLogits) -> [(Int, Int)] {
    guard merged else {
      let j = pivot(draws, draw, row)
      return (0..<row.categories).map { ($0, j) }
    }
    return [(0, 0)] + (0..<row.categories).flatMap { c in (0..<c).map { (c, $0) } }
  }

  /// Place of `F_cj` among the points of an estimate of ARSM.
  private func place(_ c: Int, _ j: Int) -> Int {
    c == j ? 0 : 1 + max(c, j) * (max(c, j) - 1) / 2 + min(c, j)
  }

  public func probes(_ row: RowLogits, _ draws: RowDraws) -> Probes {
    let categories = row.categories
    var points: [Int32] = []
    for draw in 0..<draws.count {
      let from = draw * stride(row) + (merged ? 0 : 1)
      let noise = draws.uniforms[from..<from + row.latents * categories].map { log(-log($0)) }
      for (c, j) in swaps(draws, draw, row) {
        for base in Swift.stride(from: 0, to: row.latents * categories, by: categories) {
          var best = 0
          var least = Double.infinity
          for i in 0..<categories {
            let source = i == c ? j : (i == j ? c : i)
            let value = noise[base + source] - row.values[base + i]
            if value < least { (best, least) = (i, value) }
          }
          points.append(Int32(best))
        }
      }
    }
    return Probes(codes: points)
  }
  public var traits: EstimatorTraits {
    EstimatorTraits(
      ignoredConstants: [.level],
      ragged: .refused(
        "swaps the same two categories in all latents, which must have the same number of them"))
  }

  public func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    let categories = row.categories
    let count = merged ? 1 + categories * (categories - 1) / 2 : categories
    let size = Double(categories)
    for draw in 0..<draws.count {
      let values = draws.probes.codeValues[draw * count..<(draw + 1) * count]
      // C_cj by pivot j: one pivot for ARS.
      let pivots = merged ? Array(0..<categories) : [pivot(draws, draw, row)]
      let centred = pivots.map { j in
        let costs = (0..<categories).map {
          values[values.startIndex + (merged ? place($0, j) : $0)]
        }
        let mean = costs.reduce(0, +) / size
        return costs.map { $0 - mean }
      }
      for latent in 0..<row.latents {
        let from = draw * stride(row) + (merged ? 0 : 1) + latent * categories
        let exponentials = draws.uniforms[from..<from + categories].map { -log($0) }
        let sum = exponentials.reduce(0, +)
        for c in 0..<categories {
          var g = 0.0
          for (index, j) in pivots.enumerated() {
            g += centred[index][c] * (1 - size * exponentials[j] / sum)
          }
          estimates[(draw * row.latents + latent) * categories + c] = g / Double(pivots.count)
        }
      }
    }
  }

  /// For two categories the noise is one uniform, in which the estimate is linear between cuts.
  public func uniformAtoms(_ row: RowLogits) -> UniformAtoms? {
    guard row.categories == 2 else { return nil }
    var atoms = UniformAtoms(
      latents: row.onProbabilities().map { pi in
        UniformAtom.pieces(cuts: [pi, 1 - pi], nodes: 2).map {
          UniformAtom(weight: $0.weight, uniforms: [exp(-$0.uniforms[0]), exp($0.uniforms[0] - 1)])
        }
      })
    if !merged {
      atoms.shared = [0.25, 0.75].map { UniformAtom(weight: 0.5, uniforms: [$0]) }
    }
    return atoms
  }

  /// The weights of the points are linear in the noise, whose moments are closed forms: see
  /// `SwappedNoise`.
  public func exactMoments(_ row: RowLogits, _ jointCodes: RowJointCodes) -> ExactMoments? {
    guard hasExactMoments(on: jointCodes.shape) == true else { return nil }
    let size = row.categories
    let share = 1 / Double(size)
    /// Adds the weight `factor (1 - K w_j)` of `F_cj`, less its part in the mean over `c`.
    func add(_ factors: inout [Double], _ factor: Double, _ c: Int, _ j: Int) {
      for k in 0..<size { factors[k * size + j] += factor * ((k == c ? 1 : 0) - share) }
    }
    let none = [Double](repeating: 0, count: size * size)
    var groups: [(probability: Double, points: [SwappedNoise.Point])] = []
    if merged {
      var still = none
      for c in 0..<size { add(&still, share, c, c) }
      var points: [SwappedNoise.Point] = [((0, 0), still)]
      for c in 0..<size {
        for j in 0..<c {
          var factors = none
          add(&factors, share, c, j)
          add(&factors, share, j, c)
          points.append(((c, j), factors))
        }
      }
      groups = [(1, points)]
    } else {
      groups = (0..<size).map { j in
        let points = (0..<size).map { c -> SwappedNoise.Point in
          var factors = none
          add(&factors, 1, c, j)
          return ((c, j), factors)
        }
        return (share, points)
      }
    }
    return SwappedNoise.moments(row, jointCodes, groups: groups, centred: true)
  }

  public func hasExactMoments(on shape: LayerShape) -> Bool? {
    let size = shape.categories
    guard size <= CoupledMoments.maximumCategories else { return false }
    let points = merged ? 1 + size * (size - 1) / 2 : size
    return CoupledMoments.fits(
      shape, pairs: (merged ? 1 : size) * points * (points + 1) / 2)
  }
}

extension EstimatorDescriptor {
  static let arsm = EstimatorDescriptor(
    name: "arsm", family: .coupled, bias: .unbiased,
    summary: "All swaps of Dirichlet noise as each other's baseline (ARSM).",
    formula: "g_c = (1/K) sum_j (F_cj - mean_m F_mj) (1 - K w_j), F_cj = f at w with c, j swapped",
    exactOn: "every cost", cost: "values: 1 + K (K - 1) / 2",
    source: "Yin, Yue and Zhou, arXiv 1905.01413",
    traps: [
      "Swaps that leave the draw as it is are evaluated all the same, and counted.",
      "Exact moments sum over all pairs of swaps, of order K^4 of them: on 2 latents up to 14 categories, on 4 up to 10.",
      "Unverified: the arXiv number was not looked up.",
    ],
    make: { _ in AugmentReinforceSwap(merged: true) })
}
