import Discrete
import Foundation
import Tensors

/// Estimates of a soft forward as a function of its noise: `D (K - 1)` uniforms are the perturbed
/// logits (`GumbelRace`), and `D K` more the fresh noise of an estimator that has some.
///
/// Up to six variables: lattices of 2^13, 2^15, 2^17 and, for smooth integrands, 2^19 points a shift, in
/// turn, 11 million estimates at most. With fresh noise: the same numbers. More: one lattice of 2^13
/// points.
struct RaceIntegrand: LatticeIntegrand {
  let latents: Int
  let categories: Int
  let hasFreshNoise: Bool
  /// Errors fall slowly at kinks: the largest lattice would take seconds and gain little.
  private let isSmooth: Bool
  private let races: [GumbelRace]
  private let evaluate: @Sendable (RowDraws) throws -> [Double]

  /// - Parameters:
  ///   - locations: `phi / T`, the locations of the Gumbel noise.
  ///   - noiseWidth: see `GradientEstimator.noiseWidth`.
  ///   - isSmooth: `GradientEstimator.smoothInNoise`.
  ///   - estimates: one estimate a draw, from perturbed logits and fresh noise.
  init(
    latents: Int, categories: Int, locations: [Double], noiseWidth: Double, hasFreshNoise: Bool,
    isSmooth: Bool, estimates: @escaping @Sendable (RowDraws) throws -> [Double]
  ) {
    self.latents = latents
    self.categories = categories
    self.hasFreshNoise = hasFreshNoise
    self.isSmooth = isSmooth
    evaluate = estimates
    // The weights of many stretched variables would vary too much.
    let isStretched = latents * (categories - 1) <= LatticeRule.fewVariables
    races = stride(from: 0, to: latents * categories, by: categories).map {
      GumbelRace(
        locations: locations[$0..<$0 + categories], width: isStretched ? noiseWidth : nil)
    }
  }

  var width: Int { latents * categories }
  var variables: Int { latents * (categories - 1) + (hasFreshNoise ? width : 0) }
  var strata: [Double] { [1] }
  var precision: Double { 300 }

  /// Variables of a layer with fresh noise.
  static func variables(_ shape: LayerShape) -> Int {
    shape.latents * (2 * shape.categories - 1)
  }

  var rules: [[LatticeRule]] {
    let few = LatticeRule.few.prefix(isSmooth ? LatticeRule.few.count : LatticeRule.few.count - 1)
    if variables <= LatticeRule.fewVariables { return few.map { [$0] } }
    guard hasFreshNoise else { return [[.many]] }
    return few.map { [.several(points: $0.points)] }
  }

  func estimates(_ stratum: Int, _ points: inout LatticePoints) throws -> [Double] {
    let free = categories - 1
    var draws = RowDraws(count: points.count)
    draws.perturbed.reserveCapacity(points.count * width)
    for place in 0..<points.count {
      for (latent, race) in races.enumerated() {
        let base = place * variables + latent * free
        points.weights[place] *= race.append(to: &draws.perturbed) {
          (points.values[base + $0], points.complements[base + $0])
        }
      }
    }
    if hasFreshNoise {
      draws.freshNoise.reserveCapacity(points.count * width)
      for place in 0..<points.count {
        let base = place * variables + latents * free
        for index in base..<base + width {
          draws.freshNoise.append(
            gumbel(points.values[index], complement: points.complements[index]))
        }
      }
    }
    return try evaluate(draws)
  }
}

/// `-log(-log u)`.
func gumbel(_ uniform: Double, complement: Double) -> Double {
  -log(uniform < 0.5 ? -log(uniform) : -log1p(-complement))
}
