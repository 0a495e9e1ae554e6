import Discrete
import Foundation

/// `f(y) = w2 . tanh(W1 y + b1) + b2`. Gradient: `W1' (w2 (1 - tanh^2))`.
public struct TanhNetworkCost: SharedCost {
  public let latents: Int
  public let categories: Int
  private let input: PointMap
  private let offset: [Double]
  private let output: [Double]
  private let constant: Double

  /// - Parameters:
  ///   - inputWeights: `W1[H][D K]`, row-major.
  ///   - inputOffset: `b1[H]`.
  ///   - outputWeights: `w2[H]`.
  ///   - constant: `b2`.
  /// - Throws: `DiscreteError.shape` or `.notFinite` for unusable coefficients.
  private let gradientTermSize: Double

  public init(
    latents: Int, categories: Int, inputWeights: [Double], inputOffset: [Double],
    outputWeights: [Double], constant: Double
  ) throws {
    let hidden = outputWeights.count
    try checkCoefficients("W1", inputWeights, count: hidden * latents * categories)
    try checkCoefficients("b1", inputOffset, count: hidden)
    try checkCoefficients("w2", outputWeights, count: hidden)
    try checkCoefficients("b2", [constant], count: 1)
    self.latents = latents
    self.categories = categories
    input = PointMap(inputWeights, outputs: hidden, latents: latents, categories: categories)
    offset = inputOffset
    output = outputWeights
    self.constant = constant
    // Terms `|w2 W1|` of every entry: units of opposite signs cancel in it.
    let width = latents * categories
    gradientTermSize = (0..<width).reduce(0.0) { square, entry in
      let terms = (0..<hidden).reduce(0.0) {
        $0 + abs(outputWeights[$1] * inputWeights[$1 * width + entry])
      }
      return square + terms * terms
    }.squareRoot()
  }

  public var traits: CostTraits {
    CostTraits(
      termSize: output.reduce(abs(constant)) { $0 + abs($1) }, gradientTermSize: gradientTermSize)
  }

  public func evaluate(_ points: CostPoints, count: Int, gradients: Bool) -> CostBlock {
    let hidden = output.count
    var activations = input.apply(points, count: count, offset: offset)
    var values = [Double](repeating: constant, count: count)
    for point in 0..<count {
      for unit in 0..<hidden {
        let a = tanh(activations[point * hidden + unit])
        values[point] += output[unit] * a
        activations[point * hidden + unit] = output[unit] * (1 - a * a)
      }
    }
    return CostBlock(
      values: values, gradients: gradients ? input.pullBack(activations, count: count) : [])
  }
}
