extension Metric {
  public static let cosineOfMean = Metric(
    MetricDescriptor(
      "cos_mean", unit: .none, "<m, g*> / (||m|| ||g*||), norms debiased", largerIsBetter: true,
      unseen: .cosine,
      form: MetricForm(
        raw: { $0.dot / ($0.meanNorm.squareRoot() * $0.norm.squareRoot()) }, isRatio: true,
        interval: { scope, metric, _ in
          scope.made(metric, scope.angle.cosine, scope.angle.cosineEnds, .fieller)
        },
        rounding: cosineRounding)))

  public static let cosineOfDraw = Metric(
    MetricDescriptor(
      "cos_draw", unit: .none,
      "mean over draws of the cosine of one draw with g*; a draw of 0 counts as 0",
      largerIsBetter: true))

  public static let scale = Metric(
    MetricDescriptor(
      "scale", unit: .none, "c = <m, g*> / ||m||^2, norm debiased",
      form: MetricForm(
        raw: { $0.dot / $0.meanNorm }, isRatio: true,
        interval: { $0.made($1, $2, $0.scaleSet, .fieller) },
        rounding: { parts in
          guard parts.hasTarget, parts.hasMean else { return .missing }
          let (target, mean) = (parts.targetError, parts.meanError)
          let factor = (1 + target) * (1 + mean) / ((1 - mean) * (1 - mean))
          return .error(parts.norm / parts.size * (factor - 1 + parts.own))
        })))

  public static let scaleFreeBias = Metric(
    MetricDescriptor(
      "scale_free_bias", unit: .none, "min_c ||c m - g*|| / ||g*||",
      isBias: true, cannotBeNegative: true, unseen: .sine,
      form: MetricForm(
        raw: sineSquared, isRoot: true, isRatio: true,
        interval: { scope, metric, _ in
          scope.rooted(metric, scope.angle.sineSquared, scope.angle.sineSquaredEnds, .fieller)
        },
        rounding: { parts in
          guard parts.hasTarget, parts.hasMean else { return .missing }
          // The square is a difference of two, each of the size of bias^2; the part along m is a
          // difference of two of the size of ||m||^2.
          let square =
            (2 * parts.bias
              * (parts.rounding.pull + parts.own * max(parts.norm, parts.size))
              + parts.own * parts.difference) / parts.statistics.target
          let value = max(sineSquared(parts.statistics), 0).squareRoot()
          let moved = max(
            (value * value + square).squareRoot() - value,
            value - max(value * value - square, 0).squareRoot())
          return .error(moved + parts.angleError)
        },
        size: { number, _ in max(number.value, 1) })))

  /// `min_c ||c m - g*||^2 / ||g*||^2`.
  @Sendable private static func sineSquared(_ statistics: ScopeStatistics) -> Double {
    // The residual of g* on m is that of d = m - g*, which does not cancel.
    let along = statistics.mean - statistics.meanNoise - statistics.dot
    return (statistics.bias - along * along / statistics.meanNorm) / statistics.norm
  }

  /// Of a cosine of the mean and the target.
  static let cosineRounding: @Sendable (RoundingParts) -> RoundingEffect = { parts in
    guard parts.hasTarget, parts.hasMean else { return .missing }
    let angle = parts.angleError
    let sine = parts.bias > 0 ? min(1, parts.bias / parts.norm) : 0
    return .error(min(2, angle * (sine + angle) + parts.own))
  }
}
