import Discrete
import Tensors

/// Estimates of a soft forward as a function of its noise: `D (K - 1)` uniforms are the perturbed
/// logits (`GumbelRace`), and `D K` more the fresh noise of an estimator that has some.
///
/// Up to six variables: lattices of 2^13, 2^15, 2^17 and, for smooth integrands, 2^19 points a shift, in
/// turn, 11 million estimates at most. With fresh noise: the same numbers. More: one lattice of 2^13
/// points. Rows of a batch share these numbers: their lattices begin and end smaller.
struct RaceIntegrand: LatticeIntegrand {
  let shape: LayerShape
  let hasFreshNoise: Bool
  let rules: [[LatticeRule]]
  private let races: [GumbelRace]
  private let evaluate: @Sendable (RowDraws) throws -> [Double]

  /// - Parameters:
  ///   - row: `phi`; the Gumbel noise is located at `phi / T`.
  ///   - noiseWidth: see `GradientEstimator.noiseWidth`.
  ///   - isSmooth: `GradientEstimator.smoothInNoise`.
  ///   - allowance: of the row's points.
  ///   - estimates: one estimate a draw, from perturbed logits and fresh noise.
  init(
    _ row: RowLogits, temperature: Double, noiseWidth: Double, hasFreshNoise: Bool,
    isSmooth: Bool, allowance: PointAllowance,
    estimates: @escaping @Sendable (RowDraws) throws -> [Double]
  ) {
    shape = row.shape
    self.hasFreshNoise = hasFreshNoise
    evaluate = estimates
    // The weights of many stretched variables would vary too much.
    let isStretched = shape.freeCategories <= LatticeRule.fewVariables
    races = (0..<row.latents).map {
      GumbelRace(
        locations: row.values[row.places(of: $0)].map { $0 / temperature },
        width: isStretched ? noiseWidth : nil)
    }
    let variables = Self.variables(shape, freshNoise: hasFreshNoise)
    if variables > LatticeRule.fewVariables && !hasFreshNoise {
      rules = [[.many]]
    } else {
      let few = variables <= LatticeRule.fewVariables
      rules = Self.turns(isSmooth: isSmooth, allowance).map {
        [few ? .few(points: 1 << $0) : .several(points: 1 << $0)]
      }
    }
  }

  var width: Int { shape.width }
  var variables: Int { Self.variables(shape, freshNoise: hasFreshNoise) }
  var strata: [Double] { [1] }
  var precision: Double { 300 }

  static func variables(_ shape: LayerShape, freshNoise: Bool) -> Int {
    shape.freeCategories + (freshNoise ? shape.packedWidth : 0)
  }

  /// Most points of a turn, with all shifts.
  static let mostPoints = 1 << 23

  /// Fewest points that such a layer is integrated with, with all shifts.
  static func fewestPoints(_ shape: LayerShape, freshNoise: Bool) -> Int {
    let isLong = !freshNoise && variables(shape, freshNoise: false) > LatticeRule.fewVariables
    return ShiftedLattice.shifts * (isLong ? LatticeRule.many.points : LatticeRule.fewestPoints)
  }

  /// Logarithms of the points of each turn. Errors fall slowly at kinks: the largest lattice would take
  /// seconds and gain little.
  private static func turns(isSmooth: Bool, _ allowance: PointAllowance) -> [Int] {
    let most = allowance.points(isSmooth ? mostPoints : mostPoints / 4) / ShiftedLattice.shifts
    let turns = stride(from: max(LatticeRule.fewest, 13 - allowance.earlier), through: 19, by: 2)
      .filter { 1 << $0 <= most }
    return turns.isEmpty ? [LatticeRule.fewest] : turns
  }

  func estimates(_ stratum: Int, _ points: inout LatticePoints) throws -> [Double] {
    var draws = RowDraws(count: points.count)
    draws.perturbed.reserveCapacity(points.count * width)
    for place in 0..<points.count {
      var base = place * variables
      for (latent, race) in races.enumerated() {
        points.weights[place] *= race.append(to: &draws.perturbed) {
          (points.values[base + $0], points.complements[base + $0])
        }
        let size = shape.categories(of: latent)
        draws.perturbed += repeatElement(-.infinity, count: shape.categories - size)
        base += size - 1
      }
    }
    if hasFreshNoise {
      var noise: [Double] = []
      noise.reserveCapacity(points.count * shape.packedWidth)
      for place in 0..<points.count {
        for index in place * variables + shape.freeCategories..<(place + 1) * variables {
          noise.append(gumbel(points.values[index], complement: points.complements[index]))
        }
      }
      draws.freshNoise = shape.padded(noise, filling: 0)
    }
    return try evaluate(draws)
  }
}
