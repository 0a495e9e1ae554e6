import Discrete
import Foundation

/// Adaptive Gauss-Kronrod over the logistic variable of binary latents: exact for costs with kinks and
/// estimates with jumps, as panels end there.
///
/// The variable is the difference `x` of the two perturbed logits, in which a kink has the same place
/// whatever the logits. With several latents the cost must be separable: latents are integrated side by
/// side, each in panels of its own, and their covariance is block diagonal. Everything is integrated twice,
/// with other panels; the stated error is what both rules say of themselves, four times what they differ
/// by, and rounding.
struct AdaptiveLogistic {
  let integrand: NoiseIntegrand

  private static let tolerance = 1e-12
  /// The second rule's: it has to find what the first is blind to.
  private static let checkTolerance = 1e-10
  /// `g_0, g_1, g_0^2, g_0 g_1, g_1^2`, about a reference.
  private static let groups = [0, 0, 1, 1, 1]

  /// Nil where an estimate is not finite, or varies too much for the panels: both would be refined
  /// without end.
  func moments() throws -> ExactMoments? {
    let latents = integrand.latents
    let gaps = (0..<latents).map { integrand.locations[2 * $0 + 1] - integrand.locations[2 * $0] }
    let reference = try integrand.estimates(pack(Array(0..<latents), gaps, gaps).points, 1)
    guard reference.allSatisfy(\.isFinite) else { return nil }
    guard
      let own = try integrals(.first, gaps, reference, tolerance: Self.tolerance),
      let other = try integrals(.second, gaps, reference, tolerance: Self.checkTolerance)
    else { return nil }
    return rowMoments(own, other, reference)
  }

  private func integrals(
    _ placement: NoiseLine.Placement, _ gaps: [Double], _ reference: [Double], tolerance: Double
  ) throws -> LaneQuadrature.Result? {
    func ends(_ latent: Int, _ breaks: [Double]) -> [Double] {
      NoiseLine.ends(
        centres: [gaps[latent]], crossings: [0], width: integrand.noiseWidth, breaks: breaks,
        placement)
    }
    let functions = integrand.breaks.functions
    let zeros = LineZeros(functions: functions) { lanes, places in
      let (points, count, slots) = pack(lanes, places, gaps)
      let values = integrand.breaks.values(points, count)
      return zip(lanes, slots).flatMap { latent, slot -> ArraySlice<Double> in
        let from = (slot * integrand.latents + latent) * functions
        return values[from..<from + functions]
      }
    }.zeros(
      functions == 0
        ? gaps.map { _ in [] } : gaps.indices.map { LineZeros.grid(ends($0, []), parts: 4) })
    let size = reference.map(abs).max() ?? 0
    let floors = [integrand.rounding * size, integrand.rounding * size * size]
    let lanes = gaps.indices.map {
      LaneQuadrature.Lane(ends: ends($0, zeros[$0].map(\.place)), floors: floors)
    }
    let width = integrand.width
    return try LaneQuadrature(
      groups: Self.groups, tolerance: max(tolerance, integrand.rounding)
    ).integrate(lanes) { lanes, places in
      let (points, count, slots) = pack(lanes, places, gaps)
      let estimates = try integrand.all(points, count)
      var values: [Double] = []
      values.reserveCapacity(lanes.count * 5)
      for (index, latent) in lanes.enumerated() {
        // Overflow-free logistic density.
        let tail = exp(-abs(places[index] - gaps[latent]))
        let density = tail / ((1 + tail) * (1 + tail))
        let from = slots[index] * width + 2 * latent
        let g0 = estimates[from] - reference[2 * latent]
        let g1 = estimates[from + 1] - reference[2 * latent + 1]
        values.append(density * g0)
        values.append(density * g1)
        values.append(density * g0 * g0)
        values.append(density * g0 * g1)
        values.append(density * g1 * g1)
      }
      return values
    }
  }

  /// Perturbed logits `[count][D][2]` that hold one place of a latent each; places of one latent stand
  /// in points (slots) of their own.
  private func pack(
    _ lanes: [Int], _ places: [Double], _ gaps: [Double]
  ) -> (points: [Double], count: Int, slots: [Int]) {
    var used = [Int](repeating: 0, count: gaps.count)
    let slots = lanes.map { lane in
      used[lane] += 1
      return used[lane] - 1
    }
    let count = used.max() ?? 0
    var points = [Double](repeating: 0, count: count * 2 * gaps.count)
    for slot in 0..<count {
      for (lane, gap) in gaps.enumerated() where used[lane] <= slot {
        points[(slot * gaps.count + lane) * 2 + 1] = gap
      }
    }
    for (index, lane) in lanes.enumerated() {
      points[(slots[index] * gaps.count + lane) * 2 + 1] = places[index]
    }
    return (points, count, slots)
  }

  private func rowMoments(
    _ own: LaneQuadrature.Result, _ other: LaneQuadrature.Result, _ reference: [Double]
  ) -> ExactMoments {
    let parts = (0..<integrand.latents).map { latent -> ExactMoments in
      func error(_ term: Int, _ scale: Double) -> Double {
        let place = latent * 5 + term
        return own.errors[place] + 4 * abs(own.values[place] - other.values[place])
          + integrand.statedRounding * (own.sizes[place] + scale)
      }
      let local = [0, 1].map { reference[2 * latent + $0] }
      let sizes = local.map(abs)
      let terms = (2..<5).map { own.values[latent * 5 + $0] }
      // A reference of many digits leaves that rounding in what is left of the estimates.
      let errors = [(0, 0), (0, 1), (1, 1)].map { i, j in
        error(
          2 + i + j, sizes[i] * own.sizes[latent * 5 + j] + sizes[j] * own.sizes[latent * 5 + i])
      }
      return ExactMoments(
        reference: local,
        first: ([0, 1].map { own.values[latent * 5 + $0] }, [0, 1].map { error($0, sizes[$0]) }),
        second: (
          [terms[0], terms[1], terms[1], terms[2]], [errors[0], errors[1], errors[1], errors[2]]
        ))
    }
    return ExactMoments(
      independent: parts, of: LayerShape(rows: 1, latents: parts.count, categories: 2))
  }
}
