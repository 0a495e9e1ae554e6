import Foundation

extension IntervalMethod {
  /// Whatever has no interval of its own: the jackknife over blocks.
  public static let jackknife = IntervalMethod(
    "jackknife-t", "jackknife errors over blocks times Student's quantile")
}

/// Turns raw values and their replicates into numbers with intervals.
struct IntervalForming {
  let level: Double

  /// A number without error.
  func exact(_ metric: Metric, scope: String, value: Double) -> FidelityNumber {
    FidelityNumber(
      scope: scope, metric: metric, value: value, standardError: 0, low: value, high: value,
      level: nil, interval: IntervalMethod.exact.name, moments: .exact, draws: nil, resolved: nil,
      isMissing: value.isNaN)
  }

  /// Exact moments: the error is the bound of rounding and, of a quadrature, the most that the number
  /// changes within its errors.
  func exact(
    _ metric: Metric, scope: String, statistics: ScopeStatistics, coarse: [ScopeStatistics]
  ) -> FidelityNumber {
    let value = shown(metric, statistics.raw(metric))
    var number = exact(metric, scope: scope, value: value)
    if !coarse.isEmpty {
      let error = change(metric, value, coarse)
      number.standardError = error
      number.low = value - error
      number.high = value + error
      number.interval = IntervalMethod.quadratureStep.name
      number.moments = .quadrature
    }
    return rounded(number, statistics)
  }

  /// The number with what rounding may have made of it.
  ///
  /// Bounds widen the interval: those of finite sums and quadratures always, those of sampled numbers
  /// where they are no less than a millionth of its half. A bias is resolved where 0 is beyond
  /// both.
  func rounded(_ number: FidelityNumber, _ statistics: ScopeStatistics) -> FidelityNumber {
    var number = number
    switch statistics.roundingEffect(number.metric) {
    case .missing:
      (number.value, number.standardError) = (.nan, .nan)
      (number.low, number.high) = (.nan, .nan)
      number.resolved = nil
      number.isMissing = true
    case .endless(let low):
      (number.value, number.standardError) = (.infinity, .nan)
      (number.low, number.high) = (low, low.isNaN ? .nan : .infinity)
    case .error(let bound):
      let isSampled = IntervalMethod.named(number.interval)?.isBound != true
      let error = RoundingBound.powerOfTwo(bound)
      if number.metric.isBias {
        number.resolved = number.resolved != false && number.low - error > 0
      }
      let isSeen = !isSampled || error > 0x1p-20 * (number.high - number.low) / 2
      number.widen(by: isSeen ? error : 0)
    }
    if statistics.isCostRoundingLarge(number) { number.warnings.insert(.rounding) }
    return number
  }

  /// The most that a number changes within the errors of a quadrature.
  private func change(_ metric: Metric, _ value: Double, _ coarse: [ScopeStatistics]) -> Double {
    coarse.reduce(0) { most, other in
      let change = abs(value - shown(metric, other.raw(metric)))
      return change > most && change.isFinite ? change : most
    }
  }

  /// A randomised quadrature: the stated error is a bound like that of the others, `latticeErrors` of the
  /// standard errors over the random shifts, and what rounding may add.
  func randomised(
    _ number: FidelityNumber, coarse: [ScopeStatistics]
  ) -> FidelityNumber {
    var bound = number
    bound.moments = .quadrature
    bound.draws = nil
    guard !number.isMissing else { return bound }
    bound.standardError =
      Self.latticeErrors * number.standardError + change(number.metric, number.value, coarse)
    bound.low = min(number.low, number.value - bound.standardError)
    bound.high = max(number.high, number.value + bound.standardError)
    if number.metric.isBias {
      bound.resolved = number.resolved == true && number.value > bound.standardError
    }
    return bound
  }

  /// A number that was integrated and is held against a sampled target: the bound of the integration
  /// moves the ends of the target's interval apart.
  func integrated(
    _ number: FidelityNumber, _ statistics: ScopeStatistics, coarse: [ScopeStatistics]
  ) -> FidelityNumber {
    guard !coarse.isEmpty, !number.isMissing else { return number }
    let error = change(
      number.metric, shown(number.metric, statistics.raw(number.metric)), coarse)
    var wider = number
    wider.widen(by: error)
    if number.metric.isBias { wider.resolved = number.resolved == true && number.low - error > 0 }
    return wider
  }

  /// Student's distribution with 15 degrees has 3 in 1,000 beyond.
  static let latticeErrors = 3.5

  /// Monte Carlo: the jackknife over blocks of estimates and, for sampled targets, over theirs.
  ///
  /// The interval is formed for the raw form, which is nearly normal, and carried over to roots.
  func jackknife(
    _ metric: Metric, scope: String, full: ScopeStatistics, withoutBlock: [ScopeStatistics],
    withoutTargetBlock: [ScopeStatistics], draws: Int
  ) -> FidelityNumber {
    let replicates = [withoutBlock, withoutTargetBlock].map { $0.map { $0.raw(metric) } }
    let plain = full.raw(metric)
    // Ratios of unbiased sums are off by O(1/n); the jackknife takes that out (Quenouille 1956).
    let value =
      metric.descriptor.isRatio
      ? replicates.reduce(plain) { $0 + jackknifeCorrection(plain, $1) } : plain
    let variance = replicates.reduce(0) { $0 + jackknifeVariance($1) }
    let degrees = Double(max(withoutBlock.count, withoutTargetBlock.count) - 1)
    let critical = StudentT.critical(level: level, degrees: max(degrees, 1))
    let half = critical * variance.squareRoot()
    var number = FidelityNumber(
      scope: scope, metric: metric, value: shown(metric, value),
      standardError: variance.squareRoot(), low: shown(metric, value - half),
      high: shown(metric, value + half), level: level, interval: IntervalMethod.jackknife.name,
      moments: .monteCarlo, draws: draws, resolved: metric.isBias ? value - half > 0 : nil)
    if metric.descriptor.isRoot {
      number.standardError = (number.high - number.low) / (2 * critical)
    }
    return number
  }

  /// Monte Carlo: the interval of the metric's own kind, or the plain jackknife where blocks are too
  /// few for it.
  func sampled(
    _ metric: Metric, _ scope: ScopeReplicates, _ own: SampledScope?, draws: Int
  ) -> FidelityNumber {
    let number =
      own?.number(metric)
      ?? jackknife(
        metric, scope: scope.scope, full: scope.full, withoutBlock: scope.withoutBlock,
        withoutTargetBlock: scope.withoutTargetBlock, draws: draws)
    return rounded(number, scope.full)
  }

  /// The mean of independent draws, with Student's interval.
  ///
  /// - Parameter replicates: the mean with each block left out of what all draws share (a sampled
  ///   target); its jackknife takes bias out of the mean and adds to its variance, with degrees of
  ///   freedom by Satterthwaite (1946).
  func mean(
    _ metric: Metric, scope: String, of values: [Double], replicates: [Double] = []
  ) -> FidelityNumber {
    let n = Double(values.count)
    let plain = values.reduce(0, +) / n
    let squares = values.reduce(0) { $0 + ($1 - plain) * ($1 - plain) }
    let own = squares / (n * (n - 1))
    let shared = jackknifeVariance(replicates)
    var degrees = n - 1
    if shared > 0 {
      let sum = own + shared
      degrees =
        sum * sum
        / (own * own / (n - 1) + shared * shared / Double(replicates.count - 1))
    }
    let mean = plain + jackknifeCorrection(plain, replicates)
    let error = (own + shared).squareRoot()
    let half = StudentT.critical(level: level, degrees: degrees) * error
    return FidelityNumber(
      scope: scope, metric: metric, value: mean, standardError: error, low: mean - half,
      high: mean + half, level: level, interval: IntervalMethod.student.name, moments: .monteCarlo,
      draws: values.count, resolved: nil, isMissing: values.contains(where: \.isNaN))
  }

  /// The metric as it is shown.
  func shown(_ metric: Metric, _ raw: Double) -> Double {
    // max(0, NaN) would hide a missing norm.
    guard metric.descriptor.isRoot else { return raw }
    return raw.isNaN ? raw : max(raw, 0).squareRoot()
  }

  private func jackknifeCorrection(_ value: Double, _ replicates: [Double]) -> Double {
    guard replicates.count > 1 else { return 0 }
    let count = Double(replicates.count)
    return (count - 1) * (value - replicates.reduce(0, +) / count)
  }

  func jackknifeVariance(_ replicates: [Double]) -> Double {
    Jackknife.variance(replicates)
  }
}

extension FidelityNumber {
  /// Moves the ends of the interval apart by a bound; what cannot be negative ends at 0.
  fileprivate mutating func widen(by bound: Double) {
    standardError += bound
    low -= bound
    high += bound
    if metric.descriptor.cannotBeNegative, value >= 0 { low = max(low, 0) }
  }
}
