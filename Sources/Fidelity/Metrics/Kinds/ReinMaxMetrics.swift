/// The numbers of Liu et al. 2023 (arXiv:2304.08612), from which nothing is subtracted. Their intervals are
/// those of their debiased forms.
extension Metric {
  public static let reinMaxBias = Metric(
    MetricDescriptor(
      "reinmax_bias_target", unit: .none, "||g* - m|| / ||g*||, not debiased", debiased: false,
      cannotBeNegative: true, unseen: .relativeNorm,
      form: MetricForm(
        raw: { ($0.difference / $0.target).squareRoot() },
        interval: { scope, metric, value in
          let ends = scope.divided(
            scope.biasInterval(share: 0), scope.theta, by: scope.norm, scope.normVariance)
          return scope.made(metric, value, scope.roots(ends), .score)
        },
        rounding: { $0.biasByTarget },
        size: { number, _ in max(number.value, 1) })))

  public static let reinMaxBiasRelativeToMean = Metric(
    MetricDescriptor(
      "reinmax_bias_mean", unit: .none, "||g* - m|| / ||m||, not debiased", debiased: false,
      cannotBeNegative: true,
      // It divides by a mean that may be noise.
      fewestDraws: .max,
      form: MetricForm(
        raw: { ($0.difference / $0.mean).squareRoot() },
        interval: { scope, metric, value in
          let meanSquare = scope.meanSquare
          guard meanSquare > 0 else {
            // The mean may be 0 and the ratio without end.
            let least = scope.biasInterval(share: 0).low
            let most = scope.interval(scope.mean, at: meanSquare).high
            let low = most > 0 ? (max(least, 0) / most).squareRoot() : .nan
            return scope.made(metric, value, (low, .infinity), error: .nan, .score)
          }
          let spread = scope.mean.variance(at: meanSquare) / (meanSquare * meanSquare)
          let ends = scope.divided(
            scope.biasInterval(share: 0), scope.theta, by: meanSquare, spread)
          return scope.made(metric, value, scope.roots(ends), .score)
        },
        rounding: { parts in
          parts.hasMean
            ? parts.ratio(parts.bias, parts.delta, over: parts.size, parts.meanError) : .missing
        },
        size: { number, _ in max(number.value, 1) })))

  public static let reinMaxDeviation = Metric(
    MetricDescriptor(
      "reinmax_std_mean", unit: .none, "sqrt(tr(S)) / ||m||, not debiased", debiased: false,
      cannotBeNegative: true, dependsOnVariance: true,
      form: MetricForm(
        raw: { (max($0.trace, 0) / $0.mean).squareRoot() },
        interval: { scope, metric, value in
          let ends = scope.snrSet
          return scope.made(
            metric, value,
            (1 / max(ends.high, 0).squareRoot(), 1 / max(ends.low, 0).squareRoot()), .fieller)
        },
        rounding: { parts in
          guard parts.hasMean else { return .missing }
          let (trace, error) = (parts.trace, parts.rounding.trace)
          let deviation = max(trace, 0).squareRoot()
          let moved = (max(trace, 0) + error).squareRoot() - deviation
          let below = deviation - max(trace - error, 0).squareRoot()
          return parts.ratio(deviation, max(moved, below), over: parts.size, parts.meanError)
        },
        size: { number, _ in max(number.value, 1) })))

  public static let reinMaxCosine = Metric(
    MetricDescriptor(
      "reinmax_cos", unit: .none, "cosine of m and g*, not debiased", debiased: false,
      largerIsBetter: true, unseen: .cosine,
      form: MetricForm(
        raw: { $0.dot / ($0.mean * $0.target).squareRoot() },
        interval: { $0.made($1, $2, $0.angle.cosineEnds, .fieller) },
        rounding: cosineRounding)))
}
