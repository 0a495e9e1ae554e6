extension Metric {
  public static let targetNorm = Metric(
    MetricDescriptor(
      "target_norm", unit: .gradient, "||g*||, debiased", cannotBeNegative: true,
      form: MetricForm(
        raw: { $0.norm }, isRoot: true, isOfTarget: true,
        interval: { scope, metric, value in
          guard let spread = scope.targetSpread else {
            return scope.exact(metric, max(value, 0).squareRoot())
          }
          return scope.rooted(metric, value, scope.interval(spread, at: value), .score)
        },
        rounding: { .error($0.rounding.target + $0.own * $0.norm) })))

  public static let targetErrorSquared = Metric(
    MetricDescriptor(
      "target_error_sq", unit: .gradientSquared,
      "tr(S_r)/n_r: the target's own squared error, 0 where it is exact", isCovered: false,
      form: MetricForm(
        raw: { $0.targetNoise }, isOfTarget: true,
        interval: { scope, metric, value in
          scope.targetSpread == nil ? scope.exact(metric, value) : scope.jackknife(metric)
        })))

  public static let targetErrorRatio = Metric(
    MetricDescriptor(
      "target_error_ratio", unit: .none,
      "sqrt(tr(S_r)/n_r) / sqrt(tr(S)/n): the target's error over the mean's, 0 where it is exact",
      isCovered: false))

  public static let estimateNorm = Metric(
    MetricDescriptor(
      "estimate_norm", unit: .gradient, "||m||, debiased", cannotBeNegative: true, unseen: .norm,
      form: MetricForm(
        raw: { $0.meanNorm }, isRoot: true,
        interval: { scope, metric, value in
          scope.rooted(metric, value, scope.interval(scope.mean, at: scope.meanSquare), .score)
        },
        rounding: { .error($0.rounding.mean + $0.own * $0.size) },
        // Without the noise it may be 0.
        size: { max($0.value, $1.mean.squareRoot()) })))
}
