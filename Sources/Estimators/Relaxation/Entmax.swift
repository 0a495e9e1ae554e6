import Discrete

/// The alpha-entmax map of one latent: sparsemax at `alpha = 2`, sparse and smooth at 1.5.
///
/// `y_i = [(alpha - 1) v_i - theta]_+^(1/(alpha - 1))` with `theta` such that the sum is 1; exact,
/// by sorting. Jacobian `diag(q) - q q^T / sum q`, `q = y^(2 - alpha)`: the indicator of the
/// support at 2, the square root of `y` at 1.5. Cost: `O(K log K)`. Source: Martins and Astudillo,
/// arXiv 1602.02068; Peters, Niculae and Martins, arXiv 1905.05702.
enum Entmax: String, CaseIterable {
  case sparsemax
  case entmax15 = "entmax-1.5"

  /// `entmax(v / tau)` of each run of `categories` values.
  func points(_ values: [Double], categories: Int, tau: Double) -> [Double] {
    margins(values, categories: categories, tau: tau).map {
      let inside = max($0, 0)
      return self == .sparsemax ? inside : inside * inside
    }
  }

  /// `(alpha - 1) v / tau - theta` of each run of `categories` values: above 0 in the support.
  func margins(_ values: [Double], categories: Int, tau: Double) -> [Double] {
    var margins: [Double] = []
    margins.reserveCapacity(values.count)
    for start in stride(from: 0, to: values.count, by: categories) {
      let own = values[start..<start + categories]
      let largest = own.max() ?? 0
      // Nothing further than 2 below the largest is in the support: the bound keeps numbers finite.
      margins += self.margins(of: own.map { $0 == largest ? 0 : max(($0 - largest) / tau, -8) })
    }
    return margins
  }

  /// Of values whose maximum is 0.
  private func margins(of values: [Double]) -> [Double] {
    let sorted = values.sorted(by: >)
    switch self {
    case .sparsemax:
      var sum = 0.0
      var threshold = 0.0
      for (index, value) in sorted.enumerated() {
        let next = (sum + value - 1) / Double(index + 1)
        if value <= next { break }
        sum += value
        threshold = next
      }
      return values.map { $0 - threshold }
    case .entmax15:
      var sum = 0.0
      var squares = 0.0
      var threshold = 0.0
      for (index, value) in sorted.enumerated() {
        let count = Double(index + 1)
        let half = 0.5 * value
        let mean = (sum + half) / count
        let spread = squares + half * half - count * mean * mean
        let next = mean - (max(0, 1 - spread) / count).squareRoot()
        if half <= next { break }
        sum += half
        squares += half * half
        threshold = next
      }
      return values.map { 0.5 * $0 - threshold }
    }
  }

  /// Writes `factor J h` into `out`, all read and written from `base`.
  func jacobianProduct(
    _ points: [Double], _ h: [Double], at base: Int, categories: Int, factor: Double,
    into out: inout [Double]
  ) {
    var total = 0.0
    var mean = 0.0
    for k in base..<base + categories {
      let q = weight(points[k])
      total += q
      mean += q * h[k]
    }
    mean /= total
    for k in base..<base + categories { out[k] = factor * weight(points[k]) * (h[k] - mean) }
  }

  @inline(__always)
  private func weight(_ point: Double) -> Double {
    switch self {
    case .sparsemax: point > 0 ? 1 : 0
    case .entmax15: point.squareRoot()
    }
  }
}
