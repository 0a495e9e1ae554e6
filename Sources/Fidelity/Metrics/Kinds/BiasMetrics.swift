extension Metric {
  public static let biasSquared = Metric(
    MetricDescriptor(
      "bias_sq", unit: .gradientSquared,
      "||m - g*||^2 - tr(S)/n - tr(S_r)/n_r; unbiased, may be negative",
      isBias: true, unseen: .squaredBias,
      form: MetricForm(
        raw: { $0.bias },
        interval: { scope, metric, _ in
          scope.made(
            metric, scope.theta, scope.biasInterval(share: 0),
            error: scope.bias.variance(at: scope.theta).squareRoot(), .score)
        },
        rounding: { parts in
          // What is subtracted for the noise is rounded as the variance is.
          let noise =
            parts.trace > 0
            ? parts.rounding.trace * max(parts.statistics.meanNoise, 0) / parts.trace : 0
          return .error(parts.squareError + parts.own * parts.difference + noise)
        },
        size: { max(abs($0.value), $1.target) })))

  public static let relativeBias = Metric(
    MetricDescriptor(
      "rel_bias", unit: .none, "sqrt(max(bias_sq, 0)) / ||g*||",
      isBias: true, cannotBeNegative: true, unseen: .relativeBias,
      form: MetricForm(
        raw: { $0.bias / $0.norm }, isRoot: true,
        interval: { $0.relativeRoot($1, $2, share: 0) },
        rounding: { $0.biasByTarget },
        size: { number, _ in max(number.value, 1) })))
}
