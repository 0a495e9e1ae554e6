import Discrete
import Estimators
import Foundation
import Models
import Tensors
import Testing

/// Surrogates against forwards with their frozen parts, by central differences, and against small cases by hand.
@Suite struct SurrogateTests {
  private static func numbers(_ label: String, _ count: Int) -> [Double] {
    RandomStream(key: RandomKey(seed: 8).derived(label), row: 0, site: 0)
      .normals(from: 0, count: count).map(Double.init)
  }

  private static func point(_ quantiser: Quantiser, _ points: [Double]) -> QuantisedPoint {
    let size = points.count
    return QuantisedPoint(
      quantiser: quantiser, points: points,
      decoder: VectorCost(
        size: size,
        form: .tanhNetwork(
          inputWeights: numbers("weights", 5 * size), offset: numbers("offset", 5),
          output: numbers("output", 5), constant: 0.3)))
  }

  private static let vq = point(
    .nearest(
      kind: .product, dimension: 4, codebooks: [numbers("a", 8), numbers("b", 6)], groups: 2),
    [0.4, -0.3, 1.1, 0.2, -0.8, 0.5, 0.1, -0.6])
  private static let stages = [numbers("s1", 8), numbers("s2", 8), numbers("s3", 8)]
  private static let residual = point(
    .residual(dimension: 2, codebooks: stages), [0.4, -0.3, -1.1, 0.7])

  private func surrogate(
    _ name: String, _ parameters: [String: ParameterValue] = [:]
  ) throws -> any Surrogate {
    try #require(try EstimatorRegistry.make(name, parameters).surrogate)
  }

  /// Central differences of the cost along a forward of `z_e` whose frozen parts do not move.
  private func difference(
    _ point: QuantisedPoint, _ forward: ([Double]) -> [Double]
  ) throws -> [Double] {
    try point.points.indices.map { axis in
      let step = 1e-5
      let values = try [-1.0, 1].map { sign in
        var moved = point.points
        moved[axis] += sign * step
        return try point.decoded(forward(moved)).value
      }
      return (values[1] - values[0]) / (2 * step)
    }
  }

  private func close(_ a: [Double], _ b: [Double], _ tolerance: Double = 1e-8) -> Bool {
    zip(a, b).allSatisfy { abs($0 - $1) < tolerance }
  }

  @Test func straightThroughMovesTheCode() throws {
    let point = Self.vq
    let shift = zip(point.quantised, point.points).map { $0 - $1 }
    let own = try surrogate("straight-through").estimate(point)
    try #expect(
      close(own.points, difference(point) { zip($0, shift).map { $0 + $1 } }))
    #expect(own.codebooks.flatMap(\.self).allSatisfy { $0 == 0 })
  }

  /// `R z = q`, `R^T R` is a multiple of the identity, and the gradient is `R^T h`.
  @Test func rotationTakesPointsToTheirCodes() throws {
    let (z, q) = ([0.4, -0.3, 1.1], [0.1, 0.2, -0.3])
    let jacobian = try RotationSurrogate.jacobian(z, to: q)
    let image = matrixProduct(jacobian, z, m: 3, n: 1, k: 3)
    #expect(close(image, q, 1e-14))
    let square = matrixProduct(jacobian, jacobian, m: 3, n: 3, k: 3, transposeA: true)
    let scale = 0.14 / 1.46
    #expect(close(square, [scale, 0, 0, 0, scale, 0, 0, 0, scale], 1e-14))
    let own = try surrogate("rotation").estimate(Self.vq)
    let point = Self.vq
    try #expect(
      close(
        own.points,
        difference(point) { moved in
          var image = moved
          point.forEachUnit { unit, _, first, category in
            let range = first..<first + unit.dimension
            let jacobian = try? RotationSurrogate.jacobian(
              Array(point.points[range]), to: Array(unit.vector(category)))
            image.replaceSubrange(
              range,
              with: matrixProduct(
                jacobian ?? [], Array(moved[range]), m: unit.dimension, n: 1, k: unit.dimension))
          }
          return image
        }))
    #expect(throws: DiscreteError.self) { try RotationSurrogate.jacobian([0, 0], to: [1, 0]) }
    #expect(throws: DiscreteError.self) { try RotationSurrogate.jacobian([1, 0], to: [-2, 0]) }
  }

  /// `z + ||q - z|| v` with `v` frozen, in `z` and in the codes.
  @Test(arguments: ["diveq", "nsvq"]) func directionsKeepTheDistance(_ name: String) throws {
    for point in [Self.vq, Self.residual] {
      let surrogate = try surrogate(name)
      let count = surrogate.uniforms(point)
      #expect((count == 0) == (name == "diveq"))
      let uniforms = RandomStream(key: RandomKey(seed: 4), row: 0, site: 0)
        .preciseUniforms(from: 0, count: count)
      let own = try surrogate.estimate(point, uniforms: uniforms)
      // The direction of each unit, from the uniforms alone.
      var next = uniforms[...]
      var directions: [[Double]] = []
      point.forEachUnit { unit, _, first, category in
        let step = zip(unit.vector(category), point.points[first..<first + unit.dimension])
          .map { $0 - $1 }
        let length = step.reduce(0) { $0 + $1 * $1 }.squareRoot()
        if name == "diveq" {
          directions.append(step.map { $0 / length })
        } else {
          let angle = 2 * Double.pi * (next.first ?? 0)
          next = next.dropFirst()
          directions.append([cos(angle), sin(angle)])
        }
      }
      func forward(_ moved: [Double], shift: (unit: Int, axis: Int, by: Double)? = nil) -> [Double]
      {
        var image = moved
        var place = 0
        point.forEachUnit { unit, _, first, category in
          var code = Array(unit.vector(category))
          if let shift, shift.unit == place { code[shift.axis] += shift.by }
          let length = (0..<unit.dimension).reduce(0.0) {
            let step = code[$1] - moved[first + $1]
            return $0 + step * step
          }.squareRoot()
          for axis in 0..<unit.dimension { image[first + axis] += length * directions[place][axis] }
          place += 1
        }
        return image
      }
      try #expect(close(own.points, difference(point) { forward($0) }, 1e-7))
      // All gradients of codes together: each unit's step moves its own.
      var total = point.zeroCodebooks
      var place = 0
      try point.forEachUnit { unit, index, _, category in
        let gradient = try (0..<unit.dimension).map { axis in
          let values = try [-1e-5, 1e-5].map {
            try point.decoded(forward(point.points, shift: (place, axis, $0))).value
          }
          return (values[1] - values[0]) / 2e-5
        }
        point.add(gradient, unit: index, category: category, to: &total)
        place += 1
      }
      #expect(close(own.codebooks.flatMap(\.self), total.flatMap(\.self), 1e-7))
    }
  }

  /// The factors of the conventions: 1, the number of stages, 1.
  @Test func residualConventionsDifferByTheirFactors() throws {
    let h = try Self.residual.decoded(Self.residual.quantised).gradient
    for (convention, factor) in [("graph-kept", 1.0), ("detached-summed", 3), ("one-ste", 1)] {
      let own = try surrogate("residual", ["convention": .text(convention)])
        .estimate(Self.residual)
      #expect(close(own.points, h.map { factor * $0 }, 1e-14), "\(convention)")
      let sync = try surrogate(
        "residual-sync", ["convention": .text(convention), "nu": .number(2)]
      ).estimate(Self.residual)
      #expect(close(sync.points, own.points, 1e-14))
      let sums = sync.codebooks.map { book in
        (0..<2).map { axis in stride(from: axis, to: book.count, by: 2).reduce(0) { $0 + book[$1] }
        }
      }
      let whole = (0..<2).map { 2 * (h[$0] + h[2 + $0]) }
      for (stage, sum) in sums.enumerated() {
        let isDead = convention == "graph-kept" && stage < 2
        #expect(close(sum, isDead ? [0, 0] : whole, 1e-14), "\(convention), stage \(stage)")
      }
    }
  }

  /// Rotations inside the stages, with the residual kept in the graph or detached, by differences of a forward that
  /// holds each stage's rotation.
  @Test(arguments: ["graph-kept", "detached-summed"])
  func rotatedStagesMatchTheirForward(_ convention: String) throws {
    let point = Self.residual
    let own = try surrogate(
      "residual", ["convention": .text(convention), "inner": .text("rotation")]
    ).estimate(point)
    let expected = try difference(point) { moved in
      var image: [Double] = []
      point.forEachUnit { _, _, first, category in
        var (rest, held) = (
          Array(moved[first..<first + 2]), Array(point.points[first..<first + 2])
        )
        var sum = [0.0, 0]
        for (book, code) in zip(Self.stages, point.stageCodes(category)) {
          let vector = Array(book[2 * code..<2 * code + 2])
          let jacobian = (try? RotationSurrogate.jacobian(held, to: vector)) ?? []
          let output = matrixProduct(jacobian, rest, m: 2, n: 1, k: 2)
          for axis in 0..<2 {
            sum[axis] += output[axis]
            rest[axis] -= convention == "graph-kept" ? output[axis] : vector[axis]
            held[axis] -= vector[axis]
          }
        }
        image += sum
      }
      return image
    }
    #expect(close(own.points, expected, 1e-7))
  }

  /// Factors of the coordinate-wise rules at a few coordinates, by hand.
  @Test func scalarFactorsByHand() throws {
    let points = [0.05, 0.4, -0.8, 1.2, -1.7, 0.2]
    let sign = Self.point(.sign(dimension: 6), points)
    let h = try sign.decoded(sign.quantised).gradient
    func factors(_ name: String, _ parameters: [String: ParameterValue] = [:]) throws -> [Double] {
      zip(try surrogate(name, parameters).estimate(sign).points, h).map { $0 / $1 }
    }
    try #expect(close(factors("clipped", ["c": .number(0.8)]), [1, 1, 1, 0, 0, 1], 1e-14))
    try #expect(close(factors("hardtanh"), [1, 1, 1, 0, 0, 1], 1e-14))
    try #expect(
      close(factors("tanh"), points.map { 1 - Foundation.tanh($0) * Foundation.tanh($0) }))
    func dspike(_ z: Double) -> Double { 3 / (2 * Foundation.tanh(1.5)) / pow(cosh(3 * z), 2) }
    let expected = [dspike(0.05), dspike(0.4), 0, 0, 0, dspike(0.2)]
    try #expect(close(factors("dspike", ["b": .number(3)]), expected))
    try #expect(
      close(
        factors("reste"),
        [sqrt(0.1) / 0.1] + [0.4, 0.8, 1.2].map { 0.5 / sqrt($0) } + [0, 0.5 / sqrt(0.2)]))
  }

  /// `b / floor(L/2)` is what the decoder sees: its derivative by differences.
  @Test func boundedRoundingKeepsTheBound() throws {
    let point = Self.point(.fsq(levels: [5, 4, 2], epsilon: 0.001), [0.7, -0.2, 0.1])
    let shift = zip(point.quantised, point.quantiser.bypassed(point.points)).map { $0 - $1 }
    let own = try surrogate("fsq").estimate(point)
    try #expect(
      close(
        own.points,
        difference(point) { zip(point.quantiser.bypassed($0), shift).map { $0 + $1 } }))
  }
}
