import Discrete
import Foundation

/// `f(y) = s sum_d |u_d|^p` with `u_d = sum_k v_k y[d, k] - c_d` and `s = 1/D` unless given.
///
/// Gradient: `s p sign(u_d) |u_d|^(p-1) v_k`, taken as 0 at `u_d = 0`.
public struct AbsolutePowerCost: SharedCost {
  public let latents: Int
  public let categories: Int
  private let power: Double
  private let levels: [Double]
  private let centres: [Double]
  private let scale: Double

  /// - Parameters:
  ///   - power: `p`, at least 1.
  ///   - levels: `v[K]`.
  ///   - centres: `c[D]`.
  ///   - scale: `s`; nil for the mean over latents.
  /// - Throws: `DiscreteError.parameter` for `p < 1`; `.shape` or `.notFinite` for unusable
  ///   coefficients.
  public init(power: Double, levels: [Double], centres: [Double], scale: Double? = nil) throws {
    guard power.isFinite, power >= 1 else {
      throw DiscreteError.parameter("p must be a finite number of at least 1, found \(power)")
    }
    let scale = scale ?? 1 / Double(max(1, centres.count))
    try checkCoefficients("v", levels, count: levels.count)
    try checkCoefficients("c", centres, count: centres.count)
    try checkCoefficients("scale", [scale], count: 1)
    latents = centres.count
    categories = levels.count
    self.power = power
    self.levels = levels
    self.centres = centres
    self.scale = scale
  }

  public var traits: CostTraits {
    CostTraits(
      separableTerms: centres.flatMap { centre in levels.map { term($0 - centre) } },
      form: .powers(
        PowerDistances(power: power, levels: levels, centres: centres, scale: scale)),
      kinks: kinks)
  }

  /// `u_d = 0` of every latent: a jump of the gradient at `p = 1`, a bend else, none for even powers.
  private var kinks: [CostKink] {
    guard power.truncatingRemainder(dividingBy: 2) != 0 else { return [] }
    return centres.enumerated().map { latent, centre in
      CostKink(latents: [latent], weights: levels.map { $0 - centre })
    }
  }

  public func evaluate(_ points: CostPoints, count: Int, gradients: Bool) -> CostBlock {
    var block = CostBlock(
      values: [Double](repeating: 0, count: count),
      gradients: [Double](repeating: 0, count: gradients ? count * width : 0))
    for point in 0..<count {
      var value = 0.0
      for latent in 0..<latents {
        let u = residual(points, point * latents + latent, centre: centres[latent])
        value += term(u)
        if gradients {
          let derivative = derivative(u)
          let start = (point * latents + latent) * categories
          for category in 0..<categories {
            block.gradients[start + category] = derivative * levels[category]
          }
        }
      }
      block.values[point] = value
    }
    return block
  }

  private func residual(_ points: CostPoints, _ position: Int, centre: Double) -> Double {
    switch points {
    case .hard(let codes):
      return levels[Int(codes[position])] - centre
    case .soft(let soft):
      var sum = 0.0
      for category in 0..<categories {
        sum += levels[category] * soft[position * categories + category]
      }
      return sum - centre
    }
  }

  private func term(_ u: Double) -> Double {
    scale * (power == 2 ? u * u : pow(abs(u), power))
  }

  private func derivative(_ u: Double) -> Double {
    if power == 2 { return scale * 2 * u }
    guard u != 0 else { return 0 }
    let size = scale * power * pow(abs(u), power - 1)
    return u < 0 ? -size : size
  }
}
