/// Sums over draws of one row from which the variance of every single parameter follows.
public struct OutputSquares: Sendable {
  /// `sum_i delta_i^2` with the gradient `delta` at the output of each group's layer but the last,
  /// whose output the logits are: `[group][outputs]`. Empty as long as they are kept as `outer`.
  public var squares: [[Double]]
  /// `sum_i g_i g_i^T` of the logit gradient, `[DK][DK]`, the upper triangle; empty where the layers
  /// have their squares.
  public var outer: [Float]

  public init(squares: [[Double]], outer: [Float]) {
    self.squares = squares
    self.outer = outer
  }

  /// Adds the sums of further draws.
  public mutating func add(_ more: OutputSquares) {
    for group in squares.indices {
      for index in squares[group].indices { squares[group][index] += more.squares[group][index] }
    }
    for index in outer.indices { outer[index] += more.outer[index] }
  }
}

/// An upstream Jacobian through which the variance of every single parameter is had from sums that
/// are far smaller than the parameters' gradients.
///
/// Rows draw independently, so the weight between units `i` and `j` of a dense layer has the
/// variance `sum_b h_bi^2 Var(delta_bj)`, with the layer's input `h` on row `b` and the gradient
/// `delta` at its output: squares of `delta` are all that is kept of the draws.
public protocol CoordinatePullback: ParameterPullback {
  /// The part of one row, in the form that is cheapest for `draws` draws in all.
  func rowPullback(_ row: Int, draws: Int) -> any RowPullback

  /// Unbiased variances of all parameters of each group, in the order of `pullBack`, from the finished
  /// sums of every row over the same draws.
  ///
  /// - Parameter logits: means and variances of the logit gradients, `[B][DK]`.
  func parameterVariances(
    _ rows: [OutputSquares], logits: (mean: [Double], variance: [Double]), draws: Int
  ) -> [[Double]]
}

/// The Jacobian of one row for sums of squares at the outputs of its layers.
public protocol RowPullback: Sendable {
  /// Sums of nothing.
  var noSquares: OutputSquares { get }

  /// Adds the squares of `count` logit gradients `[DK][stride]`, draws side by side.
  func add(_ estimates: [Float], count: Int, stride: Int, to sums: inout OutputSquares)

  /// Brings the sums of several estimators into their last form.
  func finish(_ sums: inout [OutputSquares])
}
