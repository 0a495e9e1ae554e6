/// How an estimator works on layers whose latents have different numbers of categories
/// (`LayerShape.levels`).
public enum RaggedLayers: Sendable, Equatable {
  /// As it stands. It reads a latent's own categories by `RowLogits.categories(of:)`, or all of them by
  /// probabilities, which are 0 in the padding, and never divides by, counts or chooses among `categories`.
  case served
  /// Latent by latent: what its methods make of some latents depends on the logits, codes, noise, gradients and own
  /// uniforms of these latents alone, beside the costs. It is given the latents of one number of categories at a
  /// time and never sees padding.
  case servedByLatent
  /// Not at all: why, as the end of a sentence that begins with its name.
  case refused(String)

  /// Why an estimator of binary latents is refused.
  public static let binaryAlone = "works on latents of two categories alone"

  /// Of an estimator that does not say: one that was written for latents of one number of categories.
  public static let undeclared = RaggedLayers.refused(
    "does not say how it works on latents of different numbers of categories (`traits.ragged`)")
}

extension GradientEstimator {
  /// The estimator as engines use it on layers of a shape: itself, or in groups of latents. The one place that
  /// decides what serves a ragged layer.
  ///
  /// - Throws: `DiscreteError.unsupported` where it does not work on the layer, with the reason.
  public func adapted(to shape: LayerShape) throws -> any GradientEstimator {
    if let refusal = raggedRefusal(on: shape) {
      throw DiscreteError.unsupported("\(type(of: self)) \(refusal)")
    }
    return shape.isRagged && traits.ragged == .servedByLatent ? GroupedEstimator(self) : self
  }

  /// Why the estimator does not work on a layer for the numbers of categories of its latents, as the end of a
  /// sentence that begins with its name; nil where it does.
  public func raggedRefusal(on shape: LayerShape) -> String? {
    guard shape.isRagged else { return nil }
    switch traits.ragged {
    case .served: return nil
    case .servedByLatent: return GroupedEstimator(self).refusal(on: shape)
    case .refused(let reason): return "\(reason), and this layer has \(shape.categoriesText)"
    }
  }

  /// Refuses a row with padding that the estimator would take for categories.
  ///
  /// - Throws: `DiscreteError.unsupported` where it has not been adapted to the row's layer.
  func checkServes(_ row: RowLogits) throws {
    guard !row.levels.isEmpty, traits.ragged != .served else { return }
    throw DiscreteError.unsupported(
      "\(type(of: self)) has to be adapted to a layer of \(row.shape.categoriesText)")
  }
}
