/// The standard error of `rel_bias` at other numbers of draws than those at hand.
///
/// With the deviation `d = E g - g*`, the variance of the debiased `||d||^2` from `n` draws is
/// `4 d^T S d / n + 2 tr(S^2) / n^2` for nearly normal means. Both terms are estimated without bias
/// from the block means: inner products of different blocks give `tr(S^2)`, products with the
/// deviation `d^T S d` and the share of its own noise.
struct BiasErrorForecast {
  /// `4 d^T S d` over the squared squared norm of the target.
  private let linear: Double
  /// `2 tr(S^2)` over the same.
  private let square: Double
  /// `||d||^2 / ||g*||^2`, cut at 0.
  private let bias: Double
  private let critical: Double

  /// - Parameter targetNoise: squared error of the target, 0 where it is exact.
  /// - Returns: nil where the target cannot be told from zero.
  init?(
    _ sums: SampledMeasurement, trace: Double, target: [Double], targetNoise: Double,
    level: Double
  ) {
    let norm = target.reduce(0) { $0 + $1 * $1 } - targetNoise
    guard norm > targetNoise, sums.blocks.count > 2 else { return nil }
    let count = Double(sums.blocks.count)
    let perBlock = Double(sums.drawsPerBlock)
    let mean = sums.mean
    let deviation = zip(mean, target).map { $0 - $1 }
    let blocks = sums.blocks.map { block in
      zip(block.gradient, mean).map { $0 / perBlock - $1 }
    }
    var products = 0.0
    var along = 0.0
    for (index, block) in blocks.enumerated() {
      for other in blocks[..<index] {
        let product = BiasErrorForecast.dot(block, other)
        products += product * product
      }
      let product = BiasErrorForecast.dot(block, deviation)
      along += product * product
    }
    // Block means are centred at the common mean, which takes a degree of freedom.
    let squares = products / (count * (count - 1) / 2)
    let aligned = max(along / (count - 1) - squares / count, 0)
    linear = 4 * aligned * perBlock / (norm * norm)
    square = 2 * squares * perBlock * perBlock / (norm * norm)
    let length = BiasErrorForecast.dot(deviation, deviation) - trace / Double(sums.draws)
    bias = max((length - targetNoise) / norm, 0)
    critical = StudentT.critical(level: level, degrees: count - 1)
  }

  /// The standard error with `draws` draws: the interval of the square, rooted, over `2t`.
  func error(_ draws: Int) -> Double {
    let count = Double(draws)
    let half = critical * (linear / count + square / (count * count)).squareRoot()
    let width = (bias + half).squareRoot() - max(bias - half, 0).squareRoot()
    return width / (2 * critical)
  }

  private static func dot(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  }
}
