extension Metric {
  public static let mse = Metric(
    MetricDescriptor(
      "mse", unit: .gradientSquared, "bias_sq + tr(S)", dependsOnVariance: true, fewestDraws: 256,
      form: MetricForm(
        raw: { $0.bias + $0.trace },
        interval: { scope, metric, value in
          let error = scope.meanSquaredErrorVariance.squareRoot()
          let half = scope.critical * error
          return scope.made(metric, value, (value - half, value + half), error: error, .student)
        },
        rounding: { parts in
          .error(
            parts.squareError + parts.rounding.trace
              + parts.own * (parts.difference + abs(parts.trace)))
        },
        size: { max(abs($0.value), $1.target) })))

  public static let rmse1 = rootError(of: 1, fewestDraws: 256)
  public static let rmse10 = rootError(of: 10)
  public static let rmse100 = rootError(of: 100)
  public static let rmse1000 = rootError(of: 1000)

  public static let mseTimesCost = Metric(
    MetricDescriptor(
      "mse_cost", unit: .gradientSquaredTimesCalls, "mse x (values + 3 gradients)",
      dependsOnVariance: true, isCovered: false, timesCost: .mse))

  /// The relative error of a mean of `draws` estimates.
  private static func rootError(of draws: Int, fewestDraws: Int = 0) -> Metric {
    let count = Double(draws)
    return Metric(
      MetricDescriptor(
        "rmse_\(draws)", unit: .none,
        "sqrt(max(bias_sq + tr(S)/M, 0)) / ||g*|| for M = \(draws)",
        cannotBeNegative: true, dependsOnVariance: true, fewestDraws: fewestDraws,
        form: MetricForm(
          raw: { ($0.bias + $0.trace / count) / $0.norm }, isRoot: true,
          interval: { scope, metric, value in
            guard draws == 1 else { return scope.relativeRoot(metric, value, share: 1 / count) }
            let plain = value * scope.norm
            let half = scope.critical * scope.meanSquaredErrorVariance.squareRoot()
            let ends = scope.divided(
              (plain - half, plain + half), plain, by: scope.norm, scope.normVariance)
            return scope.rooted(metric, value, ends, .student)
          },
          rounding: { $0.hasTarget ? $0.rootError(draws: count) : .missing },
          size: { number, _ in max(number.value, 1) })))
  }
}
