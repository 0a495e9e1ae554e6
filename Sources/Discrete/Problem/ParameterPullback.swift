/// One named group of upstream parameters, usually a layer.
public struct ParameterGroup: Sendable, Equatable {
  public let name: String
  /// Number of scalar parameters.
  public let count: Int

  public init(name: String, count: Int) {
    self.name = name
    self.count = count
  }
}

/// The exact Jacobian of `theta -> phi` upstream of a layer, through which logit gradients are
/// pulled back to parameters.
///
/// Rows are independent: `phi_b` depends on `theta` and on row `b`'s data only.
public protocol ParameterPullback: Sendable {
  var groups: [ParameterGroup] { get }

  /// `theta`-gradient of each group for a logit gradient `[B][D][K]`: `sum_b (dphi_b/dtheta)^T g_b`.
  ///
  /// Cost: one encoder backward.
  func pullBack(_ logitGradient: [Double]) -> [[Double]]

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

  /// `G_b = (dphi_b/dtheta)(dphi_b/dtheta)^T`, a `DK x DK` matrix, of each group for one row.
  ///
  /// Cost: `DK` encoder backwards of one row.
  func rowGrams(_ row: Int) -> [RowGram]
}

extension ParameterPullback {
  /// `||pullBack(logitGradient)||^2` of each group.
  ///
  /// Cost: at most one encoder backward; dense layers do without their weights' gradient.
  public func squaredNorms(_ logitGradient: [Double]) -> [Double] {
    squaredNorms(partial(logitGradient, rows: nil))
  }

  public func partial(_ logitGradient: [Double], rows: [Int]?) -> PartialPullback {
    PartialPullback(groups: pullBack(logitGradient), rows: nil)
  }

  public func squaredNorms(_ partial: PartialPullback) -> [Double] {
    partial.products(partial.groups)
  }

  public func image(_ partial: PartialPullback) -> [[Double]] { partial.groups }
}
