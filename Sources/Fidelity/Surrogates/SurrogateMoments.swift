import Discrete
import Models
import Tensors

/// Mean and variance of one estimate of a surrogate: what it returns where nothing is random, an integral over its
/// noise by randomly shifted lattices else.
struct SurrogateMoments: Sendable {
  struct Part: Sendable {
    /// Of every coordinate of `z_e`, and of every codebook one after the other.
    var points, codebooks: [Double]
    /// Population variances; 0 where nothing is random.
    var pointVariances, codebookVariances: [Double]
  }

  let pooled: Part
  /// The same with each shift left out; empty where nothing is random.
  let replicates: [Part]

  static let shifts = 16
  /// Points of the lattice in each shift.
  static let points = 1 << 13

  /// Cost: a gradient of the cost; `shifts * points` of them where there is noise.
  init(_ surrogate: any Surrogate, at point: QuantisedPoint, key: RandomKey) throws {
    let count = surrogate.uniforms(point)
    guard count > 0 else {
      let own = try surrogate.gradient(point, uniforms: [])
      let codebooks = own.codebooks.flatMap(\.self)
      pooled = Part(
        points: own.points, codebooks: codebooks, pointVariances: own.points.map { _ in 0 },
        codebookVariances: codebooks.map { _ in 0 })
      replicates = []
      return
    }
    let sums = try (0..<Self.shifts).map { shift in
      try Self.sums(surrogate, point, variables: count, key: key.derived(UInt64(shift)))
    }
    let sizes = (point.points.count, point.quantiser.codebooks.reduce(0) { $0 + $1.count })
    pooled = Self.part(sums, sizes: sizes)
    replicates = sums.indices.map { left in
      Self.part(sums.indices.filter { $0 != left }.map { sums[$0] }, sizes: sizes)
    }
  }

  /// Mean and mean square of every number under one shift.
  private typealias Sums = (mean: [Double], square: [Double])

  private static func sums(
    _ surrogate: any Surrogate, _ point: QuantisedPoint, variables: Int, key: RandomKey
  ) throws -> Sums {
    let offsets = RandomStream(key: key, row: 0, site: 0)
      .preciseUniforms(from: 0, count: variables)
    let lattice = LatticePoints(
      0..<Self.points, of: .several(points: Self.points), offsets: offsets,
      rest: RandomStream(key: key, row: 0, site: 1))
    var sums: Sums = ([], [])
    for index in 0..<Self.points {
      let own = try surrogate.gradient(
        point, uniforms: Array(lattice.values[index * variables..<(index + 1) * variables]))
      let numbers = own.points + own.codebooks.flatMap(\.self)
      if sums.mean.isEmpty {
        sums = (numbers.map { _ in 0 }, numbers.map { _ in 0 })
      }
      for (place, value) in numbers.enumerated() {
        sums.mean[place] += value / Double(Self.points)
        sums.square[place] += value * value / Double(Self.points)
      }
    }
    return sums
  }

  private static func part(_ sums: [Sums], sizes: (points: Int, codebooks: Int)) -> Part {
    let scale = 1 / Double(sums.count)
    let mean = sums[0].mean.indices.map { index in
      scale * sums.reduce(0) { $0 + $1.mean[index] }
    }
    let variance = mean.indices.map { index in
      max(0, scale * sums.reduce(0) { $0 + $1.square[index] } - mean[index] * mean[index])
    }
    return Part(
      points: Array(mean[..<sizes.points]), codebooks: Array(mean[sizes.points...]),
      pointVariances: Array(variance[..<sizes.points]),
      codebookVariances: Array(variance[sizes.points...]))
  }

  /// The jackknife's standard error of a number; 0 where nothing is random.
  func error(_ function: (Part) -> Double) -> Double { Jackknife.error(replicates.map(function)) }

  /// The same of every number of a part.
  func errors(_ part: (Part) -> [Double]) -> [Double] {
    let all = replicates.map(part)
    return part(pooled).indices.map { index in Jackknife.error(all.map { $0[index] }) }
  }
}
