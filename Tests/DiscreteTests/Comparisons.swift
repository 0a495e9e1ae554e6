import Discrete
import Tensors

/// A fixed list of numbers in `[-1, 1]`.
func fixedNumbers(_ count: Int, seed: UInt64) -> [Double] {
  RandomStream(key: RandomKey(seed: seed), row: 0, site: 0).uniforms(from: 0, count: count)
    .map { 2 * Double($0) - 1 }
}

/// Largest absolute difference; infinite where lengths differ or a difference is NaN.
func largestDifference(_ a: [Double], _ b: [Double]) -> Double {
  guard a.count == b.count else { return .infinity }
  var largest = 0.0
  for (x, y) in zip(a, b) {
    let difference = abs(x - y)
    if difference.isNaN { return .infinity }
    largest = max(largest, difference)
  }
  return largest
}

/// The message of the error that `body` throws; empty if it throws none.
func message(_ body: () throws -> Void) -> String {
  do {
    try body()
    return ""
  } catch {
    return "\(error)"
  }
}
