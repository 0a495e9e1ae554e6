import Discrete

/// What rounding may make of one row's moments: the size of the terms that cancel in them, times
/// the unit roundoff and a factor for their number.
///
/// `||m' - m|| <= growth * size + cost`. The errors of entries of the second moments are at most
/// `growth * s_i s_j` with `||s|| = size`; what costs that are off by `cost` make of an estimate is a
/// part of the estimate itself. So the error of `tr(C G)` is at most
/// `(growth * size^2 + 2 cost own + cost^2) gram`.
struct RowRounding: Sendable {
  /// Unit roundoff times a factor for the number of terms.
  var growth: Double
  /// `sqrt(E ||g||^2)`, with the factor `1/B`.
  var own: Double
  /// The same plus the sizes of what cancels inside of `g`.
  var size: Double
  /// Bound of what the cost's own rounding makes of the mean, with the factor `1/B`.
  var cost: Double
  /// Bound of the largest eigenvalue of `G_b`, and of the matrix of its entries' sizes, on every
  /// part: 1 at the logits.
  var grams: [Double] = []

  var mean: Double { growth * size + cost }
  var second: Double { growth * size * size + (2 * own + cost) * cost }

  /// The same for estimates that are formed one by one: what an estimate is off by, `mean`, moves
  /// `E ||g||^2` by a product with the estimate's own size.
  var secondOfDraws: Double { growth * own * own + (2 * own + mean) * mean }

  static let unit = 0x1p-53

  /// Unit roundoff times `16 + 4 sqrt(n)` for sums of `n` terms, and times the logits' spread: an
  /// exponential's error grows with its argument.
  ///
  /// Errors of single terms have no common sign: they add up like `sqrt(n)`, here with four
  /// standard deviations; worst cases grow with `n` and do not happen in sums of this kind.
  static func growth(terms: Double, spread: Double) -> Double {
    unit * (16 + 4 * terms.squareRoot() + spread)
  }

  /// Range of the logits of a row at a temperature, latent by latent.
  static func spread(_ row: RowLogits, temperature: Double) -> Double {
    (0..<row.latents).reduce(0) { most, latent in
      let own = row.values[row.places(of: latent)]
      return max(most, ((own.max() ?? 0) - (own.min() ?? 0)) / temperature)
    }
  }

  /// Bounds on the largest eigenvalue of a Gram matrix: the lesser of its trace and its largest sum
  /// of a row's sizes.
  static func gram(_ matrix: [Double], width: Int) -> Double {
    var trace = 0.0
    var largest = 0.0
    for i in 0..<width {
      trace += matrix[i * width + i]
      var sum = 0.0
      for j in 0..<width { sum += abs(matrix[i * width + j]) }
      largest = max(largest, sum)
    }
    return min(trace, largest)
  }
}

extension RowRounding {
  /// Of one estimator's moments of one row.
  ///
  /// - Parameters:
  ///   - moments: what was found.
  ///   - sizes: of the costs.
  ///   - joint codes: the joint codes that were summed over, where they were: sizes are then means
  ///     under the distribution, not largest numbers.
  ///   - rows: `B`.
  init(
    _ estimator: any GradientEstimator, _ row: RowLogits, moments: RowMoments, sizes: CostSize,
    jointCodes: RowJointCodes?, rows: Int, grams: [Double]
  ) {
    let plan = estimator.plan
    let width = row.values.count
    var square = moments.mean.reduce(0) { $0 + $1 * $1 }
    for index in 0..<width { square += max(0, moments.covariance[index * (width + 1)]) }
    let terms = min(
      0x1p18, jointCodes.map { Double($0.count) * Double($0.count) } ?? 0x1p12)
    let uses = CostUse(estimator, row)
    var value = uses.value(sizes)
    var gradient = uses.gradient(sizes)
    if let jointCodes, !uses.beyondDistribution {
      value = Self.root(jointCodes.weights, jointCodes.values, width: 1)
      if plan.gradients {
        gradient = Self.root(jointCodes.weights, jointCodes.gradients, width: width)
      }
    }
    growth = Self.growth(terms: terms, spread: uses.spread)
    own = square.squareRoot() / Double(rows)
    size = own + (uses.valueGain * value + uses.gradientGain * gradient) / Double(rows)
    cost =
      (uses.valueGain * sizes.valueError + uses.gradientGain * sizes.gradientError) / Double(rows)
    self.grams = [1] + grams
  }

  /// `sqrt(sum_z q(z) ||v(z)||^2)`
  private static func root(_ weights: [Double], _ vectors: [Double], width: Int) -> Double {
    var sum = 0.0
    for (jointCode, weight) in weights.enumerated() where weight > 0 {
      var square = 0.0
      for index in jointCode * width..<(jointCode + 1) * width {
        square += vectors[index] * vectors[index]
      }
      sum += weight * square
    }
    return sum.squareRoot()
  }
}

extension RowRounding {
  /// Of the exact gradient of one row: `sum_z q(z) f(z) (z - q)` has terms of size `q |f|`.
  ///
  /// - Parameters:
  ///   - values: `f` of every joint code as they are summed.
  ///   - valueError: bound of the error of one.
  ///   - scale: factor of the sum.
  init(
    _ row: RowLogits, distribution: [Double], temperature: Double, values: [Double],
    valueError: Double,
    scale: Double
  ) {
    let joint = JointCodes(row.shape)
    let weights = joint.weights(distribution)
    var size = 0.0
    // As they are summed: without the level of the likeliest joint code.
    let level =
      values.isEmpty ? 0 : values[joint.index(of: row.likeliestCodes[...])]
    for (jointCode, weight) in weights.enumerated() {
      size += weight * abs(values[jointCode] - level)
    }
    growth = Self.growth(
      terms: Double(values.count), spread: Self.spread(row, temperature: temperature))
    // Terms below the least double vanish.
    let lost = values.isEmpty ? 0 : 0x1p-1022 * (values.map { abs($0 - level) }.max() ?? 0)
    self.size = scale * (2 * Double(row.latents)).squareRoot() * (size + lost)
    own = self.size
    cost = scale * valueError * Self.scoreSize(distribution, row.categories)
  }

  /// Of a formula: its terms are the size of the costs.
  init(
    closedForm row: RowLogits, _ size: CostSize, _ temperature: Double, _ shape: LayerShape
  ) {
    let scale = (2 * Double(row.latents)).squareRoot() / (temperature * Double(shape.rows))
    growth = Self.growth(
      terms: Double(shape.width), spread: Self.spread(row, temperature: temperature))
    self.size = scale * (size.spread + size.gradientSpread)
    own = self.size
    cost = scale * (size.valueError + size.gradientError)
  }

  /// Bound of `E ||z - q||`: what an error that all values may have moves a gradient by.
  static func scoreSize(_ distribution: [Double], _ categories: Int) -> Double {
    var rest = 0.0
    for start in stride(from: 0, to: distribution.count, by: categories) {
      let own = distribution[start..<start + categories]
      // The others' sum: 1 - p would be rounding where p is near 1.
      let largest = own.indices.max { own[$0] < own[$1] } ?? start
      rest += own.indices.reduce(0) { $1 == largest ? $0 : $0 + own[$1] }
    }
    return min(Double(distribution.count / categories).squareRoot(), 3 * rest)
  }
}

/// What an estimate is made of: by how much a cost may enter it.
struct CostUse {
  /// `||g||` for a cost of 1; 0 where no values are used.
  let valueGain: Double
  /// `||g||` for a `df/dz` of norm 1; 0 where none is used.
  let gradientGain: Double
  /// Of the distribution that is drawn from.
  let temperature: Double
  /// `RowRounding.spread` of the row.
  let spread: Double
  /// Whether costs are taken at points that the distribution does not draw, or weighs differently.
  let beyondDistribution: Bool
  /// What is taken out of the costs before.
  let ignored: CostConstants

  init(_ estimator: any GradientEstimator, _ row: RowLogits) {
    let plan = estimator.plan
    let temperature: Double = if case .sample(let own) = plan.distribution { own } else { 1 }
    self.temperature = temperature
    ignored = estimator.constantsIgnored(by: plan)
    spread = RowRounding.spread(row, temperature: temperature)
    // Estimators may ask for uniforms alone.
    let probes = plan.probes.flatMap { $0.codes > 0 || $0.soft > 0 ? $0 : nil }
    let values = plan.values || probes != nil
    let gradients =
      plan.gradients || plan.relaxed
      || probes.map { $0.codeGradients || $0.softGradients } ?? false
    // Scores are of length sqrt(2) a latent at most.
    valueGain = values ? (2 * Double(row.latents)).squareRoot() * max(1, 1 / temperature) : 0
    gradientGain = gradients ? max(1, estimator.traits.gradientGain) : 0
    beyondDistribution = probes != nil
  }

  /// The size of the values that enter.
  func value(_ sizes: CostSize) -> Double { ignored.contains(.level) ? sizes.spread : sizes.value }

  /// The size of the gradients that enter.
  func gradient(_ sizes: CostSize) -> Double {
    ignored.contains(.gradients) ? sizes.gradientSpread : sizes.gradient
  }
}
