import Discrete
import Foundation
import Tensors

/// Randomly shifted rank-1 lattices: moments of integrals over many noise variables, with a
/// standard error from independent shifts.
///
/// `D (K - 1)` variables break one stick a latent. Up to six of them: lattices of 2^13, 2^15 and
/// 2^17 points a shift, in turn, until the standard errors of `E g` and `E ||g||^2` are a three
/// hundredth of those of 1,024 draws. More: one lattice of 2^13 points. Cost: one estimate a point
/// and shift.
struct ShiftedLattice {
  let integrand: NoiseIntegrand
  let key: UInt64

  static let shifts = 16
  private static let batch = 2048
  /// Standard errors over standard deviations at which a lattice is fine enough.
  private static let tolerance = 1 / (1024.0.squareRoot() * 300)

  /// Most points, with all shifts, for as many noise variables.
  static func mostPoints(variables: Int) -> Int {
    rules(variables: variables).reduce(0) { $0 + $1.points } * shifts
  }

  private static func rules(variables: Int) -> [LatticeRule] {
    variables <= LatticeRule.fewVariables ? LatticeRule.few : [.many]
  }

  /// Weighted averages under one shift, or over several.
  private struct Averages {
    var mean: [Double]
    /// `E g g^T`, and `E ||g||^4`.
    var second: [Double]
    var fourth: Double

    init(mean: [Double], second: [Double], fourth: Double) {
      self.mean = mean
      self.second = second
      self.fourth = fourth
    }

    init(_ parts: [Averages]) {
      mean = average(parts.map(\.mean))
      second = average(parts.map(\.second))
      fourth = average(parts.map { [$0.fourth] })[0]
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
    let variables = integrand.latents * (integrand.categories - 1)
    var shifts: [Averages] = []
    for rule in ShiftedLattice.rules(variables: variables) {
      shifts = try (0..<ShiftedLattice.shifts).map { try averages(rule, shift: $0) }
      if stand(shifts) { break }
    }
    let replicates = shifts.indices.map { left in
      Averages(shifts.indices.filter { $0 != left }.map { shifts[$0] }).moments
    }
    return ExactMoments(Averages(shifts).moments, replicates: replicates)
  }

  /// Whether the errors over the shifts are small enough.
  private func stand(_ shifts: [Averages]) -> Bool {
    let pooled = Averages(shifts)
    func stands(_ values: [Double], variance: Double) -> Bool {
      let count = Double(values.count)
      let mean = values.reduce(0, +) / count
      let error = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count * (count - 1))
      let rounding = 1e-13 * mean
      let allowed = ShiftedLattice.tolerance * ShiftedLattice.tolerance * max(0, variance)
      return error <= allowed + rounding * rounding
    }
    let width = integrand.width
    return stands(shifts.map(\.square), variance: pooled.fourth - pooled.square * pooled.square)
      && (0..<width).allSatisfy { i in
        stands(
          shifts.map { $0.mean[i] },
          variance: pooled.second[i * (width + 1)] - pooled.mean[i] * pooled.mean[i])
      }
  }

  private func averages(_ rule: LatticeRule, shift: Int) throws -> Averages {
    let width = integrand.width
    let free = integrand.categories - 1
    let variables = integrand.latents * free
    let key = RandomKey(seed: key).derived("lattice")
    let offsets = RandomStream(key: key, row: shift, site: 0)
      .uniforms(from: 0, count: variables).map(Double.init)
    let sticks = stride(from: 0, to: width, by: integrand.categories).map {
      StickBreaking(locations: integrand.locations[$0..<$0 + integrand.categories])
    }
    let covered = min(variables, rule.generator.count)
    let rest = RandomStream(key: key, row: shift, site: 1)
    var sum = Averages(
      mean: [Double](repeating: 0, count: width),
      second: [Double](repeating: 0, count: width * width), fourth: 0)
    var total = 0.0
    for start in stride(from: 0, to: rule.points, by: ShiftedLattice.batch) {
      let points = start..<start + ShiftedLattice.batch
      // Variables beyond the generating vector are drawn independently.
      let random = rest.uniforms(
        from: UInt64(start * (variables - covered)), count: points.count * (variables - covered))
      var perturbed: [Double] = []
      perturbed.reserveCapacity(points.count * width)
      var weights = [Double](repeating: 1, count: points.count)
      for (place, point) in points.enumerated() {
        for (latent, stick) in sticks.enumerated() {
          stick.append(to: &perturbed) { j in
            let variable = latent * free + j
            guard variable < covered else {
              let uniform = Double(random[place * (variables - covered) + variable - covered])
              return (uniform, 1 - uniform)
            }
            let (value, complement, weight) = rule.periodised(
              rule.coordinate(point, variable, offset: offsets[variable]))
            weights[place] *= weight
            return (value, complement)
          }
        }
      }
      let estimates = try integrand.estimates(perturbed, points.count)
      let gram = weightedGram(estimates, weights: weights, rows: points.count, columns: width)
      for index in gram.indices { sum.second[index] += gram[index] }
      for (place, weight) in weights.enumerated() {
        var square = 0.0
        for i in 0..<width {
          let value = estimates[place * width + i]
          sum.mean[i] += weight * value
          square += value * value
        }
        sum.fourth += weight * square * square
        total += weight
      }
    }
    // The weights average to 1 but for the error of the rule; divided by, constants are exact.
    return Averages(
      mean: sum.mean.map { $0 / total }, second: sum.second.map { $0 / total },
      fourth: sum.fourth / total)
  }
}

private func average(_ vectors: [[Double]]) -> [Double] {
  var sum = [Double](repeating: 0, count: vectors.first?.count ?? 0)
  for vector in vectors {
    for index in sum.indices { sum[index] += vector[index] }
  }
  return sum.map { $0 / Double(vectors.count) }
}
