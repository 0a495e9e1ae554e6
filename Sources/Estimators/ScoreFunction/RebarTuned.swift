import Discrete

extension Rebar {
  private static let temperatures = [0.1, 0.2, 0.35, 0.5, 0.7, 1, 1.5, 2.5]

  /// The temperature of a grid, and its least-squares `eta`, that leave the smallest variance.
  static func fitted(
    _ source: any FittingSource, fit: CoefficientFit
  ) throws -> any GradientEstimator {
    let share = CoefficientFit(count: max(16, fit.count / temperatures.count))
    var best: (estimator: Rebar, secondMoment: Double)?
    for tau in temperatures {
      let (eta, secondMoment) = try share.solved(1, source) {
        Rebar(tau: tau, eta: $0[0], detached: false)
      }
      guard secondMoment < best?.secondMoment ?? .infinity else { continue }
      best = (Rebar(tau: tau, eta: eta[0], detached: false), secondMoment)
    }
    guard let best else {
      throw DiscreteError.notFinite("no temperature gives a finite variance")
    }
    return best.estimator
  }
}

extension EstimatorDescriptor {
  /// `Rebar` with its coefficients fitted on the variance.
  static let rebarTuned = EstimatorDescriptor(
    name: "rebar-tuned", family: .scoreFunction, bias: .unbiased,
    summary: "REBAR with temperature and weight fitted on the variance.",
    formula: rebarFormula
      + "; tau from a grid of 8 values from 0.1 to 2.5, eta by least squares, on other draws",
    exactOn: "every cost", cost: "1 value and 2 gradients",
    source: "Tucker et al., arXiv 1703.07370", traps: rebarTraps,
    invariants: EstimatorInvariants(costShift: false),
    parameters: [CoefficientFit.draws],
    make: { parameters in
      let fit = CoefficientFit(parameters)
      return LearnedEstimator(try Rebar(tau: 0.5, eta: 0)) { try Rebar.fitted($0, fit: fit) }
    })
}
