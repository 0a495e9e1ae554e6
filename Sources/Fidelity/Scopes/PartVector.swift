import Discrete

/// A vector on the logits, as far pulled back to the parameters as inner products need.
struct PartVector {
  let logits: [Double]
  /// Nil where no parameters are measured.
  let pulled: PartialPullback?

  /// Inner products on every part with the vector of an image.
  func products(_ image: [[Double]]) -> [Double] {
    ScopeGeometry.dots([logits], [image[0]])
      + (pulled?.products(Array(image.dropFirst())) ?? [])
  }
}
