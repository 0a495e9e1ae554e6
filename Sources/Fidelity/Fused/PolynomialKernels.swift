import CKernels
import Discrete
import Foundation
import Models

/// Maps without noise under a polynomial cost.
struct PolynomialMapsKernel: RowKernel {
  private let distribution: FusedDistribution
  private let gradients: PolynomialTables
  private let maps: AlignedTable<Float>?
  private let units: [Double]

  /// Nil where a coefficient is out of the kernel's range.
  init?(distribution: FusedDistribution, maps: LocalJacobians, cost: CubicPolynomial) {
    let categories = distribution.categories
    guard var rows = PolynomialRows(gradientsOf: cost, categories: categories) else { return nil }
    self.distribution = distribution
    // Maps that are the same for all categories are part of the cost's own coefficients.
    if !maps.dependsOnCategory { rows.apply(maps.means, categories: categories) }
    let bounds = rows.bounds(categories: categories)
    let rowUnits = bounds.compactMap(FusedScale.above)
    guard rowUnits.count == distribution.width else { return nil }
    rows.scale(rowUnits.map { 1 / $0 })
    gradients = PolynomialTables(
      rows, latents: distribution.latents, categories: categories, soft: false)
    guard maps.dependsOnCategory else {
      self.maps = nil
      units = rowUnits
      return
    }
    let square = categories * categories
    // Rows of zeros, as those of the categories that the gradients are relative to, have the unit 1, which
    // is not of the size of the others'.
    func entry(_ row: Int, _ x: Int, _ j: Int) -> Double {
      let (latent, i) = (row / categories, row % categories)
      guard bounds[latent * categories + j] > 0 else { return 0 }
      return maps.means[(latent * categories + x) * square + i * categories + j]
        * rowUnits[latent * categories + j]
    }
    let units = (0..<distribution.width).compactMap { row in
      FusedScale.above(
        (0..<categories).map { x in
          (0..<categories).reduce(0) { $0 + abs(entry(row, x, $1)) }
        }.max() ?? 0)
    }
    guard units.count == distribution.width else { return nil }
    self.units = units
    let codes = Int(GF_FUSED_CODES)
    var tables = [Double](repeating: 0, count: distribution.width * categories * codes)
    for row in 0..<distribution.width {
      for j in 0..<categories {
        for x in 0..<categories {
          tables[(row * categories + j) * codes + x] = entry(row, x, j) / units[row]
        }
      }
    }
    self.maps = AlignedTable(tables)
  }

  func sums(_ draws: gf_draws) -> (sum: [Double], squares: [Double]) {
    var draws = draws
    var distribution = self.distribution.view
    var gradients = self.gradients.view
    return scaledSums(units: units) { sum, squares in
      withExtendedLifetime(self) {
        gf_polynomial_maps(&draws, &distribution, &gradients, maps?.base, &sum, &squares)
      }
    }
  }
}

/// A noisy surrogate under a polynomial cost, at hard or soft points.
struct PolynomialSurrogateKernel: RowKernel {
  private let distribution: FusedDistribution
  private let surrogate: SurrogateTables
  private let gradients: PolynomialTables
  private let soft: Bool
  private let units: [Double]

  /// Nil where a coefficient is out of the kernel's range.
  init?(
    distribution: FusedDistribution, surrogate: SurrogateTables, rule: NoisySurrogate,
    cost: CubicPolynomial
  ) {
    let categories = distribution.categories
    guard var rows = PolynomialRows(gradientsOf: cost, categories: categories) else { return nil }
    let bounds = rows.bounds(categories: categories)
    // The Jacobian mixes the rows of a latent, so they share a unit.
    let units = (0..<distribution.latents).compactMap { latent in
      FusedScale.above(bounds[latent * categories..<(latent + 1) * categories].max() ?? 0)
    }
    guard units.count == distribution.latents else { return nil }
    rows.scale((0..<distribution.width).map { 1 / units[$0 / categories] })
    self.distribution = distribution
    self.surrogate = surrogate
    soft = rule.soft
    gradients = PolynomialTables(
      rows, latents: distribution.latents, categories: categories, soft: soft)
    self.units = (0..<distribution.width).map { rule.scale * units[$0 / categories] }
  }

  func sums(_ draws: gf_draws) -> (sum: [Double], squares: [Double]) {
    var draws = draws
    var distribution = self.distribution.view
    var surrogate = self.surrogate.view
    var gradients = self.gradients.view
    return scaledSums(units: units) { sum, squares in
      withExtendedLifetime(self) {
        gf_polynomial_surrogate(
          &draws, &distribution, &surrogate, &gradients, soft ? 1 : 0, &sum, &squares)
      }
    }
  }
}

/// Leave-one-out REINFORCE under a polynomial cost.
struct PolynomialLeaveOneOutKernel: RowKernel {
  private let distribution: FusedDistribution
  private let samples: Int
  private let values: PolynomialTables
  private let units: [Double]

  /// Nil where a coefficient is out of the kernel's range.
  ///
  /// - Parameter scale: factor of `sum_i (f_i - fbar) z_i`.
  init?(distribution: FusedDistribution, cost: CubicPolynomial, samples: Int, scale: Double) {
    let categories = distribution.categories
    var rows = PolynomialRows(valuesOf: cost)
    let width = distribution.width
    let cubes = (0..<rows.rank).map {
      pow(pointBound(rows.cubic[$0 * width..<($0 + 1) * width], categories: categories), 3)
    }
    let bound =
      pointBound(rows.bounds(categories: categories)[...], categories: categories)
      + cubes.reduce(0, +)
    guard let unit = FusedScale.above(bound) else { return nil }
    rows.scale([Double](repeating: 1 / unit, count: width))
    let root = cbrt(unit)
    rows.cubic = rows.cubic.map { $0 / root }
    self.distribution = distribution
    self.samples = samples
    values = PolynomialTables(
      rows, latents: distribution.latents, categories: categories, soft: false)
    units = [Double](repeating: scale * unit, count: width)
  }

  func sums(_ draws: gf_draws) -> (sum: [Double], squares: [Double]) {
    var draws = draws
    var distribution = self.distribution.view
    var values = self.values.view
    return scaledSums(units: units) { sum, squares in
      withExtendedLifetime(self) {
        gf_polynomial_leave_one_out(&draws, &distribution, &values, Int32(samples), &sum, &squares)
      }
    }
  }
}

/// Sums of the kernel in the units of its coordinates.
private func scaledSums(
  units: [Double], kernel: (inout [Double], inout [Double]) -> Void
) -> (sum: [Double], squares: [Double]) {
  var sum = [Double](repeating: 0, count: units.count)
  var squares = sum
  kernel(&sum, &squares)
  for index in units.indices {
    sum[index] *= units[index]
    squares[index] *= units[index] * units[index]
  }
  return (sum, squares)
}
