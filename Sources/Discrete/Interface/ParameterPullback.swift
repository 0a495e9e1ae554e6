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

  /// Whether it computes in float32, so that forms in its Gram matrices need no more.
  var isSinglePrecision: Bool { get }

  /// `theta`-gradient of each group for a logit gradient `[B][D][K]`: `sum_b (dphi_b/dtheta)^T g_b`.
  ///
  /// Cost: one encoder backward.
  func pullBack(_ logitGradient: [Double]) -> [[Double]]

  /// `||pullBack(logitGradient)||^2` of each group.
  ///
  /// Cost: at most one encoder backward; dense layers do without their weights' gradient.
  func squaredNorms(_ logitGradient: [Double]) -> [Double]

  /// `G_b = (dphi_b/dtheta)(dphi_b/dtheta)^T`, a `DK x DK` matrix, of each group for one row.
  ///
  /// Cost: `DK` encoder backwards of one row.
  func rowGrams(_ row: Int) -> [[Double]]
}

extension ParameterPullback {
  public var isSinglePrecision: Bool { false }

  public func squaredNorms(_ logitGradient: [Double]) -> [Double] {
    pullBack(logitGradient).map { $0.reduce(0) { $0 + $1 * $1 } }
  }
}
