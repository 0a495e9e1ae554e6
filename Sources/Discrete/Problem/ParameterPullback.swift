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

/// In which form a pull-back keeps sums of squares of single parameters.
public enum SquareForm: Sendable, Equatable {
  /// This many numbers for every row, `[rows][count]`, from which those of the parameters follow.
  case byRow(Int)
  /// Those of all parameters, `[count]`, already added up over rows.
  case summed(Int)

  /// Where the numbers of a row begin.
  public func start(of row: Int) -> Int {
    switch self {
    case .byRow(let count): row * count
    case .summed: 0
    }
  }

  /// Numbers of a layer of so many rows.
  public func count(rows: Int) -> Int {
    switch self {
    case .byRow(let count): rows * count
    case .summed(let count): count
    }
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

  /// How `squares` are kept until `parameterSquares` makes those of every parameter of them.
  var squareForm: SquareForm { get }

  /// What makes `sum_i (J_j . v_i)^2` of vectors of one row with its Jacobian `J = (dphi_b/dtheta)^T`: in the form
  /// of `squareForm`, one array for each of the vectors' sums.
  ///
  /// Cost of what it returns: by default an encoder backward a vector; dense layers keep squares at their outputs.
  /// - Parameter rows: all rows of the layer.
  func squares(ofRow row: Int, of rows: Int) -> @Sendable (RowVectors) -> [[Double]]

  /// `sum_b` of the squares of every row, for every parameter of each group in the order of `pullBack`.
  ///
  /// The weight between units `i` and `j` of a dense layer has `sum_b h_bi^2 s_bj` with the layer's input `h` on
  /// row `b` and the squares `s` at its output. Squares are sums over rows that draw independently, so the squared
  /// error of a parameter's sum is the same form of squared errors with `h^4` in place of `h^2`.
  ///
  /// - Parameters:
  ///   - squares: `[rows][count]` or `[count]`, after `squareForm`.
  ///   - power: 1 for sums of squares, 2 for squared errors of such sums.
  func parameterSquares(_ squares: [Double], power: Int) -> [[Double]]
}

extension ParameterPullback {
  public var squareForm: SquareForm { .summed(groups.reduce(0) { $0 + $1.count }) }

  public func squares(ofRow row: Int, of rows: Int) -> @Sendable (RowVectors) -> [[Double]] {
    squaresByPullBack(ofRow: row, of: rows)
  }

  /// `squares` by one pull-back of the whole layer a vector, for `.summed`.
  public func squaresByPullBack(
    ofRow row: Int, of rows: Int
  ) -> @Sendable (RowVectors) -> [[Double]] {
    { vectors in
      let width = vectors.width
      return squaresByColumns(vectors) { vector in
        var gradient = [Double](repeating: 0, count: rows * width)
        for index in 0..<width { gradient[row * width + index] = vector[index] }
        return pullBack(gradient)
      }
    }
  }

  /// The squares of every parameter by one pull-back a vector, for `.summed`.
  ///
  /// - Parameter pull: the row's part of `pullBack` for its logit gradient `[DK]`.
  public func squaresByColumns(
    _ vectors: RowVectors, _ pull: ([Double]) -> [[Double]]
  ) -> [[Double]] {
    let count = groups.reduce(0) { $0 + $1.count }
    return vectors.sums.indices.map { sum in
      var squares = [Double](repeating: 0, count: count)
      for vector in vectors.columns(of: sum) {
        var place = 0
        for group in pull(vector) {
          for value in group {
            squares[place] += value * value
            place += 1
          }
        }
      }
      return squares
    }
  }

  public func parameterSquares(_ squares: [Double], power: Int) -> [[Double]] { byGroup(squares) }

  /// Numbers of all parameters, group by group.
  public func byGroup(_ numbers: [Double]) -> [[Double]] {
    var place = 0
    return groups.map { group in
      defer { place += group.count }
      return Array(numbers[place..<place + group.count])
    }
  }
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
