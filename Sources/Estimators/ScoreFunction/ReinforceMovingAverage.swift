import Discrete

extension EstimatorDescriptor {
  /// REINFORCE with a moving average of earlier costs as baseline:
  /// `c <- decay c + (1 - decay) mean_b f_b(z)`, starting from the first mean; then
  /// `g = (f(z) - c) (z - p)`.
  ///
  /// The average is taken over draws of the fit and frozen, so it never contains the draw it is
  /// subtracted from: unbiased. Before the fit `c = 0`. Complexity: `O(D K)` beside one oracle value.
  static let reinforceMovingAverage = EstimatorDescriptor(
    name: "reinforce-ema", family: .scoreFunction, bias: .unbiased,
    summary: "Score-function gradient with a moving average of earlier costs as baseline.",
    formula: "g = (f(z) - c) (z - p), c <- decay c + (1 - decay) mean_b f_b over earlier draws",
    exactOn: "every cost", cost: "1 value", source: "R. J. Williams, Machine Learning 8 (1992)",
    traps: [
      "An average that takes in the current cost before it is used shrinks the gradient by the decay.",
      "The average is one number for all rows, frozen while it is measured.",
    ],
    invariants: EstimatorInvariants(costShift: false, costScale: false),
    parameters: [
      ParameterSpec(
        "decay", .number(minimum: 0, maximum: 0.9999, exclusive: false), default: .number(0.95),
        "share of the old average that is kept"),
      CoefficientFit.draws,
    ],
    make: { parameters in
      let decay = parameters.number("decay")
      let fit = CoefficientFit(parameters)
      let plain = ReinforceConstantBaseline(baseline: 0)
      return LearnedEstimator(plain) { source in
        var average: Double?
        try source.eachPart(fit.range(source), for: plain) { part, rows in
          for draw in 0..<part.count {
            let mean = rows.reduce(0) { $0 + $1.values[0][draw] } / Double(rows.count)
            average = average.map { decay * $0 + (1 - decay) * mean } ?? mean
          }
        }
        guard let baseline = average, baseline.isFinite else {
          throw DiscreteError.notFinite("the moving average of the cost is not finite")
        }
        return ReinforceConstantBaseline(baseline: baseline)
      }
    })
}
