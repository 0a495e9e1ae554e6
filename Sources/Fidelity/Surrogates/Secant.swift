import Discrete
import Models

/// T3: the slope of the quantised cost along a surrogate's own gradient, by a difference of two evaluations, and the
/// slope that the surrogate promises.
struct Secant: Sendable {
  /// `h`, in the space of the cells' coordinates `z_e`.
  let step: Double
  /// The unit vector of the straight-through gradient at `z_e`; through the bound, where coordinates are bounded.
  let direction: [Double]
  /// `[L(Q(z + h d)) - L(Q(z - h d))] / 2h`.
  let slope: Double
  /// The norm of the surrogate's gradient.
  let promised: Double
  /// Categories at both ends.
  let ahead, behind: [Int]

  /// - Parameter relativeStep: `h` as a multiple of the mean cell.
  /// - Throws: `DiscreteError.notFinite` where the cost is not.
  init(_ point: QuantisedPoint, relativeStep: Double) throws {
    let quantiser = point.quantiser
    let widths = quantiser.widths(1, isRelative: true)
    step = relativeStep * widths.reduce(0, +) / Double(widths.count)
    let gradient = zip(
      try point.decoded(point.quantised).gradient, quantiser.decoderDerivatives(point.points)
    ).map { $0 * $1 }
    let norm = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let unit = gradient.map { norm > 0 ? $0 / norm : 0 }
    let length = step
    let ends = [1.0, -1].map { sign in
      quantiser.categories(of: zip(point.points, unit).map { $0 + sign * length * $1 })
    }
    (promised, direction) = (norm, unit)
    (ahead, behind) = (ends[0], ends[1])
    let values = try ends.map { try point.decoded(quantiser.vectors($0)).value }
    slope = (values[0] - values[1]) / (2 * length)
  }
}
