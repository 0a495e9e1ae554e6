import Discrete
import Networks
import Tensors

/// Squares of single parameters from squares at the outputs of the three layers.
extension EncoderPullback: PullbackSquares {
  /// Outputs of the layers, one behind the other.
  public var form: SquareForm { .byRow(encoder.layers.reduce(0) { $0 + $1.outputs }) }

  /// Squares of the backward pass at every layer's output; units that the row's ReLUs block have 0.
  ///
  /// Flops with half of the units active: `h2 (DK + h1 / 2)` a vector.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func row(_ row: Int, of rows: Int) -> @Sendable (RowVectors) -> [[Double]] {
    let weights = ActiveWeights(self, row: row)
    return { outputSquares($0, weights) }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func outputSquares(_ vectors: RowVectors, _ weights: ActiveWeights<Scalar>) -> [[Double]]
  {
    let vectors = condensed(vectors)
    let stride = vectors.stride
    let estimates: [Scalar] =
      switch vectors.numbers {
      case .single(let numbers): Scalar.numbers(numbers)
      case .double(let numbers): numbers.map { Scalar($0) }
      }
    func product(_ a: [Scalar], _ units: [Int], _ b: [Scalar], inner: Int) -> [Scalar] {
      matrixProduct(a, b, m: units.count, n: stride, k: inner)
    }
    let upper = product(
      weights.upper.weights, weights.upper.units, estimates, inner: vectors.width)
    let lower = product(
      weights.lower.weights, weights.lower.units, upper, inner: weights.upper.units.count)
    let active = [(lower, weights.lower.units), (upper, weights.upper.units)]
    var squares = vectors.squares
    for (layer, (deltas, units)) in active.enumerated().reversed() {
      let own = lineSquares(deltas, lines: units.count, stride: stride, sums: vectors.sums)
      for sum in squares.indices {
        var outputs = [Double](repeating: 0, count: encoder.layers[layer].outputs)
        for (line, unit) in units.enumerated() { outputs[unit] = own[sum][line] }
        squares[sum] = outputs + squares[sum]
      }
    }
    return squares
  }

  /// The vectors, or a factor of their second moments where `DK` columns of it take less than they do.
  private func condensed(_ vectors: RowVectors) -> RowVectors {
    let columns = vectors.sums.reduce(0) { $0 + $1.reduce(0) { $0 + $1.count } }
    guard columns > 4 * vectors.width * vectors.sums.count else { return vectors }
    var start = 0
    let factors = vectors.sums.indices.map { vectors.columns(of: $0) }
    let sums = factors.map { columns in
      defer { start += columns.count }
      return [start..<start + columns.count]
    }
    let whole = RowVectors(columns: factors.flatMap { $0 }, width: vectors.width)
    return RowVectors(whole.numbers, width: whole.width, stride: whole.stride, sums: sums)
  }

  /// `sum_b h_bi^2 s_bj` for weights and `sum_b s_bj` for biases; with `h^4` for squared errors.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func parameters(_ squares: [Double], power: Int) -> [[Double]] {
    let outputs = encoder.layers.map(\.outputs)
    let count = outputs.reduce(0, +)
    precondition(squares.count == shape.rows * count)
    var start = 0
    return encoder.layers.enumerated().map { index, layer in
      defer { start += layer.outputs }
      var own: [Double] = []
      own.reserveCapacity(shape.rows * layer.outputs)
      for row in 0..<shape.rows {
        own += squares[row * count + start..<row * count + start + layer.outputs]
      }
      // Squared errors may be below the least number of float32.
      let unit = own.reduce(0, max)
      guard unit > 0, unit.isFinite else {
        return [Double](repeating: unit, count: layer.parameterCount)
      }
      let input = pass.inputs[index].map { power == 2 ? $0 * $0 * $0 * $0 : $0 * $0 }
      let weights = matrixProduct(
        input, own.map { Scalar($0 / unit) }, m: layer.inputs, n: layer.outputs, k: shape.rows,
        transposeA: true)
      var parameters = [Double](repeating: 0, count: layer.parameterCount)
      for position in weights.indices { parameters[position] = unit * Double(weights[position]) }
      for position in own.indices {
        parameters[weights.count + position % layer.outputs] += own[position]
      }
      return parameters
    }
  }
}
