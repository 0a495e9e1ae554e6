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

/// Sums of squares of single parameters: what mean and variance of every parameter are made of.
public protocol PullbackSquares: Sendable {
  /// How the squares of rows are kept until `parameters` makes those of every parameter of them.
  var form: SquareForm { get }

  /// What makes `sum_i (J_j . v_i)^2` of vectors of one row with its Jacobian `J = (dphi_b/dtheta)^T`: in `form`,
  /// one array for each of the vectors' sums.
  ///
  /// Cost of what it returns: an encoder backward a vector; dense layers keep squares at their outputs.
  /// - Parameter rows: all rows of the layer.
  func row(_ row: Int, of rows: Int) -> @Sendable (RowVectors) -> [[Double]]

  /// `sum_b` of the squares of every row, for every parameter of each group in the order of `pullBack`.
  ///
  /// The weight between units `i` and `j` of a dense layer has `sum_b h_bi^2 s_bj` with the layer's input `h` on
  /// row `b` and the squares `s` at its output. Squares are sums over rows that draw independently, so the squared
  /// error of a parameter's sum is the same form of squared errors with `h^4` in place of `h^2`.
  ///
  /// - Parameters:
  ///   - squares: `[rows][count]` or `[count]`, after `form`.
  ///   - power: 1 for sums of squares, 2 for squared errors of such sums.
  func parameters(_ squares: [Double], power: Int) -> [[Double]]
}

/// Squares by one pull-back of the whole layer a vector.
public struct DirectSquares: PullbackSquares {
  private let pullback: any ParameterPullback

  public init(_ pullback: any ParameterPullback) { self.pullback = pullback }

  public var form: SquareForm { .summed(pullback.groups.reduce(0) { $0 + $1.count }) }

  public func row(_ row: Int, of rows: Int) -> @Sendable (RowVectors) -> [[Double]] {
    let pullback = pullback
    let count = pullback.groups.reduce(0) { $0 + $1.count }
    return { vectors in
      let width = vectors.width
      return vectors.sums.indices.map { sum in
        var squares = [Double](repeating: 0, count: count)
        for vector in vectors.columns(of: sum) {
          var gradient = [Double](repeating: 0, count: rows * width)
          for index in 0..<width { gradient[row * width + index] = vector[index] }
          for (index, value) in pullback.pullBack(gradient).joined().enumerated() {
            squares[index] += value * value
          }
        }
        return squares
      }
    }
  }

  public func parameters(_ squares: [Double], power: Int) -> [[Double]] {
    pullback.byGroup(squares)
  }
}
