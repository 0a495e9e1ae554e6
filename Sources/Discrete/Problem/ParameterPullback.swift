/// A named tensor among the parameters, as a checkpoint holds it.
public struct ParameterShape: Sendable, Equatable {
  public let name: String
  /// Sizes, row-major; empty for a single number.
  public let shape: [Int]

  public init(name: String, shape: [Int]) {
    self.name = name
    self.shape = shape
  }

  public var count: Int { shape.reduce(1, *) }
}

/// One named group of upstream parameters, usually a layer.
public struct ParameterGroup: Sendable, Equatable {
  public let name: String
  /// The group's tensors, one behind the other in the order of `pullBack`.
  public let tensors: [ParameterShape]
  /// Number of scalar parameters.
  public let count: Int

  public init(name: String, tensors: [ParameterShape]) {
    self.name = name
    self.tensors = tensors
    count = tensors.reduce(0) { $0 + $1.count }
  }

  /// A group of one tensor, which has the group's name.
  public init(name: String, count: Int) {
    self.init(name: name, tensors: [ParameterShape(name: name, shape: [count])])
  }
}

/// The exact Jacobian of `theta -> phi` upstream of a layer, through which logit gradients are
/// pulled back to parameters.
///
/// Rows are independent: `phi_b` depends on `theta` and on row `b`'s data only. Groups, `pullBack` and `rowGrams`
/// are all that is to be written; the other two have shorter ways where a network has them.
public protocol ParameterPullback: Sendable {
  var groups: [ParameterGroup] { get }

  /// `theta`-gradient of each group for a logit gradient `[B][D][K]`: `sum_b (dphi_b/dtheta)^T g_b`.
  ///
  /// Cost: one encoder backward.
  func pullBack(_ logitGradient: [Double]) -> [[Double]]

  /// `G_b = (dphi_b/dtheta)(dphi_b/dtheta)^T`, a `DK x DK` matrix, of each group for one row.
  ///
  /// Cost: `DK` encoder backwards of one row.
  func rowGrams(_ row: Int) -> [RowGram]

  /// Inner products of gradients of parameters; by default of `pullBack` itself.
  var norms: any PullbackNorms { get }

  /// Sums of squares of single parameters; by default one `pullBack` a vector.
  var squares: any PullbackSquares { get }
}

extension ParameterPullback {
  public var norms: any PullbackNorms { DirectNorms(self) }
  public var squares: any PullbackSquares { DirectSquares(self) }

  /// `||pullBack(logitGradient)||^2` of each group.
  ///
  /// Cost: at most one encoder backward; dense layers do without their weights' gradient.
  public func squaredNorms(_ logitGradient: [Double]) -> [Double] {
    norms.squaredNorms(norms.partial(logitGradient, rows: nil))
  }

  /// Numbers of all parameters, group by group.
  public func byGroup(_ numbers: [Double]) -> [[Double]] {
    var place = 0
    return groups.map { group in
      defer { place += group.count }
      return Array(numbers[place..<place + group.count])
    }
  }
}
