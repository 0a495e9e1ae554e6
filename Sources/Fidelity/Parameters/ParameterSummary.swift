/// A number of every parameter of a scope, of which a study keeps quantiles.
public enum ParameterQuantity: String, Sendable, CaseIterable {
  /// The variance of the estimate.
  case variance
  /// `|m - g*|`, noise included.
  case absoluteBias = "abs_bias"
  /// The standard error of `m - g*`: what `abs_bias` is where there is no bias.
  case biasError = "bias_error"
  /// `m^2 / v - 1/n`: the squared mean over the variance, debiased; `m^2 / v` where nothing was drawn.
  case snr

  /// One line for a table of columns.
  public var definition: String {
    switch self {
    case .variance: "variance of the estimate of one parameter"
    case .absoluteBias: "|mean - target| of one parameter, its noise included"
    case .biasError: "standard error of mean - target of one parameter"
    case .snr: "mean^2 / variance of one parameter, less 1/n where drawn"
    }
  }
}

/// A quantile over the parameters of one scope.
public struct ParameterQuantile: Sendable, Equatable {
  /// `logits`, a group's name, or `all` for all groups.
  public let scope: String
  public let quantity: ParameterQuantity
  /// From 0, the least, to 1, the largest.
  public let level: Double
  public let value: Double
  /// A bound of the standard error: the root mean square of the errors of the parameters around the quantile.
  ///
  /// To first order a quantile moves by a weighted mean of how these move, whose variance is at most the mean of
  /// their variances. That noise of the parameters widens their distribution is not in it.
  public let error: Double
  /// Parameters of the scope that have such a number.
  public let count: Int
}

extension ParameterMoments {
  /// Quantiles that are kept.
  public static let levels = [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1]

  /// Quantiles of every quantity on every scope.
  ///
  /// Cost: one sort of the parameters each.
  public var quantiles: [ParameterQuantile] {
    var scopes = parts.map { ($0.name, [$0]) }
    if parts.count > 1 { scopes.append(("all", Array(parts.dropFirst()))) }
    return scopes.flatMap { name, parts in
      ParameterQuantity.allCases.flatMap { quantity in
        Self.quantiles(
          parts.flatMap { part in part.values(quantity, draws: draws) }, scope: name, quantity)
      }
    }
  }

  private static func quantiles(
    _ values: [(value: Double, error: Double)], scope: String, _ quantity: ParameterQuantity
  ) -> [ParameterQuantile] {
    let sorted = values.filter { $0.value.isFinite }.sorted { $0.value < $1.value }
    guard !sorted.isEmpty else { return [] }
    let last = sorted.count - 1
    // A hundredth of all on either side, or the two that are interpolated between.
    let reach = sorted.count / 100
    return levels.map { level in
      let place = level * Double(last)
      let (low, high) = (Int(place.rounded(.down)), Int(place.rounded(.up)))
      let share = place - Double(low)
      let near = sorted[max(0, low - reach)...min(last, high + reach)]
      let squares = near.reduce(0) { $0 + $1.error * $1.error }
      return ParameterQuantile(
        scope: scope, quantity: quantity, level: level,
        value: sorted[low].value + share * (sorted[high].value - sorted[low].value),
        error: (squares / Double(near.count)).squareRoot(), count: sorted.count)
    }
  }
}

extension ParameterMoments.Part {
  /// The quantity at every parameter with its error.
  func values(_ quantity: ParameterQuantity, draws: Int?) -> [(value: Double, error: Double)] {
    func value(_ index: Int) -> (value: Double, error: Double) {
      let (mean, meanError) = (numbers.mean[index], numbers.meanError[index])
      let (variance, varianceError) = (numbers.variance[index], numbers.varianceError[index])
      let noise = (meanError * meanError + targetError[index] * targetError[index]).squareRoot()
      switch quantity {
      case .variance: return (variance, varianceError)
      case .absoluteBias: return (abs(mean - target[index]), noise)
      case .biasError: return (noise, meanError > 0 ? noise * varianceError / (2 * variance) : 0)
      case .snr:
        let ratio = mean * mean / variance
        let spread = 2 * abs(mean) * meanError / variance
        let other = ratio * varianceError / variance
        return (
          ratio - (draws.map { 1 / Double($0) } ?? 0),
          (spread * spread + other * other).squareRoot()
        )
      }
    }
    return places.map { $0.map(value) } ?? numbers.mean.indices.map(value)
  }
}
