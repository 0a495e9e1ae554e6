import Discrete

extension EstimatorDescriptor {
  /// `DoubleControlVariate` with its weight fitted on the variance.
  static let doubleControlVariateTuned = EstimatorDescriptor(
    name: "double-cv-tuned", family: .scoreFunction, bias: .unbiased,
    summary: "Double control variates with the weight fitted on the variance.",
    formula: doubleControlVariateFormula + "; a fitted by least squares on other draws",
    exactOn: "every cost", cost: "n gradients",
    source: "Titsias and Shi, arXiv 2111.05300",
    traps: [
      "The weight is one for all rows, fitted once and frozen, not adapted while measured.",
      pairMoments,
    ],
    invariants: EstimatorInvariants(costShift: true, costScale: true),
    parameters: [
      ParameterSpec("samples", .integer(2...64), default: .integer(2), "draws per estimate, n"),
      CoefficientFit.draws,
    ],
    make: { parameters in
      let samples = parameters.integer("samples")
      let fit = CoefficientFit(parameters)
      return LearnedEstimator(DoubleControlVariate(samples: samples, alpha: 0)) { source in
        try fit.estimator(1, source) {
          DoubleControlVariate(samples: samples, alpha: $0[0])
        }
      }
    })
}
