/// Sums over draws from which the variance of every single parameter follows.
public struct OutputSquares: Sendable {
  /// `sum_i delta_i^2` with the gradient `delta` at the output of each group's layer but the last,
  /// whose output the logits are: `[group][B][outputs]`. Empty where they are had from `outer`.
  public var squares: [[Double]]
  /// `sum_i g_i g_i^T` of every row's logit gradient, `[B][DK][DK]`, upper triangles; empty where
  /// the layers have their squares.
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
  /// Sums of nothing, in the form that is cheapest for this many draws.
  func squares(draws: Int) -> OutputSquares

  /// Adds logit gradients `[B][count][DK]`.
  func add(_ estimates: [Float], count: Int, to sums: inout OutputSquares)

  /// Unbiased variances of all parameters of each group, in the order of `pullBack`:
  /// `[estimator][group][parameters]`.
  ///
  /// - Parameters:
  ///   - sums: over the same number of draws for each estimator.
  ///   - logits: means and variances of the logit gradients, `[estimator][B][DK]`.
  func parameterVariances(
    _ sums: [OutputSquares], logits: [(mean: [Double], variance: [Double])], draws: Int
  ) -> [[[Double]]]
}
