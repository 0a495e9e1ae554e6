import Discrete

/// The joint states of one row under one law, with costs as each estimator may see them: without the
/// constants that it ignores, which are taken away in double before anything is summed.
///
/// Values are relative to that of the likeliest state, slopes of a latent to that of its likeliest
/// category. Both are the same at every temperature, and where one state has nearly all of the
/// probability, the small differences that make the gradient keep their digits.
final class CentredStates {
  private let values: [Double]
  private let gradients: [Double]
  /// `f` at the likeliest state.
  private let level: Double
  private let centred: RowStates
  /// With slopes as they are: made where an estimator sees their constants.
  private lazy var plainSlopes: RowStates = make(gradients)
  private let make: (_ gradients: [Double]) -> RowStates

  init(
    row: RowLogits, law: ForwardLaw, codes: [Int32], values: [Double], gradients: [Double],
    quadratureStep: Double, checksQuadrature: Bool
  ) {
    self.values = values
    self.gradients = gradients
    let likeliest = row.likeliestCodes
    let state = JointStates(row.shape).state(likeliest[...])
    let level = values[state]
    self.level = level
    var slopes = gradients
    if !slopes.isEmpty { slopes.removeSlopeConstants(at: likeliest, row.categories) }
    let lowered = values.map { $0 - level }
    make = {
      RowStates(
        row: row, law: law, codes: codes, values: lowered, gradients: $0,
        quadratureStep: quadratureStep, checksQuadrature: checksQuadrature)
    }
    centred = make(slopes)
  }

  /// The costs as they are, without moments of gradients.
  var uncentred: RowStates { centred.with(values: values, gradients: gradients) }

  /// What the estimator's own exact moments are summed over.
  func states(for estimator: any GradientEstimator) -> RowStates {
    states(without: estimator.constantsIgnored(by: estimator.plan(for: centred.shape)))
  }

  private func states(without ignored: CostConstants) -> RowStates {
    let states = ignored.contains(.slopes) ? centred : plainSlopes
    return ignored.contains(.level) ? states : states.with(values: values)
  }

  /// The estimator's own exact moments; nil where it has none.
  func moments(of estimator: any GradientEstimator, _ row: RowLogits) throws -> ExactMoments? {
    let ignored = estimator.constantsIgnored(by: estimator.plan(for: centred.shape))
    return try withMeanOfCentred(ignored) { isCentred in
      try estimator.checkedMoments(
        row, states(without: isCentred ? ignored.union(.level) : ignored))
    }
  }

  /// Moments by summing over all outcomes; nil where they are too many.
  ///
  /// - Parameter source: of the uncentred states.
  func finiteMoments(
    of estimator: any GradientEstimator, _ source: StateEstimates
  ) throws -> ExactMoments? {
    let ignored = estimator.constantsIgnored(by: estimator.plan(for: centred.shape))
    return try withMeanOfCentred(ignored) { isCentred in
      var source = source
      if isCentred { source.level = level }
      return try FiniteExpectation(source: source).moments(estimator)
    }
  }

  /// Where the level changes the variance but not the mean, the mean is summed without the level.
  private func withMeanOfCentred(
    _ ignored: CostConstants, _ moments: (_ isCentred: Bool) throws -> ExactMoments?
  ) rethrows -> ExactMoments? {
    guard var own = try moments(false) else { return nil }
    guard ignored.contains(.levelOfMean), !ignored.contains(.level), levelIsLarge,
      own.coarse == nil, own.replicates.isEmpty, let centred = try moments(true)
    else { return own }
    own.moments.mean = centred.moments.mean
    return own
  }

  /// Whether the level costs digits of what is left without it.
  private var levelIsLarge: Bool {
    abs(level) > centred.values.reduce(0) { max($0, abs($1)) }
  }
}
