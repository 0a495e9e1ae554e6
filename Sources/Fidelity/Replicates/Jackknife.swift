/// Errors from values with one of several equal parts left out each.
enum Jackknife {
  /// `(R - 1)/R sum_r (x_r - mean x)^2`; 0 for less than two values.
  static func variance(_ values: [Double]) -> Double {
    guard values.count > 1 else { return 0 }
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    return (count - 1) / count * values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  }

  static func error(_ values: [Double]) -> Double { variance(values).squareRoot() }
}
