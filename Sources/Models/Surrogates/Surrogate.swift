import Discrete

/// What a surrogate hands to the encoder and to the codes.
package struct SurrogateGradient: Sendable {
  /// At `z_e`, `[tokens][d]`.
  package var points: [Double]
  /// The task's gradient at each codebook, `[K][d']`, in the order of `Quantiser.codebooks`.
  package var codebooks: [[Double]]
}

/// A rule that carries the decoder's gradient `h = dL/dz_q` over a quantiser, which has none of its own.
///
/// Jacobians `dz_q/dz_e` have the output as row: the gradient is their transpose times `h`.
package protocol Surrogate: Sendable {
  /// Uniforms of one estimate; 0 where nothing is random.
  func uniforms(_ point: QuantisedPoint) -> Int

  /// One estimate.
  ///
  /// Cost: one gradient of the cost. Throws: `DiscreteError.notFinite` where the cost, or the rule, is not finite.
  func gradient(_ point: QuantisedPoint, uniforms: [Double]) throws -> SurrogateGradient
}

extension Surrogate {
  package func uniforms(_ point: QuantisedPoint) -> Int { 0 }
}

/// A surrogate with its name: a new one is a file and a line in `Surrogates.all`.
package struct SurrogateKind: Sendable {
  /// Name in study files, in kebab case.
  package let name: String
  package let summary: String
  package let parameters: [ParameterSpec]
  /// Quantisers that it is made for.
  package let quantisers: [Quantiser.Kind]
  package let make: @Sendable (ResolvedParameters) -> any Surrogate

  package init(
    _ name: String, _ summary: String, parameters: [ParameterSpec] = [],
    for quantisers: [Quantiser.Kind] = Quantiser.Kind.allCases,
    make: @escaping @Sendable (ResolvedParameters) -> any Surrogate
  ) {
    self.name = name
    self.summary = summary
    self.parameters = parameters
    self.quantisers = quantisers
    self.make = make
  }
}

package enum Surrogates {
  package static let all: [SurrogateKind] = [
    StraightThroughSurrogate.plain, StraightThroughSurrogate.clipped, StraightThroughSurrogate.fsq,
    StraightThroughSurrogate.tanh, StraightThroughSurrogate.hardTanh,
    StraightThroughSurrogate.dspike, StraightThroughSurrogate.reste, SynchronisedSurrogate.kind,
    RotationSurrogate.kind, DirectionSurrogate.diveq, DirectionSurrogate.nsvq,
    ResidualSurrogate.kind, ResidualSynchronisedSurrogate.kind,
  ]
}

extension Quantiser.Kind {
  /// Quantisers with codes of several coordinates, each the nearest of a codebook.
  package static let nearest: [Quantiser.Kind] = [.vq, .product, .multiHead]
}

extension QuantisedPoint {
  /// Calls `body` with each unit, the place of its first coordinate, and its category.
  package func forEachUnit(
    _ body: (_ unit: QuantiserUnit, _ index: Int, _ first: Int, _ category: Int) throws -> Void
  ) rethrows {
    for (latent, category) in quantiser.categories(of: points).enumerated() {
      let (unit, index, coordinates) = quantiser.unit(ofLatent: latent)
      try body(unit, index, coordinates.lowerBound, category)
    }
  }

  /// Gradients of 0 at every codebook.
  package var zeroCodebooks: [[Double]] {
    quantiser.codebooks.map { [Double](repeating: 0, count: $0.count) }
  }

  /// Adds a gradient of a unit's coordinates to the code that it chose: to that of every stage, for the sum of stages
  /// moves with each.
  package func add(
    _ gradient: [Double], unit: Int, category: Int, to codebooks: inout [[Double]]
  ) {
    let width = gradient.count
    func add(_ book: Int, _ code: Int) {
      for axis in 0..<width { codebooks[book][code * width + axis] += gradient[axis] }
    }
    guard quantiser.kind == .residual else {
      return add(codebooks.count == 1 ? 0 : unit, category)
    }
    for (stage, code) in stageCodes(category).enumerated() { add(stage, code) }
  }

  /// The code of every stage of a joint code.
  package func stageCodes(_ category: Int) -> [Int] {
    var rest = category
    return quantiser.codebooks.reversed().map { book in
      let count = book.count / quantiser.dimension
      defer { rest /= count }
      return rest % count
    }.reversed()
  }
}
