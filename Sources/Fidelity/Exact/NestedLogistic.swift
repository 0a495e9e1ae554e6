import Discrete
import Foundation

/// Two noise variables, one inside the other, for estimates that jump or bend: one latent of three
/// categories, or two binary latents.
///
/// Along every line of the inner variable panels end where the estimate is not smooth. The inner integral
/// is smooth in the outer variable but where the pattern of these places changes (one comes in from the far end,
/// two meet, one overtakes another): those outer places are found by bisection and end the outer
/// panels. Everything is done twice, with other panels; the stated error is that of `AdaptiveLogistic`.
struct NestedLogistic {
  let integrand: NoiseIntegrand

  /// Relative, of outer and inner integrals.
  private static let tolerance = (outer: 1e-10, inner: 1e-11)
  private static let checkTolerance = (outer: 1e-8, inner: 1e-10)

  /// Panels of an outer line, and of an inner one on average.
  private static let mostPanels = (outer: 1500, inner: 400)

  /// About the evaluations that a row takes.
  static let points = 1 << 21

  private var width: Int { integrand.width }
  private var terms: Int { width + width * (width + 1) / 2 }
  private var isOneLatent: Bool { integrand.latents == 1 }

  /// Location differences of the outer and the inner variable.
  private var centres: (outer: Double, inner: Double) {
    let a = integrand.locations
    return isOneLatent ? (a[0] - a[2], a[1] - a[2]) : (a[1] - a[0], a[3] - a[2])
  }

  /// Nil where an estimate is not finite or varies too much for the panels.
  func moments() throws -> ExactMoments? {
    let reference = try integrand.estimates(points([centres.outer], [centres.inner]), 1)
    guard reference.allSatisfy(\.isFinite),
      let own = try integrals(.first, reference, Self.tolerance),
      let other = try integrals(.second, reference, Self.checkTolerance)
    else { return nil }
    let rounding = integrand.statedRounding
    func error(_ term: Int, _ scale: Double) -> Double {
      own.errors[term] + own.values[term < width ? terms : terms + 1]
        + 4 * abs(own.values[term] - other.values[term]) + rounding * (own.sizes[term] + scale)
    }
    let sizes = reference.map(abs)
    var second = [Double](repeating: 0, count: width * width)
    var errors = second
    var term = width
    for i in 0..<width {
      for j in i..<width {
        let change = error(term, sizes[i] * own.sizes[j] + sizes[j] * own.sizes[i])
        for place in [i * width + j, j * width + i] {
          second[place] = own.values[term]
          errors[place] = change
        }
        term += 1
      }
    }
    return ExactMoments(
      reference: reference,
      first: (Array(own.values[..<width]), (0..<width).map { error($0, sizes[$0]) }),
      second: (second, errors))
  }

  /// The terms, and the errors of the inner integrals of first and of second order.
  private func integrals(
    _ placement: NoiseLine.Placement, _ reference: [Double],
    _ tolerance: (outer: Double, inner: Double)
  ) throws -> LaneQuadrature.Result? {
    func outerEnds(_ breaks: [Double]) -> [Double] {
      NoiseLine.ends(
        centres: [centres.outer], crossings: [0], width: integrand.noiseWidth, breaks: breaks,
        placement)
    }
    let ends = outerEnds(outerBreaks(outerEnds([]), placement))
    let size = reference.map(abs).max() ?? 0
    let noise = 1e-2 * integrand.statedRounding
    let floors = [noise * size, noise * size * size]
    let groups = (0..<terms).map { $0 < width ? 0 : 1 }
    let inner = LaneQuadrature(
      groups: groups, tolerance: max(tolerance.inner, integrand.rounding),
      mostPanels: Self.mostPanels.inner)
    return try LaneQuadrature(
      groups: groups + [2, 2], tolerance: max(tolerance.outer, 4 * integrand.rounding),
      mostPanels: Self.mostPanels.outer
    ).integrate([
      // Errors need no precision.
      LaneQuadrature.Lane(ends: ends, floors: floors.map { 100 * $0 } + [.infinity])
    ]) { _, outer in
      let zeros = zeros(outer, placement)
      let lanes = outer.indices.map {
        LaneQuadrature.Lane(
          ends: innerEnds(outer[$0], zeros[$0].map(\.place), placement), floors: floors)
      }
      let lines = try inner.integrate(lanes) { lanes, places in
        try weighted(lanes.map { outer[$0] }, places, reference)
      }
      guard let lines else {
        return [Double](repeating: .nan, count: outer.count * (terms + 2))
      }
      return outer.indices.flatMap { line -> [Double] in
        let own = line * terms..<(line + 1) * terms
        let errors = lines.errors[own]
        return Array(lines.values[own])
          + [errors.prefix(width).max() ?? 0, errors.dropFirst(width).max() ?? 0]
      }
    }
  }

  /// Estimates less the reference and their products, times the density, `[count][terms]`.
  private func weighted(
    _ outer: [Double], _ inner: [Double], _ reference: [Double]
  ) throws -> [Double] {
    let estimates = try integrand.all(points(outer, inner), outer.count)
    var values = [Double](repeating: 0, count: outer.count * terms)
    var own = [Double](repeating: 0, count: width)
    for index in outer.indices {
      let density = density(outer[index], inner[index])
      for i in 0..<width { own[i] = estimates[index * width + i] - reference[i] }
      var place = index * terms
      for i in 0..<width {
        values[place] = density * own[i]
        place += 1
      }
      for i in 0..<width {
        for j in i..<width {
          values[place] = density * own[i] * own[j]
          place += 1
        }
      }
    }
    return values
  }

  private func points(_ outer: [Double], _ inner: [Double]) -> [Double] {
    var points: [Double] = []
    points.reserveCapacity(outer.count * width)
    for (x, y) in zip(outer, inner) {
      if isOneLatent {
        points.append(x)
        points.append(y)
        points.append(0)
      } else {
        points.append(0)
        points.append(x)
        points.append(0)
        points.append(y)
      }
    }
    return points
  }

  private func density(_ outer: Double, _ inner: Double) -> Double {
    let (a, b) = (outer - centres.outer, inner - centres.inner)
    guard isOneLatent else {
      let (s, t) = (exp(-abs(a)), exp(-abs(b)))
      return s / ((1 + s) * (1 + s)) * (t / ((1 + t) * (1 + t)))
    }
    let top = max(0, max(-a, -b))
    let sum = exp(-top) + exp(-a - top) + exp(-b - top)
    return 2 * exp(-a - b - 3 * top) / (sum * sum * sum)
  }

  private func innerEnds(
    _ outer: Double, _ breaks: [Double], _ placement: NoiseLine.Placement
  ) -> [Double] {
    let centre = centres.inner + (isOneLatent ? min(0, outer - centres.outer) : 0)
    return NoiseLine.ends(
      centres: [centre], crossings: isOneLatent ? [0, outer] : [0], width: integrand.noiseWidth,
      breaks: breaks, placement)
  }

  private func zeros(
    _ outer: [Double], _ placement: NoiseLine.Placement
  ) -> [[LineZeros.Zero]] {
    let functions = integrand.breaks.functions * integrand.latents
    guard functions > 0 else { return outer.map { _ in [] } }
    return LineZeros(functions: functions) { lines, places in
      integrand.breaks.values(points(lines.map { outer[$0] }, places), lines.count)
    }.zeros(outer.map { LineZeros.grid(innerEnds($0, [], placement), parts: 2) })
  }

  /// What can be seen of the places along an inner line where the estimate is not smooth.
  private func patterns(_ outer: [Double], _ placement: NoiseLine.Placement) -> [[Int]] {
    zeros(outer, placement).map { $0.map { 2 * $0.function + ($0.isRising ? 1 : 0) } }
  }

  private struct Change {
    var low: Double
    var high: Double
    var atLow: [Int]
    var atHigh: [Int]
  }

  /// Outer places where the pattern along the inner lines changes.
  private func outerBreaks(_ ends: [Double], _ placement: NoiseLine.Placement) -> [Double] {
    guard integrand.breaks.functions > 0 else { return [] }
    let grid = LineZeros.grid(ends, parts: 3)
    let seen = patterns(grid, placement)
    var open = (1..<grid.count).filter { seen[$0] != seen[$0 - 1] }.map {
      Change(low: grid[$0 - 1], high: grid[$0], atLow: seen[$0 - 1], atHigh: seen[$0])
    }
    var breaks: [Double] = []
    for _ in 0..<60 {
      var next: [Change] = []
      let middles = open.map { 0.5 * ($0.low + $0.high) }
      for (change, pattern) in zip(open, patterns(middles, placement)) {
        let middle = 0.5 * (change.low + change.high)
        guard change.high - change.low > 1e-13 * (1 + abs(middle)) else {
          breaks.append(middle)
          continue
        }
        if pattern != change.atLow {
          next.append(
            Change(low: change.low, high: middle, atLow: change.atLow, atHigh: pattern))
        }
        if pattern != change.atHigh {
          next.append(
            Change(low: middle, high: change.high, atLow: pattern, atHigh: change.atHigh))
        }
      }
      // More are no places but a pattern that rounding makes.
      open = Array(next.prefix(64))
      if open.isEmpty { break }
    }
    return breaks + open.map { 0.5 * ($0.low + $0.high) }
  }
}
