import Foundation
import Synchronization

/// Nodes and weights for `E f(E)`, `E ~ Exp(1)`, exact for smooth functions of `log E`.
///
/// The double-exponential map `E = exp(y - e^{-y})` (Takahasi and Mori 1974) with the trapezoidal
/// rule in `y`: both tails of the weight fall double-exponentially.
struct ExponentialGrid: Sendable {
  let logs: [Double]
  let weights: [Double]

  init(step: Double) {
    // The map bends the strip of analyticity, hence the finer step.
    self.init(fine: 0.6 * step, from: -3.7, through: 3.75)
  }

  /// The rule with a step in `y`, cut off to the multiples of it within bounds.
  init(fine: Double, from lowest: Double, through highest: Double) {
    var logs: [Double] = []
    var weights: [Double] = []
    var index = (lowest / fine).rounded(.up)
    while index * fine <= highest {
      let y = index * fine
      let bend = exp(-y)
      let logE = y - bend
      let value = exp(logE)
      let weight = fine * value * (1 + bend) * exp(-value)
      if weight > 1e-18 {
        logs.append(logE)
        weights.append(weight)
      }
      index += 1
    }
    let total = weights.reduce(0, +)
    self.logs = logs
    self.weights = weights.map { $0 / total }
  }

  private static let cache = Mutex<[Double: ExponentialGrid]>([:])

  /// The grid of a step, made once.
  static func shared(step: Double) -> ExponentialGrid {
    cache.withLock { cache in
      if let grid = cache[step] { return grid }
      let grid = ExponentialGrid(step: step)
      cache[step] = grid
      return grid
    }
  }
}
