import Discrete
import Foundation
import Tensors

/// The Gaussian measure of cells in several dimensions, `p_k = P(Q(z + s e) = k)` and
/// `dp_k/dz = E[1{Q = k} e] / s`: exact along lines, randomised quasi-Monte Carlo over them.
///
/// `e = t u + w` with a unit vector `u` of each replicate and `w` across it. Along `t` a cell is a few intervals,
/// whose normal measure is closed; over the `d - 1` variables of `w` a shifted lattice, each point with its mirror
/// image `-w`. Only distances to codes are taken. Replicates are independent.
package struct GaussianCells {
  /// Independent randomisations, whose spread is the error.
  package static let replicates = 16

  let unit: QuantiserUnit
  let width: Double
  /// Points of the lattice in each replicate, a power of two.
  let points: Int
  let key: RandomKey

  /// `p[K]` and `dp/dz[K][d]` of one replicate.
  struct Measure {
    var probabilities: [Double]
    var derivatives: [Double]
  }

  /// Every replicate at a point `[d]` in the space of the cells.
  ///
  /// Cost: for each point of the lattice two lines, each a product with all codes.
  func measures(at point: [Double]) -> [Measure] {
    (0..<Self.replicates).map { measure(at: point, replicate: $0) }
  }

  private func measure(at point: [Double], replicate: Int) -> Measure {
    let (count, dimension) = (unit.count, unit.dimension)
    let own = key.derived(UInt64(replicate))
    let normals = RandomStream(key: own, row: 0, site: 0).normals(from: 0, count: dimension)
    let across = Across(normals.map(Double.init))
    let offsets = RandomStream(key: own, row: 0, site: 1)
      .preciseUniforms(from: 0, count: dimension - 1)
    // Normals are unbounded at the ends of the cube: weights that vanish there keep the order of the rule.
    let rule =
      dimension - 1 <= Self.mostWeighted
      ? LatticeRule.few(points: points) : .several(points: points)
    let rest = RandomStream(key: own, row: 0, site: 2)
    var sum = Measure(
      probabilities: [Double](repeating: 0, count: count),
      derivatives: [Double](repeating: 0, count: count * dimension))
    let direction = across.direction
    var total = 0.0
    // Distances of all lines to all codes stand side by side: at most 32 MiB of them.
    let batch = max(1, min(1024, (1 << 21) / count))
    for first in stride(from: 0, to: rule.points, by: batch) {
      let range = first..<min(first + batch, rule.points)
      let lattice = LatticePoints(range, of: rule, offsets: offsets, rest: rest)
      var shifts: [Double] = []
      shifts.reserveCapacity(2 * range.count * dimension)
      for start in stride(from: 0, to: lattice.values.count, by: dimension - 1) {
        let w = across.vector(
          (start..<start + dimension - 1).map {
            StandardNormal.quantile(lattice.values[$0], complement: lattice.complements[$0])
          })
        shifts += w
        shifts += w.map { -$0 }
      }
      total += 2 * lattice.weights.reduce(0, +)
      let lines = shifts.indices.map { point[$0 % dimension] + width * shifts[$0] }
      unit.cells.forEachSegment(lines, direction: direction) { line, segment in
        let (low, high) = (segment.from / width, segment.to / width)
        let weight = lattice.weights[line / 2]
        let p = weight * StandardNormal.probability(low, high)
        let along = weight * (StandardNormal.density(low) - StandardNormal.density(high))
        sum.probabilities[segment.category] += p
        for axis in 0..<dimension {
          sum.derivatives[segment.category * dimension + axis] +=
            direction[axis] * along + shifts[line * dimension + axis] * p
        }
      }
    }
    // The weights average to 1 but for the error of the rule; divided by, probabilities sum to 1.
    let scale = 1 / total
    return Measure(
      probabilities: sum.probabilities.map { scale * $0 },
      derivatives: sum.derivatives.map { scale / width * $0 })
  }

  /// Most variables whose points are weighted: the variance of the weights, `1.2^d - 1`, forbids many.
  private static let mostWeighted = 4
}

/// A unit vector and the space across it: the reflection that takes the first axis to the vector takes the others to
/// a basis of that space (Householder).
private struct Across {
  let direction: [Double]
  private let normal: [Double]
  private let square: Double

  /// - Parameter vector: any vector; its direction is taken.
  init(_ vector: [Double]) {
    let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let unit =
      length > 0
      ? vector.map { $0 / length } : vector.indices.map { $0 == 0 ? 1 : 0 }
    direction = unit
    // Away from the first axis, so that nothing cancels; the sign of what is reflected does not matter.
    var normal = unit
    normal[0] += unit[0] < 0 ? -1 : 1
    self.normal = normal
    square = normal.reduce(0) { $0 + $1 * $1 }
  }

  /// The vector across with these coordinates, `[d - 1]`.
  func vector(_ coordinates: [Double]) -> [Double] {
    let own = [0] + coordinates
    let scale = 2 * zip(own, normal).reduce(0) { $0 + $1.0 * $1.1 } / square
    return zip(own, normal).map { $0 - scale * $1 }
  }
}
