import Discrete
import Tensors

/// A quantiser at given tokens, measured under a smoothing of its assignment: one row, a latent for each unit of each
/// token, and `z_e` upstream.
package struct QuantiserProblem: QuantisedProblem {
  package let point: QuantisedPoint
  package let assignment: Assignment
  private let cost: any SharedCost
  private let base: CostProblem

  /// - Throws: `DiscreteError.unsupported` for a soft assignment where there is none, `.notFinite` for a width that is
  ///   too small for its distances.
  package init(
    _ tokens: TokenFile, smoothing: Smoothing, width: Double, isRelative: Bool, key: RandomKey
  ) throws {
    let quantiser = tokens.quantiser
    guard smoothing == .gaussian || quantiser.hasSoftAssignment else {
      throw DiscreteError.unsupported(
        "a \(quantiser.kind.rawValue) quantiser has no soft assignment: a softmax of distances to the sums does not tend to its codes; use smoothing 'gaussian'"
      )
    }
    guard quantiser.widths(width, isRelative: isRelative).allSatisfy({ $0 > 0 && $0.isFinite })
    else {
      throw DiscreteError.parameter(
        "a width of 0: the codes of a unit are all equal, so relative widths are none; use s-unit 'absolute'"
      )
    }
    try self.init(
      tokens,
      Assignment(
        quantiser, at: tokens.points, smoothing: smoothing, width: width, isRelative: isRelative,
        key: key))
  }

  package init(_ tokens: TokenFile, _ assignment: Assignment) throws {
    try self.init(
      tokens.point, assignment,
      cost: tokens.cost.layerCost(tokens.quantiser, assignment.shape))
  }

  private init(
    _ point: QuantisedPoint, _ assignment: Assignment, cost: any SharedCost
  ) throws {
    self.point = point
    self.assignment = assignment
    let logits: Logits
    do {
      logits = try assignment.logits()
    } catch {
      throw DiscreteError.notFinite(
        "the logarithms of the probabilities of the codes are not finite; raise s")
    }
    self.cost = cost
    base = try CostProblem(
      logits: logits, cost: cost, pullback: AssignmentPullback(assignment))
  }

  package var logits: Logits { base.logits }

  /// Equal codes, of which the first is taken.
  package var inputs: [String: String] {
    let equal = point.quantiser.equalCodes
    return equal.isEmpty ? [:] : ["equal codes": equal.joined(separator: "; ")]
  }

  /// The problem with one replicate of the integral left out.
  package func leavingOut(_ replicate: Int) throws -> QuantiserProblem {
    try QuantiserProblem(point, assignment.leavingOut(replicate), cost: cost)
  }

  package var replicates: [any DiscreteProblem] {
    assignment.replicates.indices.compactMap {
      try? leavingOut($0)
    }
  }

  package var oracle: any CostOracle { base.oracle }
  package var pullback: (any ParameterPullback)? { base.pullback }

  package func closedFormGradient(temperature: Double) -> [Double]? {
    base.closedFormGradient(temperature: temperature)
  }

  package var quantisedPoints: [QuantisedPoint] { [point] }
  package var assignmentPullback: (any ParameterPullback)? { pullback }

  /// From the decoder's input, straight through the rounding: 1, or the bound's derivative over its divisor.
  package var activationPullback: any ParameterPullback {
    DiagonalPullback(name: "z_e", diagonal: point.quantiser.decoderDerivatives(point.points))
  }

  package func bypassGradients() throws -> BypassGradients {
    BypassGradients(
      quantised: try point.decoded(point.quantised).gradient,
      bypassed: try point.decoded(point.quantiser.bypassed(point.points)).gradient)
  }
}
