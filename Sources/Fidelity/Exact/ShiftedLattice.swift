import Discrete
import Foundation
import Tensors

/// Estimates of one row as a function of the unit cube, in strata of known probability.
protocol LatticeIntegrand: Sendable {
  /// `D K`.
  var width: Int { get }
  /// Uniforms of one estimate.
  var variables: Int { get }
  /// Probabilities of the strata, none of them 0; they sum to 1.
  var strata: [Double] { get }
  /// Rules of each stratum, to be tried in turn until the error is small enough, `[turn][stratum]`.
  var rules: [[LatticeRule]] { get }
  /// How many times below those of 1,024 draws standard errors are small enough.
  var precision: Double { get }

  /// One estimate a point, `[count][width]`; a change of variables multiplies into the weights.
  func estimates(_ stratum: Int, _ points: inout LatticePoints) throws -> [Double]
}

extension LatticeIntegrand {
  /// Points of one turn, with all shifts.
  func points(turn: Int) -> Int {
    rules[turn].reduce(0) { $0 + $1.points } * ShiftedLattice.shifts
  }

  /// Most points, with all shifts and turns.
  var mostPoints: Int { rules.indices.reduce(0) { $0 + points(turn: $1) } }
}

/// Randomly shifted rank-1 lattices: moments of integrals over many noise variables, with a
/// standard error from independent shifts.
///
/// Rules are tried in turn, until the standard errors of `E g` and `E ||g||^2` are small enough beside
/// those of 1,024 draws. Cost: one estimate a point and shift; shifts run in parallel, and the
/// result does not depend on how many do.
struct ShiftedLattice {
  let integrand: any LatticeIntegrand
  let key: UInt64
  let workers: Int
  /// Relative size of what rounding leaves of an estimate's digits, where the shifts cannot show it
  /// (float32).
  var rounding = 0.0

  static let shifts = 16
  private static let batch = 2048

  /// Weighted averages under one shift, or over several.
  private struct Averages {
    var mean: [Double]
    /// `E g g^T`, and `E ||u g||^4`, `u` the unit of `averages`.
    var second: [Double]
    var fourth: Double

    init(mean: [Double], second: [Double], fourth: Double) {
      self.mean = mean
      self.second = second
      self.fourth = fourth
    }

    init(zeros width: Int) {
      self.init(
        mean: [Double](repeating: 0, count: width),
        second: [Double](repeating: 0, count: width * width), fourth: 0)
    }

    init(_ parts: [Averages]) {
      self.init(zeros: parts[0].mean.count)
      for part in parts { add(part, 1 / Double(parts.count)) }
    }

    mutating func add(_ other: Averages, _ weight: Double) {
      for index in mean.indices { mean[index] += weight * other.mean[index] }
      for index in second.indices { second[index] += weight * other.second[index] }
      fourth += weight * other.fourth
    }

    /// Moments as far away as relative rounding of every estimate may put them.
    func rounded(_ rounding: Double) -> RowMoments {
      let width = mean.count
      let sizes = (0..<width).map { max(0, second[$0 * (width + 1)]).squareRoot() }
      let errors = sizes.map { rounding * $0 }
      return ExactMoments(
        moments, errors: errors,
        covarianceErrors: (0..<width * width).map { 2 * errors[$0 / width] * sizes[$0 % width] }
      ).coarse ?? moments
    }

    /// `E ||g||^2`.
    var square: Double { mean.indices.reduce(0) { $0 + second[$1 * (mean.count + 1)] } }

    var moments: RowMoments {
      let width = mean.count
      var covariance = second
      for i in 0..<width {
        for j in 0..<width { covariance[i * width + j] -= mean[i] * mean[j] }
      }
      return RowMoments(mean: mean, covariance: covariance)
    }
  }

  func moments() throws -> ExactMoments {
    var shifts: [Averages] = []
    var unit = 1.0
    for turn in integrand.rules.indices {
      shifts = try averages(turn: turn, unit: unit)
      if unit == 1, let better = Self.unit(shifts) {
        unit = better
        shifts = try averages(turn: turn, unit: unit)
      }
      // What is not finite does not become so.
      if !(excess(shifts, unit: unit) > 1) { break }
    }
    let replicates = shifts.indices.map { left in
      Averages(shifts.indices.filter { $0 != left }.map { shifts[$0] }).moments
    }
    let pooled = Averages(shifts)
    var result = ExactMoments(pooled.moments, replicates: replicates)
    if rounding > 0 { result.coarse = pooled.rounded(rounding) }
    return result
  }

  /// Turns that `moments` is likely to take, from the error of the first: errors fall at least about
  /// as the points to the power of 3/4. Cost: that of the first turn.
  func likelyTurns() throws -> Int {
    var unit = 1.0
    var shifts = try averages(turn: 0, unit: unit)
    if let better = Self.unit(shifts) {
      unit = better
      shifts = try averages(turn: 0, unit: unit)
    }
    let excess = self.excess(shifts, unit: unit)
    let first = Double(integrand.points(turn: 0))
    return 1
      + (integrand.rules.indices.dropLast().firstIndex {
        Double(integrand.points(turn: $0)) >= pow(excess, 4.0 / 3) * first
      } ?? integrand.rules.count - 1)
  }

  /// A trial of the first points: what they take.
  func evaluate(_ count: Int) throws {
    let rule = integrand.rules[0][0]
    let offsets = [Double](repeating: 0.5, count: integrand.variables)
    let rest = RandomStream(key: RandomKey(seed: key), row: 0, site: 0)
    var points = LatticePoints(
      0..<min(count, rule.points), of: rule, offsets: offsets, rest: rest)
    _ = try integrand.estimates(0, &points)
  }

  /// The power of two that brings estimates to the size of 1; nil where their fourth powers are doubles
  /// as they are.
  private static func unit(_ shifts: [Averages]) -> Double? {
    let size = Averages(shifts).square.squareRoot()
    guard size.isFinite, size > 0, !(0x1p-200...0x1p200).contains(size) else { return nil }
    return Double(sign: .plus, exponent: -size.exponent, significand: 1)
  }

  /// The largest standard error over the shifts in units of what is allowed.
  private func excess(_ shifts: [Averages], unit: Double) -> Double {
    let pooled = Averages(shifts)
    func excess(_ values: [Double], variance: Double) -> Double {
      let count = Double(values.count)
      let mean = values.reduce(0, +) / count
      let error = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count * (count - 1))
      let rounding = 1e-13 * mean
      let allowed = max(0, variance) / (1024 * integrand.precision * integrand.precision)
      return error == 0 ? 0 : (error / (allowed + rounding * rounding)).squareRoot()
    }
    let width = integrand.width
    return (0..<width).reduce(
      excess(
        shifts.map { $0.square * unit * unit },
        variance: pooled.fourth - pooled.square * unit * unit * (pooled.square * unit * unit))
    ) { worst, i in
      let own = excess(
        shifts.map { $0.mean[i] },
        variance: pooled.second[i * (width + 1)] - pooled.mean[i] * pooled.mean[i])
      return own > worst || own.isNaN ? own : worst
    }
  }

  /// - Parameter unit: what estimates are multiplied with for fourth powers.
  private func averages(turn: Int, unit: Double) throws -> [Averages] {
    try parallelMap(Self.shifts, workers: workers) {
      try averages(turn: turn, shift: $0, unit: unit)
    }
  }

  private func averages(turn: Int, shift: Int, unit: Double) throws -> Averages {
    var sum = Averages(zeros: integrand.width)
    for (stratum, probability) in integrand.strata.enumerated() {
      let own = try averages(
        integrand.rules[turn][stratum], stratum: stratum, shift: shift, unit: unit)
      sum.add(own, probability)
    }
    return sum
  }

  private func averages(
    _ rule: LatticeRule, stratum: Int, shift: Int, unit: Double
  ) throws -> Averages {
    let width = integrand.width
    let key = RandomKey(seed: key).derived("lattice")
    // Strata are shifted independently, so that their errors do not add up.
    let site = 2 * stratum
    let offsets = RandomStream(key: key, row: shift, site: site)
      .uniforms(from: 0, count: integrand.variables).map(Double.init)
    let rest = RandomStream(key: key, row: shift, site: site + 1)
    var sum = Averages(zeros: width)
    var total = 0.0
    for start in stride(from: 0, to: rule.points, by: Self.batch) {
      var points = LatticePoints(
        start..<min(start + Self.batch, rule.points), of: rule, offsets: offsets, rest: rest)
      let estimates = try integrand.estimates(stratum, &points)
      let gram = weightedGram(
        estimates, weights: points.weights, rows: points.count, columns: width)
      for index in gram.indices { sum.second[index] += gram[index] }
      for (place, weight) in points.weights.enumerated() {
        var square = 0.0
        for i in 0..<width {
          let value = estimates[place * width + i]
          sum.mean[i] += weight * value
          square += value * value
        }
        let own = square * unit * unit
        sum.fourth += weight * own * own
        total += weight
      }
    }
    // The weights average to 1 but for the error of the rule; divided by, constants are exact.
    var averages = Averages(zeros: width)
    averages.add(sum, 1 / total)
    return averages
  }
}
