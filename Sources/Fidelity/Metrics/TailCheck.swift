import Discrete
import Foundation

/// Puts warnings on sampled numbers whose intervals the draws alone cannot vouch for, and takes
/// `resolved` back where it would rest on events that were not seen.
///
/// - `tail`: the estimator lacks a moment (`EstimateTail`), or the blocks' contributions to `tr(S)` are
///   too skew, or events that are expected up to ten times make half of `tr(S)` and more.
/// - `rare`: events that are expected up to three times, and so may not be among the draws, would add a
///   quarter of `tr(S)` or more; or a handful of draws, or none, carry all there is; or nothing varies
///   where the estimator would find categories that were not drawn. On a direction, also where what unseen
///   events add to the mean turns it by a quarter of its standard error, or a tenth of a `scale_free_bias`.
package struct TailCheck: Sendable {
  /// What draws alone show, of an estimator that is not known.
  package static let ofDraws = TailCheck(tail: .light, events: nil, hasHiddenEvents: false)

  /// Skewness of 32 contributions from which on they are called heavy. Of normal contributions it is
  /// exceeded by 2 in a million measurements, of exponential ones (a skewness of 2, which intervals still
  /// bear) by 7 in a hundred.
  static let skewness = 2.5
  /// Fewer blocks say nothing about a tail.
  static let leastBlocks = 16
  /// Share of the blocks that may carry all of the variance: 5 of 32.
  static let carriers = 1.0 / 6

  private let tail: EstimateTail
  private let events: RareEvents?
  /// Whether estimates that are all 0 may hide one that is not.
  private let hasHiddenEvents: Bool
  /// Squared norm of what unseen events add to the mean, on every part.
  private var missing: [Double] = []
  /// The same of `RareEvents.turning`.
  private var turning: [Double] = []

  private init(tail: EstimateTail, events: RareEvents?, hasHiddenEvents: Bool) {
    self.tail = tail
    self.events = events
    self.hasHiddenEvents = hasHiddenEvents
  }

  init(_ estimator: any GradientEstimator, _ events: RareEvents?, geometry: ScopeGeometry) {
    let plan = estimator.plan(for: geometry.shape)
    // Gradients at hard points without noise take few values, all of which `events` looks at.
    let hidden =
      plan.perturbed || plan.freshNoise || plan.relaxed || plan.values || plan.probes != nil
    self.init(
      tail: estimator.traits.tail(on: geometry.shape), events: events, hasHiddenEvents: hidden)
    func squares(_ vector: [Double]) -> [Double] {
      guard vector.contains(where: { $0 != 0 }) else { return [] }
      let parts = geometry.parts(of: vector)
      return ScopeGeometry.dots(parts, parts)
    }
    if let events {
      missing = squares(events.missing)
      turning = squares(events.turning)
    }
  }

  /// Standard error of the estimate of `tr(S)` that follows from known outcomes.
  func traceError(_ scope: Scope, trace: Double, draws: Int) -> Double {
    (events?.squareDeviation(scope, trace: trace) ?? 0) / Double(draws).squareRoot()
  }

  /// - Parameter scope: nil where nothing is known but the draws.
  func warn(_ number: inout FidelityNumber, _ spread: ScopeTail, _ scope: Scope? = nil) {
    let metric = number.metric.descriptor
    guard metric.form?.isOfTarget != true else { return }
    func sum(_ parts: [Double]?) -> Double {
      guard let parts, let scope, !parts.isEmpty else { return 0 }
      return scope.parts.reduce(0) { $0 + parts[$1] }
    }
    let all = sum(events?.allSquares)
    let unseen = sum(events?.unseenSquares)
    let few = sum(events?.fewSquares)
    /// The variance beside events; where all outcomes are known, not that of the draws at hand.
    func ordinary(_ part: Double) -> Double { all > 0 ? max(all - part, 0) : spread.ordinary }
    let isUnseen = unseen > max(0.25 * ordinary(unseen), spread.rounding)
    let isCarriedByFew =
      spread.blocks >= Self.leastBlocks
      && spread.trace > spread.rounding && spread.carriers < Self.carriers * Double(spread.blocks)
    let isNothing = spread.isZero && hasHiddenEvents && spread.targetNorm > 0
    // No spread at all, beside categories that were not drawn.
    let isBlind = events?.areUnknown == true && spread.trace <= spread.rounding
    // A direction may hang on events that are nothing beside the rest of the variance.
    let turn = metric.unseen.isOfDirection ? spread.angle(of: sum(turning).squareRoot()) : 0
    let isInDoubt = metric.unseen == .sine && turn > 0.1 * number.value
    let isTurned = turn > 0.25 * number.standardError || isInDoubt
    if isUnseen || isCarriedByFew || isNothing || isBlind || isTurned {
      number.warnings.insert(.rare)
      if isUnseen { number.allow(sum(missing).squareRoot(), spread) }
      if isTurned { number.turn(by: turn) }
      if isCarriedByFew || isNothing || isBlind || isInDoubt, number.resolved != nil {
        number.resolved = false
      }
    }
    let isSkew =
      spread.blocks >= Self.leastBlocks && spread.trace > spread.rounding
      && spread.skewness > Self.skewness
    let isHeavy = isSkew || few > max(ordinary(few), spread.rounding) || tail != .light
    if tail == .noVariance || (isHeavy && metric.dependsOnVariance) {
      number.warnings.insert(.tail)
    }
  }
}

extension FidelityNumber {
  /// Moves the ends of a bias apart by what unseen events may add to the mean, a vector of norm
  /// `size`. The size is that of a few draws, so a bias stays resolved only where half of it is left.
  fileprivate mutating func allow(_ size: Double, _ spread: ScopeTail) {
    let targetNorm = spread.targetNorm
    switch metric.descriptor.unseen {
    case .none: break
    case .squaredBias:
      let below = max(low, 0).squareRoot() - size
      low = below > 0 ? below * below : min(low, 0) - size * size
      let above = max(high, 0).squareRoot() + size
      high = above * above
      resolved = resolved == true && below > 0.5 * max(value, 0).squareRoot()
    case .relativeBias:
      guard targetNorm > 0 else { return }
      low = max(low - size / targetNorm, 0)
      high += size / targetNorm
      resolved = resolved == true && low > 0.5 * value
    case .relativeNorm:
      guard targetNorm > 0 else { return }
      low = max(low - size / targetNorm, 0)
      high += size / targetNorm
    case .norm:
      low = max(low - size, 0)
      high += size
    case .sine, .cosine: turn(by: spread.angle(of: size))
    }
  }

  /// Moves the ends of a direction apart by an angle that unseen events may turn the mean by.
  fileprivate mutating func turn(by angle: Double) {
    func turned(_ cosine: Double, by angle: Double) -> Double {
      cos(min(max(acos(min(max(cosine, -1), 1)) + angle, 0), .pi))
    }
    switch metric.descriptor.unseen {
    case .sine:
      // The sine of an angle.
      low = max(low - angle, 0)
      high = max(high, min(high + angle, 1))
      resolved = resolved == true && low > 0.5 * value
    case .cosine:
      low = min(low, turned(low, by: angle))
      high = max(high, turned(high, by: -angle))
    default: break
    }
  }
}
