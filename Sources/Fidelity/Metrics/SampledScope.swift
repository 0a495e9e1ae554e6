/// The numbers of one scope whose estimates, or target, were sampled: each with the interval that
/// its own kind of noise asks for.
///
/// Squared norms of differences get score intervals (`NormSpread`), ratios Fieller sets, variances
/// intervals on the logarithm. Student's quantile throughout, as variances come from a few blocks.
struct SampledScope {
  let level: Double
  let scope: ScopeReplicates
  let forms: ScopeForms
  let draws: Int
  let critical: Double
  /// The block's contribution to `tr(S)` minus its mean, by group; empty where nothing was drawn.
  let traceShares: [Double]
  /// What is known of the variance of `tr(S)` beyond that of its shares: rare and large estimates that
  /// too few blocks show.
  private let hiddenVariance: Double
  /// `tr(Sigma^2)` of the mean of the estimates, of a sampled target, and between the two.
  private let traces: (own: Double, target: Double, cross: Double)
  /// `m - g*`
  let bias: NormSpread
  /// `m`
  let mean: NormSpread
  /// `Var(||g*||^2) / ||g*||^4`
  let normVariance: Double
  let angle: AngleSet

  /// Nil where there are fewer than four blocks on a side, too few for these intervals.
  init?(_ scope: ScopeReplicates, level: Double, draws: Int) {
    let forms = scope.forms
    guard forms.estimates != nil || forms.target != nil,
      (forms.estimates?.count ?? 4) >= 4, (forms.target?.count ?? 4) >= 4
    else { return nil }
    self.level = level
    self.scope = scope
    self.forms = forms
    self.draws = draws
    // Forms are those of at most 32 groups of blocks.
    let degrees = max(forms.estimates?.count ?? 0, forms.target?.count ?? 0) - 1
    critical = StudentT.critical(level: level, degrees: Double(max(degrees, 1)))
    let traces = (own: forms.ownTrace, target: forms.targetTrace, cross: forms.crossTrace)
    self.traces = traces
    traceShares = Self.shares(scope, groups: forms.estimates?.count ?? 0)
    hiddenVariance = max(
      scope.traceError * scope.traceError - Self.form(traceShares), 0)
    let full = scope.full
    let own = forms.estimates?.withDifference ?? []
    let other = forms.target?.withDifference ?? []
    bias = NormSpread(
      null: 2 * (traces.own + traces.target + 2 * traces.cross),
      first: Self.form(own) + Self.form(other),
      second: (forms.estimates?.squaredForm(own) ?? 0)
        + (forms.target?.squaredForm(other) ?? 0) + 2 * forms.crossForm(own, other),
      square: full.difference)
    let withMean = forms.estimates?.withMean ?? []
    mean = NormSpread(
      null: 2 * traces.own, first: Self.form(withMean),
      second: forms.estimates?.squaredForm(withMean) ?? 0, square: full.mean)
    let norm = full.target - full.targetNoise
    let targetVariance = 2 * traces.target + 4 * Self.form(forms.target?.withTarget ?? [])
    normVariance = norm > 0 ? targetVariance / (norm * norm) : 0
    angle = AngleSet(full: full, forms: forms, critical: critical)
  }

  /// `theta^ = ||m - g*||^2`, debiased.
  var theta: Double { scope.full.raw(.biasSquared) }
  var norm: Double { scope.full.raw(.targetNorm) }
  var meanSquare: Double { scope.full.raw(.estimateNorm) }

  static func form(_ products: [Double]) -> Double {
    products.isEmpty ? 0 : BlockForms.form(products, products)
  }

  static func shares(_ scope: ScopeReplicates, groups: Int) -> [Double] {
    guard groups > 0 else { return [] }
    let without = scope.withoutBlock.map(\.trace)
    let average = without.reduce(0, +) / Double(without.count)
    let shares = without.map { Double(without.count - 1) * (average - $0) }
    return BlockForms.groups(blocks: shares.count).map { range in
      shares[range].reduce(0, +) / Double(range.count)
    }
  }

  /// The metric with its interval, numbers that are not debiased with that of their debiased form;
  /// nil for metrics that are not functions of the moments.
  func number(_ metric: Metric) -> FidelityNumber? {
    metric.descriptor.form.map { $0.interval(self, metric, $0.raw(scope.full)) }
  }

  /// A root of `theta + share tr(S)`, by the norm of the target.
  func relativeRoot(_ metric: Metric, _ value: Double, share: Double) -> FidelityNumber {
    rooted(
      metric, value, divided(biasInterval(share: share), value * norm, by: norm, normVariance),
      .score)
  }

  func interval(_ spread: NormSpread, at estimate: Double) -> (low: Double, high: Double) {
    NormSpread.interval(
      estimate, null: spread.null, variance: spread.variance(at: estimate),
      slope: spread.slope,
      critical: critical)
  }

  /// The interval of `theta + share tr(S) = share mse + (1 - share) theta`.
  func biasInterval(share: Double) -> (low: Double, high: Double) {
    guard share > 0, forms.estimates != nil else {
      let ends = interval(bias, at: theta)
      return (ends.low + share * scope.full.trace, ends.high + share * scope.full.trace)
    }
    let ratio = share / (1 - share)
    let influence = squaredErrorShares
    let own = forms.estimates?.withDifference ?? []
    // Where theta is not told from zero, its first-order term is noise and covaries with nothing.
    let square = scope.full.difference
    let known = square > 0 ? min(max(theta / square, 0), 1).squareRoot() : 0
    let covariance = 2 * BlockForms.form(own, influence) * known
    let separate = bias.null + ratio * ratio * (Self.form(influence) + hiddenVariance)
    let null = max(separate + 2 * ratio * covariance, 0.25 * separate)
    let ends = NormSpread.interval(
      theta, null: null, variance: null + bias.rate * max(theta, 0), slope: bias.slope,
      critical: critical)
    let error = share * scope.full.raw(.mse)
    return (error + (1 - share) * ends.low, error + (1 - share) * ends.high)
  }

  /// Each group's share in `mse = mean ||g_i - g*||^2`, minus its mean.
  private var squaredErrorShares: [Double] {
    zip(traceShares, forms.estimates?.withDifference ?? []).map { $0 + 2 * $1 }
  }

  /// Of `tr(S)`.
  private var traceVariance: Double { Self.form(traceShares) + hiddenVariance }

  var meanSquaredErrorVariance: Double {
    let target = Self.form(forms.target?.withDifference ?? [])
    return Self.form(squaredErrorShares) + hiddenVariance + 4 * target
      + 2 * (traces.target + 2 * traces.cross)
  }

  /// Ends of `x / d` from those of `x`, with the variance `spread` of `d` relative to `d^2` added.
  func divided(
    _ ends: (low: Double, high: Double), _ estimate: Double, by divisor: Double, _ spread: Double
  ) -> (low: Double, high: Double) {
    guard spread > 0 else { return (ends.low / divisor, ends.high / divisor) }
    let added = critical * critical * spread * estimate * estimate
    let below = ((estimate - ends.low) * (estimate - ends.low) + added).squareRoot()
    let above = ((ends.high - estimate) * (ends.high - estimate) + added).squareRoot()
    return ((estimate - below) / divisor, (estimate + above) / divisor)
  }

  func variance(_ metric: Metric, _ value: Double) -> FidelityNumber {
    let trace = scope.full.trace
    // The mean's own noise enters at second order, and alone where the squares do not vary.
    let relative =
      trace > 0 ? (traceVariance + 2 * traces.own).squareRoot() / trace : 0
    return made(
      metric, value, LogInterval.ends(value, relative: relative, critical: critical),
      error: value * relative, .logarithm)
  }

  /// `||g*||^2`; nil where the target is exact.
  var targetSpread: NormSpread? {
    forms.target.map { target in
      NormSpread(
        null: 2 * traces.target, first: Self.form(target.withTarget),
        second: target.squaredForm(target.withTarget), square: scope.full.target)
    }
  }

  /// A number without error.
  func exact(_ metric: Metric, _ value: Double) -> FidelityNumber {
    IntervalForming(level: level).exact(metric, scope: scope.scope, value: value)
  }

  /// The number with the plain jackknife over blocks.
  func jackknife(_ metric: Metric) -> FidelityNumber {
    IntervalForming(level: level).jackknife(
      metric, scope: scope.scope, full: scope.full, withoutBlock: scope.withoutBlock,
      withoutTargetBlock: scope.withoutTargetBlock, draws: draws)
  }

  /// `||m||^2 / tr(S)`
  var snrSet: (low: Double, high: Double) {
    let trace = scope.full.trace
    let withMean = forms.estimates?.withMean ?? []
    let covariance = traceShares.isEmpty ? 0 : 2 * BlockForms.form(withMean, traceShares)
    return QuadraticSet.ratio(
      numerator: meanSquare, denominator: trace, critical: critical, c0: mean.null,
      c1: mean.rate * trace - 2 * covariance, c2: traceVariance)
  }

  /// `<m, g*> / ||m||^2`: the influence of `m` is `g* - c m`, split into the residual as found and
  /// the part along `m` at the value under test.
  var scaleSet: (low: Double, high: Double) {
    let full = scope.full
    let found = full.mean > 0 ? full.dot / full.mean : 0
    let along = forms.estimates?.withMean ?? []
    let residual = zip(forms.estimates?.withTarget ?? [], along).map { $0 - found * $1 }
    let cross = along.isEmpty ? 0 : BlockForms.form(residual, along)
    return QuadraticSet.ratio(
      numerator: full.dot, denominator: meanSquare, critical: critical,
      c0: Self.form(residual) + Self.form(forms.target?.withMean ?? []), c1: -2 * cross,
      c2: Self.form(along) + traces.own)
  }

  func roots(_ ends: (low: Double, high: Double)) -> (low: Double, high: Double) {
    (max(ends.low, 0).squareRoot(), max(ends.high, 0).squareRoot())
  }

  func rooted(
    _ metric: Metric, _ value: Double, _ ends: (low: Double, high: Double), _ method: IntervalMethod
  ) -> FidelityNumber {
    var number = made(
      metric, value.isNaN ? value : max(value, 0).squareRoot(), roots(ends), method)
    if metric.isBias { number.resolved = ends.low > 0 }
    return number
  }

  func made(
    _ metric: Metric, _ value: Double, _ ends: (low: Double, high: Double),
    error: Double? = nil, _ method: IntervalMethod
  ) -> FidelityNumber {
    FidelityNumber(
      scope: scope.scope, metric: metric, value: value,
      standardError: error ?? (ends.high - ends.low) / (2 * critical), low: ends.low,
      high: ends.high, level: level, interval: method.name, moments: .monteCarlo, draws: draws,
      resolved: metric.isBias ? ends.low > 0 : nil)
  }
}

extension ScopeForms {
  /// `tr(Sigma^2)` of the mean of the estimates.
  var ownTrace: Double {
    estimates.map { BlockForms.traceOfSquare($0.gram, count: $0.count) } ?? 0
  }
  /// `tr(Sigma_r^2)` of a sampled target.
  var targetTrace: Double {
    target.map { BlockForms.traceOfSquare($0.gram, count: $0.count) } ?? 0
  }
}
