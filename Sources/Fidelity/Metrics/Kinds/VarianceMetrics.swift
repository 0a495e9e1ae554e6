extension Metric {
  public static let variance = Metric(
    MetricDescriptor(
      "variance", unit: .gradientSquared, "tr(S)", cannotBeNegative: true, dependsOnVariance: true,
      // Of few draws of a heavy-tailed estimator it is not known well enough.
      fewestDraws: 256,
      form: MetricForm(
        raw: { $0.trace },
        interval: { $0.variance($1, $2) },
        rounding: { .error($0.rounding.trace + $0.own * abs($0.trace)) },
        size: { max(abs($0.value), $1.target) })))

  public static let varianceMean = Metric(
    MetricDescriptor(
      "variance_mean", unit: .gradientSquared, "tr(S) / coordinates", cannotBeNegative: true,
      dependsOnVariance: true, fewestDraws: 256,
      form: MetricForm(
        raw: { $0.trace / Double($0.count) },
        interval: { $0.variance($1, $2) },
        rounding: { parts in
          .error(
            (parts.rounding.trace + parts.own * abs(parts.trace)) / Double(parts.statistics.count))
        },
        size: { max(abs($0.value), $1.target / Double($1.count)) })))

  public static let snr = Metric(
    MetricDescriptor(
      "snr", unit: .none, "(||m||^2 - tr(S)/n) / tr(S)", largerIsBetter: true,
      dependsOnVariance: true,
      form: MetricForm(
        raw: { $0.meanNorm / $0.trace }, isRatio: true,
        interval: { $0.made($1, $2, $0.snrSet, .fieller) },
        rounding: { parts in
          let (size, trace, rounding) = (parts.size, parts.trace, parts.rounding)
          let lowest = (size - rounding.mean) * (size - rounding.mean) / (trace + rounding.trace)
          guard trace > rounding.trace else {
            return parts.hasMean
              ? .endless(low: trace + rounding.trace > 0 ? lowest : .nan) : .missing
          }
          let highest = (size + rounding.mean) * (size + rounding.mean) / (trace - rounding.trace)
          let value = parts.statistics.mean / trace
          return .error(
            max(highest - value, value - (parts.hasMean ? lowest : 0)) + parts.own * value)
        })))
}
