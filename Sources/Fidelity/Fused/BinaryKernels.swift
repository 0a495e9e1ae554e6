import CKernels
import Discrete
import Foundation
import Models

/// A noisy surrogate on binary latents under a separable cost.
struct BinarySurrogateKernel: RowKernel {
  private let distribution: FusedDistribution
  private let surrogate: SurrogateTables
  private let gradients: BinaryGradients

  init(distribution: FusedDistribution, surrogate: SurrogateTables, gradients: BinaryGradients) {
    self.distribution = distribution
    self.surrogate = surrogate
    self.gradients = gradients
  }

  func sums(_ draws: gf_draws) -> (sum: [Double], squares: [Double]) {
    var draws = draws
    var distribution = self.distribution.view
    var surrogate = self.surrogate.view
    var gradients = self.gradients.view
    return binarySums(units: self.gradients.units) { sum, squares in
      withExtendedLifetime(self) {
        gf_binary_surrogate(&draws, &distribution, &surrogate, &gradients, &sum, &squares)
      }
    }
  }
}

/// `h_1 - h_0` of every latent over a unit of its own.
struct BinaryGradients: Sendable {
  /// What an estimate of the kernel is to be multiplied by, `[D]`.
  let units: [Double]
  private let zero: AlignedTable<Float>?
  private let one: AlignedTable<Float>?
  private let base: AlignedTable<Float>?
  private let step: AlignedTable<Float>?
  private let power: Float

  /// Gradients at hard points.
  ///
  /// - Parameter gradients: `df/dz` with all latents at the same category, `[2][D][2]`.
  init?(gradients: [Double], latents: Int, scale: Double) {
    func gradient(_ code: Int, _ latent: Int) -> Double {
      gradients[2 * (code * latents + latent) + 1] - gradients[2 * (code * latents + latent)]
    }
    let units = (0..<latents).compactMap {
      FusedScale.above(max(abs(gradient(0, $0)), abs(gradient(1, $0))))
    }
    guard units.count == latents else { return nil }
    zero = AlignedTable((0..<latents).map { gradient(0, $0) / units[$0] })
    one = AlignedTable((0..<latents).map { gradient(1, $0) / units[$0] })
    base = nil
    step = nil
    power = 0
    self.units = units.map { scale * $0 }
  }

  /// Gradients at soft points of `s |v_0 + (v_1 - v_0) y_1 - c_d|^p`, which scale with the largest
  /// distance to the power `p - 1`.
  init?(_ cost: PowerDistances, scale: Double) {
    let rise = cost.levels[1] - cost.levels[0]
    let distances = cost.centres.map { centre in
      cost.levels.map { abs($0 - centre) }.max() ?? 0
    }
    let lengths = distances.compactMap(FusedScale.above)
    let units = lengths.map { scale * cost.scale * cost.power * rise * pow($0, cost.power - 1) }
    guard lengths.count == cost.centres.count, units.allSatisfy(\.isFinite) else { return nil }
    base = AlignedTable(lengths.indices.map { (cost.levels[0] - cost.centres[$0]) / lengths[$0] })
    step = AlignedTable(lengths.map { rise / $0 })
    zero = nil
    one = nil
    power = Float(cost.power)
    self.units = units
  }

  var view: gf_binary_gradients {
    gf_binary_gradients(
      gradient_zero: zero?.base, gradient_one: one?.base, base: base?.base, step: step?.base,
      power: power)
  }
}

/// Leave-one-out REINFORCE on binary latents under a separable cost.
struct BinaryLeaveOneOutKernel: RowKernel {
  /// Most samples of an estimate.
  static let sampleLimit = 32

  private let distribution: FusedDistribution
  private let samples: Int
  private let differences: AlignedTable<Float>
  private let units: [Double]

  /// - Parameters:
  ///   - terms: `F[D][2]` of the cost `sum_d F[d, z_d]`.
  ///   - scale: factor of `sum_i (f_i - fbar) z_i`.
  init?(distribution: FusedDistribution, terms: [Double], samples: Int, scale: Double) {
    let differences = (0..<distribution.latents).map { terms[2 * $0 + 1] - terms[2 * $0] }
    guard samples <= Self.sampleLimit,
      let unit = FusedScale.above(differences.reduce(0) { $0 + abs($1) })
    else { return nil }
    self.distribution = distribution
    self.samples = samples
    self.differences = AlignedTable(differences.map { $0 / unit })
    units = [Double](repeating: scale * unit, count: distribution.latents)
  }

  func sums(_ draws: gf_draws) -> (sum: [Double], squares: [Double]) {
    var draws = draws
    var distribution = self.distribution.view
    return binarySums(units: units) { sum, squares in
      withExtendedLifetime(self) {
        gf_binary_leave_one_out(
          &draws, &distribution, differences.base, Int32(samples), &sum, &squares)
      }
    }
  }
}

/// Sums of both categories from those of category 1, of which the other is the negative.
private func binarySums(
  units: [Double], kernel: (inout [Double], inout [Double]) -> Void
) -> (sum: [Double], squares: [Double]) {
  var one = [Double](repeating: 0, count: units.count)
  var squares = one
  kernel(&one, &squares)
  var result = (
    sum: [Double](repeating: 0, count: 2 * units.count),
    squares: [Double](repeating: 0, count: 2 * units.count)
  )
  for (latent, unit) in units.enumerated() {
    result.sum[2 * latent] = -unit * one[latent]
    result.sum[2 * latent + 1] = unit * one[latent]
    let square = unit * unit * squares[latent]
    result.squares[2 * latent] = square
    result.squares[2 * latent + 1] = square
  }
  return result
}
