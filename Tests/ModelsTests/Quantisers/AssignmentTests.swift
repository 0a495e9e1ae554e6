import Discrete
import Foundation
import Models
import Tensors
import Testing

/// Distributions of codes against finite differences, draws and limits.
@Suite struct AssignmentTests {
  private static func numbers(_ label: String, _ count: Int) -> [Double] {
    RandomStream(key: RandomKey(seed: 6).derived(label), row: 0, site: 0)
      .normals(from: 0, count: count).map(Double.init)
  }

  static let scalars: [(Quantiser, [Double])] = [
    (
      .scalar(
        levels: [[-1, -0.5, 0.2, 1], [-1, 1]], walls: [[-0.7, -0.1, 0.6], [0.1]]), [0.3, -0.2]
    ),
    (.fsq(levels: [5, 4], epsilon: 0.001), [0.8, -0.4]),
    (.sign(dimension: 2), [0.4, -1.3]),
    (.residual(dimension: 1, codebooks: [[-1, 1], [-0.6, 0.7, 0.1]]), [0.2]),
  ]

  private static let vectors: [(Quantiser, [Double])] = [
    (.nearest(kind: .vq, dimension: 2, codebooks: [numbers("vq", 12)], groups: 1), [0.3, -0.2]),
    (
      .nearest(kind: .multiHead, dimension: 6, codebooks: [numbers("heads", 15)], groups: 2),
      [0.3, -0.2, 0.4, -0.5, 0.1, 0]
    ),
    (
      .residual(dimension: 2, codebooks: [numbers("first", 8), numbers("second", 6)]), [0.3, -0.2]
    ),
  ]

  private func assignment(
    _ setting: (Quantiser, [Double]), _ smoothing: Smoothing, width: Double = 0.4,
    points: [Double]? = nil, latticePoints: Int = 4096
  ) -> Assignment {
    Assignment(
      setting.0, at: points ?? setting.1, smoothing: smoothing, width: width, isRelative: true,
      key: RandomKey(seed: 3), latticePoints: latticePoints)
  }

  /// Fourth-order central differences of every log-probability.
  private func differencesHold(
    _ setting: (Quantiser, [Double]), _ smoothing: Smoothing, tolerance: Double
  ) {
    let quantiser = setting.0
    let own = assignment(setting, smoothing)
    let bound = quantiser.boundDerivatives(setting.1)
    for axis in setting.1.indices {
      let step = 1e-3
      let around = [-2.0, -1, 1, 2].map { share in
        var moved = setting.1
        moved[axis] += share * step
        return assignment(setting, smoothing, points: moved).units
      }
      for (index, unit) in quantiser.units.enumerated() {
        let first = unit.coordinates.lowerBound
        for category in 0..<unit.count {
          let p = around.map { exp($0[index].logProbabilities[category]) }
          let expected = (8 * (p[2] - p[1]) - (p[3] - p[0])) / (12 * step)
          let found =
            unit.coordinates.contains(axis)
            ? exp(own.units[index].logProbabilities[category]) * bound[axis]
              * own.units[index].scores[category * unit.dimension + axis - first] : 0
          #expect(
            abs(found - expected) < tolerance,
            "\(quantiser.kind) \(smoothing), \(axis), \(category)")
        }
      }
    }
  }

  @Test(arguments: scalars.indices) func gaussianScalarsMatchDifferences(_ index: Int) {
    differencesHold(Self.scalars[index], .gaussian, tolerance: 1e-8)
  }

  @Test(arguments: scalars.indices.dropLast()) func softScalarsMatchDifferences(_ index: Int) {
    differencesHold(Self.scalars[index], .soft, tolerance: 1e-8)
  }

  /// The same randomisation at all points: what differs is the point.
  @Test(arguments: vectors.indices) func vectorsMatchDifferences(_ index: Int) {
    let setting = Self.vectors[index]
    differencesHold(setting, .gaussian, tolerance: setting.1.count == 2 ? 2e-4 : 2e-3)
    if setting.0.hasSoftAssignment { differencesHold(setting, .soft, tolerance: 1e-8) }
  }

  /// Four million draws, and the score `1{Q = k} e / s` for the derivative: `|z| < 5`, wrong in 1 of about 17,000 runs
  /// over 30 numbers. The key is fixed.
  @Test(arguments: [0, 1, 2]) func vectorsMatchDraws(_ index: Int) {
    let setting = Self.vectors[index]
    let own = assignment(setting, .gaussian)
    let draws = 1 << 22
    for (place, unit) in setting.0.units.enumerated() where place == 0 {
      let dimension = unit.dimension
      let width = setting.0.widths(0.4, isRelative: true)[place]
      let point = Array(setting.1[unit.coordinates])
      let stream = RandomStream(key: RandomKey(seed: 9), row: 0, site: index)
      var counts = [Double](repeating: 0, count: unit.count)
      var sums = [Double](repeating: 0, count: unit.count * dimension)
      var squares = sums
      for start in stride(from: 0, to: draws, by: 1 << 16) {
        let noise = stream.normals(from: UInt64(start * dimension), count: dimension << 16)
        for draw in 0..<1 << 16 {
          let e = noise[draw * dimension..<(draw + 1) * dimension].map(Double.init)
          let category = unit.cells.category(of: zip(point, e).map { $0 + width * $1 })
          counts[category] += 1
          for axis in 0..<dimension {
            sums[category * dimension + axis] += e[axis]
            squares[category * dimension + axis] += e[axis] * e[axis]
          }
        }
      }
      let count = Double(draws)
      for category in 0..<unit.count {
        let p = exp(own.units[place].logProbabilities[category])
        let error = max((p * (1 - p) / count).squareRoot(), 1 / count)
        #expect(abs(counts[category] / count - p) < 5 * error, "p of \(category)")
        for axis in 0..<dimension {
          let index = category * dimension + axis
          let mean = sums[index] / count
          let spread = ((squares[index] / count - mean * mean) / count).squareRoot()
          #expect(
            abs(mean / width - p * own.units[place].scores[index])
              < 5 * max(spread, 1 / count) / width, "derivative of \(category) along \(axis)")
        }
      }
    }
  }

  /// The spread of the replicates is the error: few points against many, `|z| < 5`.
  @Test(arguments: [0, 1, 2]) func replicatesTellTheError(_ index: Int) {
    let setting = Self.vectors[index]
    let few = assignment(setting, .gaussian, latticePoints: 256)
    let many = assignment(setting, .gaussian, latticePoints: 1 << 15)
    #expect(few.replicates.count == GaussianCells.replicates)
    for (place, unit) in setting.0.units.enumerated() {
      for category in 0..<unit.count {
        let values = few.replicates.map { exp($0[place].logProbabilities[category]) }
        let mean = values.reduce(0, +) / Double(values.count)
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let error = (Double(values.count - 1) / Double(values.count) * squares).squareRoot()
        let gap =
          exp(few.units[place].logProbabilities[category])
          - exp(many.units[place].logProbabilities[category])
        #expect(abs(gap) <= 5 * error + 1e-9, "\(setting.0.kind), \(category): \(gap), \(error)")
        #expect(error < 1e-2)
      }
    }
  }

  /// Far beyond the smallest double the logarithms are those of the tail, and nothing is NaN.
  @Test func smallWidthsKeepTheirLogarithms() {
    let setting = Self.scalars[0]
    let own = assignment(setting, .gaussian, width: 0.001)
    for unit in own.units {
      #expect(unit.logProbabilities.allSatisfy { $0.isFinite })
      #expect(unit.scores.allSatisfy { $0.isFinite })
    }
    // The cell of 0.3 is that of level 0.2, from -0.1 to 0.6; its wall at 0.6 is 450 widths away: log p = -z^2/2 - log z
    // - log(2 pi)/2 but for 1/z^2.
    let cell = setting.0.units[0].cell
    let z = (0.6 - 0.3) / (0.001 * cell)
    let expected = -0.5 * z * z - log(z) - 0.5 * log(2 * Double.pi) - 1 / (z * z)
    #expect(abs(own.units[0].logProbabilities[3] - expected) < 1e-6 * abs(expected))
    #expect(abs(own.units[0].logProbabilities[2]) < 1e-300)
    // d log p/dz = z/s in the tail.
    #expect(
      abs(own.units[0].scores[3] * 0.001 * cell / z - 1) < 1e-4)
  }

  /// For small widths the derivative is the step across the nearest wall: `phi((t - z)/s)/s` times the difference.
  @Test func smallWidthsSeeTheNearestWall() {
    let quantiser = Quantiser.nearest(
      kind: .vq, dimension: 2, codebooks: [[-1, 0, 1, 0, 0, 8]], groups: 1)
    let point = [-0.05, -3.0]
    let own = Assignment(
      quantiser, at: point, smoothing: .gaussian, width: 0.02, isRelative: false,
      key: RandomKey(seed: 2))
    let expected = exp(-0.5 * 2.5 * 2.5) / (2 * Double.pi).squareRoot() / 0.02
    let found = exp(own.units[0].logProbabilities[1]) * own.units[0].scores[2]
    #expect(abs(found - expected) < 1e-7 * expected)
    #expect(own.units[0].logProbabilities[2] == UnitAssignment.impossible)
    #expect(own.units[0].scores[4] == 0)
  }
}
