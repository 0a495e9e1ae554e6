import Discrete

/// A power of two that brings the statistics of a scope to the size of 1, so that products of squares
/// neither overflow nor vanish: numbers of scaled gradients are then the same bits.
struct ScopeScale {
  /// Gradients are in units of `2^exponent`.
  let exponent: Int

  /// The largest and smallest size whose squares, and those of parts far below, are doubles.
  static let range = 0x1p-440...0x1p480

  /// - Throws: `DiscreteError.unsupported` for numbers whose squares are beyond doubles.
  static func check(largest: Double, of what: String) throws {
    guard largest > 0, !range.contains(largest) else { return }
    throw DiscreteError.unsupported(
      "the \(what) have numbers of size \(largest), whose squares are beyond float64; multiply all of them by a power of two that brings them near 1: no ratio changes"
    )
  }

  /// - Parameter statistics: on all sides that are held against each other.
  init(_ statistics: [ScopeStatistics]) {
    let largest = statistics.reduce(0) {
      max($0, $1.difference, $1.mean, $1.target, abs($1.trace))
    }
    // A square's exponent: halves are rounded down alike at every scale.
    exponent = largest > 0 && largest.isFinite ? Int(largest.exponent) >> 1 : 0
  }

  func scaled(_ scope: ScopeReplicates) -> ScopeReplicates {
    guard exponent != 0 else { return scope }
    var forms = scope.forms
    forms.estimates = forms.estimates.map(scaled)
    forms.target = forms.target.map(scaled)
    forms.cross = forms.cross.map(square)
    return ScopeReplicates(
      scope: scope.scope, full: scaled(scope.full), withoutBlock: scope.withoutBlock.map(scaled),
      withoutTargetBlock: scope.withoutTargetBlock.map(scaled), coarse: scope.coarse.map(scaled),
      forms: forms, traceError: square(scope.traceError))
  }

  /// The number in the gradient's own unit.
  func unscaled(_ number: FidelityNumber) -> FidelityNumber {
    let power = number.metric.descriptor.unit.power
    guard exponent != 0, power != 0 else { return number }
    var number = number
    func moved(_ value: Double) -> Double { value.scaled(byPowerOfTwo: power * exponent) }
    number.value = moved(number.value)
    number.standardError = moved(number.standardError)
    number.low = moved(number.low)
    number.high = moved(number.high)
    return number
  }

  private func square(_ value: Double) -> Double { value.scaled(byPowerOfTwo: -2 * exponent) }

  private func scaled(_ statistics: ScopeStatistics) -> ScopeStatistics {
    var result = statistics
    result.difference = square(statistics.difference)
    result.mean = square(statistics.mean)
    result.dot = square(statistics.dot)
    result.target = square(statistics.target)
    result.trace = square(statistics.trace)
    result.meanNoise = square(statistics.meanNoise)
    result.targetNoise = square(statistics.targetNoise)
    result.rounding = statistics.rounding.scaled(exponent)
    return result
  }

  private func scaled(_ forms: BlockForms) -> BlockForms {
    BlockForms(
      count: forms.count, gram: forms.gram.map(square), withMean: forms.withMean.map(square),
      withTarget: forms.withTarget.map(square))
  }
}

/// `<a, b> / (||a|| ||b||)` from the inner product and the squared norms, whose product may be beyond
/// the range of doubles.
func cosine(_ dot: Double, _ square: Double, _ other: Double) -> Double {
  func half(_ value: Double) -> Int {
    value > 0 && value.isFinite ? Int(value.exponent) >> 1 : 0
  }
  let (i, j) = (half(square), half(other))
  return dot.scaled(byPowerOfTwo: -i).scaled(byPowerOfTwo: -j)
    / (square.scaled(byPowerOfTwo: -2 * i) * other.scaled(byPowerOfTwo: -2 * j)).squareRoot()
}
