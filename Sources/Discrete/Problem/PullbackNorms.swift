/// Norms and inner products of pulled-back gradients, got without all of the gradient where there is a shorter way.
public protocol PullbackNorms: Sendable {
  /// A logit gradient as far pulled back as inner products need.
  ///
  /// Cost: at most one encoder backward of the rows.
  /// - Parameter rows: outside these, ascending ones, the gradient is 0; nil for all rows.
  func partial(_ logitGradient: [Double], rows: [Int]?) -> PartialPullback

  /// `||pullBack(g)||^2` of each group for a `g` that was partially pulled back.
  ///
  /// Cost: dense layers do without their weights' gradient.
  func squaredNorms(_ partial: PartialPullback) -> [Double]

  /// What others are multiplied with for their inner products with `pullBack(g)`:
  /// `PartialPullback.products`.
  func image(_ partial: PartialPullback) -> [[Double]]
}

/// Norms of the gradients that `pullBack` returns.
public struct DirectNorms: PullbackNorms {
  private let pullback: any ParameterPullback

  public init(_ pullback: any ParameterPullback) { self.pullback = pullback }

  public func partial(_ logitGradient: [Double], rows: [Int]?) -> PartialPullback {
    PartialPullback(groups: pullback.pullBack(logitGradient), rows: nil)
  }

  public func squaredNorms(_ partial: PartialPullback) -> [Double] {
    partial.products(partial.groups)
  }

  public func image(_ partial: PartialPullback) -> [[Double]] { partial.groups }
}
