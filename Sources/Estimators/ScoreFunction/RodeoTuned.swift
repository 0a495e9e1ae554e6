import Discrete
import Foundation

extension Rodeo {
  /// The slopes and offsets of the fitted surrogate's units; the first is almost linear.
  private static let hidden: [(slope: Double, offset: Double)] =
    [(0.1, 0)] + [0.5, 1.5].flatMap { slope in [-1.0, 0, 1].map { (slope, slope * $0) } }

  /// The surrogate with its units placed by mean and spread of the cost, and both heads fitted on
  /// the variance.
  static func fitted(
    _ source: any FittingSource, samples: Int, fit: CoefficientFit
  ) throws -> any GradientEstimator {
    let plain = Rodeo(samples: samples, alpha: 0, beta: 0)
    var values = [[Double]](repeating: [], count: source.logits.shape.rows)
    try source.eachPart(fit.range(source), for: plain) { _, rows in
      for (index, draws) in rows.enumerated() { values[index] += draws.probes.codeValues }
    }
    let costs = values.flatMap(\.self)
    let mean = costs.reduce(0, +) / Double(max(1, costs.count))
    let square = costs.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let spread = (square / Double(max(1, costs.count))).squareRoot()
    guard spread > 0, spread.isFinite else { return plain }
    return try fit.estimator(2 * hidden.count, source) { weights in
      Rodeo(
        samples: samples,
        units: hidden.enumerated().map {
          Unit(
            slope: $1.slope, offset: $1.offset, alpha: weights[$0],
            beta: weights[hidden.count + $0])
        }, centre: mean, scale: spread)
    }
  }
}

extension EstimatorDescriptor {
  /// `Rodeo` with its coefficients fitted on the variance.
  static let rodeoTuned = EstimatorDescriptor(
    name: "rodeo-tuned", family: .scoreFunction, bias: .unbiased,
    summary: "RODEO with both heads of its surrogate fitted on the variance.",
    formula: rodeoFormula + "; heads on 7 tanh units of t, fitted by least squares on other draws",
    exactOn: "every cost", cost: "n gradients", source: "Shi et al., arXiv 2202.09497",
    traps: [
      "Unverified: the published network has 100 units and is trained by gradient steps on g^2; here the hidden layer is fixed and the heads are the least-squares solution."
    ],
    invariants: EstimatorInvariants(costShift: false, costScale: false),
    parameters: [
      ParameterSpec("samples", .integer(2...64), default: .integer(2), "draws per estimate, n"),
      CoefficientFit.draws,
    ],
    make: { parameters in
      let samples = parameters.integer("samples")
      let fit = CoefficientFit(parameters)
      return LearnedEstimator(Rodeo(samples: samples, alpha: 0, beta: 0)) {
        try Rodeo.fitted($0, samples: samples, fit: fit)
      }
    })
}
