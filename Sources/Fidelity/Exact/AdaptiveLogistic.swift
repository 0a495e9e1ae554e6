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
    let width = integrand.width
    let rounding = integrand.statedRounding
    var first = [Double](repeating: 0, count: width)
    var firstErrors = first
    var second = [Double](repeating: 0, count: width * width)
    var secondErrors = second
    for latent in 0..<integrand.latents {
      func error(_ term: Int, _ scale: Double) -> Double {
        let place = latent * 5 + term
        return own.errors[place] + 4 * abs(own.values[place] - other.values[place])
          + rounding * (own.sizes[place] + scale)
      }
      let sizes = [0, 1].map { abs(reference[2 * latent + $0]) }
      for i in 0..<2 {
        let row = 2 * latent + i
        first[row] = own.values[latent * 5 + i]
        firstErrors[row] = error(i, sizes[i])
        for j in 0..<2 {
          let term = 2 + i + j
          let place = row * width + 2 * latent + j
          second[place] = own.values[latent * 5 + term]
          // A reference of many digits leaves that rounding in what is left of the estimates.
          secondErrors[place] = error(
            term,
            sizes[i] * own.sizes[latent * 5 + j] + sizes[j] * own.sizes[latent * 5 + i])
        }
      }
    }
    // Latents are independent of each other: only the blocks have products of means to take away.
    var covariance = second
    var changes = secondErrors
    for latent in 0..<integrand.latents {
      for i in 2 * latent..<2 * latent + 2 {
        for j in 2 * latent..<2 * latent + 2 {
          covariance[i * width + j] -= first[i] * first[j]
          changes[i * width + j] +=
            abs(first[i]) * firstErrors[j] + abs(first[j]) * firstErrors[i]
        }
      }
    }
    return ExactMoments(
      RowMoments(mean: zip(reference, first).map(+), covariance: covariance), errors: firstErrors,
      covarianceErrors: changes)
  }
}
