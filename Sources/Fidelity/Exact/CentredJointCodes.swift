import Discrete

/// The joint codes of one row under one distribution, with costs as each estimator may see them: without the
/// constants that it ignores, which are taken away in double before anything is summed.
///
/// Values are relative to that of the likeliest joint code, gradients of a latent to that of its likeliest
/// category. Both are the same at every temperature, and where one joint code has nearly all of the
/// probability, the small differences that make the gradient keep their digits.
final class CentredJointCodes {
  private let values: [Double]
  private let gradients: [Double]
  /// `f` at the likeliest joint code.
  private let level: Double
  private let centred: RowJointCodes
  /// With gradients as they are: made where an estimator sees their constants.
  private lazy var plainGradients: RowJointCodes = make(gradients)
  private let make: (_ gradients: [Double]) -> RowJointCodes

  init(
    row: RowLogits, distribution: ForwardDistribution, codes: [Int32], values: [Double],
    gradients: [Double],
    quadratureStep: Double, checksQuadrature: Bool
  ) {
    self.values = values
    self.gradients = gradients
    let likeliest = row.likeliestCodes
    let jointCode = JointCodes(row.shape).index(of: likeliest[...])
    let level = values[jointCode]
    self.level = level
    var derivatives = gradients
    if !derivatives.isEmpty { derivatives.removeGradientConstants(at: likeliest, row.categories) }
    let lowered = values.map { $0 - level }
    make = {
      RowJointCodes(
        row: row, distribution: distribution, codes: codes, values: lowered, gradients: $0,
        quadratureStep: quadratureStep, checksQuadrature: checksQuadrature)
    }
    centred = make(derivatives)
  }

  /// The costs as they are, without moments of gradients.
  var uncentred: RowJointCodes { centred.with(values: values, gradients: gradients) }

  /// What the estimator's own exact moments are summed over.
  func jointCodes(for estimator: any GradientEstimator) -> RowJointCodes {
    jointCodes(without: estimator.constantsIgnored(by: estimator.plan(for: centred.shape)))
  }

  private func jointCodes(without ignored: CostConstants) -> RowJointCodes {
    let jointCodes = ignored.contains(.gradients) ? centred : plainGradients
    return ignored.contains(.level) ? jointCodes : jointCodes.with(values: values)
  }

  /// The estimator's own exact moments; nil where it has none.
  func moments(of estimator: any GradientEstimator, _ row: RowLogits) throws -> ExactMoments? {
    let ignored = estimator.constantsIgnored(by: estimator.plan(for: centred.shape))
    return try withMeanOfCentred(ignored) { isCentred in
      try estimator.checkedMoments(
        row, jointCodes(without: isCentred ? ignored.union(.level) : ignored))
    }
  }

  /// Moments by summing over all outcomes; nil where they are too many.
  ///
  /// - Parameter source: of the uncentred joint codes.
  func finiteMoments(
    of estimator: any GradientEstimator, _ source: JointCodeEstimates
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
