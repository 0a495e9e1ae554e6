import Discrete

/// What an estimator's defaults ask of an oracle: found by building it, not by asking its author.
/// Nothing is measured; see `EstimatorMoments` for what is.
public struct EstimatorFacts: Sendable, Equatable {
  /// The layer that the facts were found on.
  public let layer: LayerShape
  /// Whether the calls grow with the layer.
  public let callsGrow: Bool
  /// Oracle values per estimate of one row.
  public let valueCalls: Int
  /// Oracle gradients per estimate of one row.
  public let gradientCalls: Int
  /// Needs `f` inside the simplex.
  public let softPoints: Bool
  /// Has a learned part.
  public let fitted: Bool
  /// Which moments of one estimate exist.
  public let tail: EstimateTail

  /// Why it is not measured on latents of different numbers of categories; nil where it is.
  public let raggedRefusal: String?

  /// Values, a gradient counted as three: the unit of `mse_cost`.
  public var calls: Int { valueCalls + 3 * gradientCalls }

  /// `2 values`, `1 gradient`, `1 value + 2 gradients`.
  public var callsInWords: String {
    func words(_ count: Int, _ noun: String) -> String? {
      count == 0 ? nil : "\(count) \(noun)\(count == 1 ? "" : "s")"
    }
    let parts = [words(valueCalls, "value"), words(gradientCalls, "gradient")].compactMap { $0 }
    return parts.isEmpty ? "none" : parts.joined(separator: " + ")
  }

  /// Facts of the defaults of an estimator; nil where it has a parameter without a default, or
  /// works on none of the small layers tried.
  public init?(_ descriptor: EstimatorDescriptor) {
    guard let parameters = try? ResolvedParameters([:], specs: descriptor.parameters),
      let estimator = try? descriptor.make(parameters),
      let layer = EstimatorFacts.layers.first(where: {
        descriptor.refusal($0, parameters) == nil
      })
    else { return nil }
    self.layer = layer
    let plan = estimator.plan(for: layer)
    let wider = estimator.plan(
      for: LayerShape(rows: 1, latents: layer.latents + 1, categories: layer.categories))
    callsGrow =
      wider.valueCalls != plan.valueCalls || wider.gradientCalls != plan.gradientCalls
    valueCalls = plan.valueCalls
    gradientCalls = plan.gradientCalls
    softPoints = plan.relaxed || (plan.probes?.soft ?? 0) > 0
    fitted = estimator.learned != nil
    tail = estimator.traits.tail(on: layer)
    switch estimator.traits.ragged {
    case .served, .servedByLatent: raggedRefusal = nil
    case .refused(let reason): raggedRefusal = reason
    }
  }

  /// Small layers, the most telling first.
  private static let layers = [(2, 3), (2, 2), (1, 4), (1, 2)].map {
    LayerShape(rows: 1, latents: $0, categories: $1)
  }
}
