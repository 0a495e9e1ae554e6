import Discrete
import Networks
import Tensors

/// The Jacobian of `weights -> logits` of a three-layer encoder on a fixed batch.
///
/// The encoder ran once: activations are kept. Groups are `encoder.1`, `encoder.2`, `encoder.3`,
/// each weights `[inputs][outputs]` followed by biases.
public struct EncoderPullback<Scalar: NetworkScalar>: ParameterPullback {
  let shape: LayerShape
  let encoder: ReLUNetwork<Scalar>
  let pass: ReLUNetwork<Scalar>.Pass
  /// `H H^T + 1` of each layer's input `H[rows][inputs]`, the 1 for the bias; empty above `gramRows`
  /// rows.
  private let inputGrams: [[Double]]

  /// Most rows for which Gram matrices over rows are cheaper than gradients of the weights.
  private static var gramRows: Int { 512 }

  init(shape: LayerShape, encoder: ReLUNetwork<Scalar>, pass: ReLUNetwork<Scalar>.Pass) {
    self.shape = shape
    self.encoder = encoder
    self.pass = pass
    inputGrams =
      shape.rows > Self.gramRows
      ? []
      : zip(encoder.layers, pass.inputs).map { layer, input in
        rowGram(input.map { Double($0) }, rows: shape.rows, columns: layer.inputs).map { $0 + 1 }
      }
  }

  public var groups: [ParameterGroup] {
    encoder.layers.enumerated().map { index, layer in
      let name = "encoder.\(index + 1)"
      return ParameterGroup(
        name: name,
        tensors: [
          ParameterShape(name: "\(name).weight", shape: [layer.inputs, layer.outputs]),
          ParameterShape(name: "\(name).bias", shape: [layer.outputs]),
        ])
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func pullBack(_ logitGradient: [Double]) -> [[Double]] {
    precondition(logitGradient.count == shape.count)
    return parameterGradients(logitGradient, pass)
  }

  private func parameterGradients(
    _ delta: [Double], _ pass: ReLUNetwork<Scalar>.Pass
  ) -> [[Double]] {
    encoder.backward(delta.map { Scalar($0) }, pass).layers.map {
      ($0.weights + $0.biases).map { Double($0) }
    }
  }

  public var norms: any PullbackNorms { self }
  public var squares: any PullbackSquares { self }

  /// `G_b = (|h|^2 + 1) Delta Delta^T` of each layer, where `h` is the layer's input on row `b` and
  /// `Delta[D K][outputs]` the Jacobian of the logits with respect to its output; the 1 is the
  /// bias. Cost: one backward pass of `D K` rows and a `D K x outputs` Gram matrix per layer, on the
  /// units that are active.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func rowGrams(_ row: Int) -> [RowGram] {
    let width = shape.width
    let active = ActiveWeights(self, row: row)
    let jacobians = [active.lowerJacobian, active.upper.weights]
    return encoder.layers.enumerated().map { index, layer in
      let input = pass.inputs[index][row * layer.inputs..<(row + 1) * layer.inputs]
      let scale = input.reduce(1.0) { $0 + Double($1) * Double($1) }
      guard index < jacobians.count else {
        return RowGram(
          (0..<width * width).map { $0 % (width + 1) == 0 ? scale : 0 },
          precision: Scalar.precision)
      }
      let wide = jacobians[index].map { Double($0) }
      var gram = gram(wide, rows: wide.count / width, columns: width)
      for index in gram.indices { gram[index] *= scale }
      return RowGram(gram, precision: Scalar.precision)
    }
  }
}

extension EncoderPullback: PullbackNorms {
  /// The gradient `Delta[rows][outputs]` of each layer's output, or of its weights above `gramRows`
  /// rows.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func partial(_ logitGradient: [Double], rows: [Int]?) -> PartialPullback {
    precondition(logitGradient.count == shape.count)
    let width = shape.width
    let delta =
      rows.map { $0.flatMap { logitGradient[$0 * width..<($0 + 1) * width] } } ?? logitGradient
    let ownPass = rows.map { pass.gathered($0.map(Int32.init)) } ?? pass
    guard !inputGrams.isEmpty else {
      return PartialPullback(groups: parameterGradients(delta, ownPass), rows: nil)
    }
    let deltas = encoder.outputGradients(delta.map { Scalar($0) }, ownPass)
    return PartialPullback(groups: deltas.map { $0.map { Double($0) } }, rows: rows)
  }

  /// With a layer's input `H[rows][inputs]`, `||H^T Delta||^2 + ||1^T Delta||^2 = sum ((H H^T + 1) *
  /// (Delta Delta^T))`: products of `rows` by `rows` in place of the weights' gradient. In float64
  /// from `Delta` on.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func squaredNorms(_ partial: PartialPullback) -> [Double] {
    guard !inputGrams.isEmpty else { return partial.products(partial.groups) }
    let count = partial.rows?.count ?? shape.rows
    return partial.groups.enumerated().map { index, delta in
      // The upper triangle alone, so the diagonal counts twice.
      let gram = upperRowGram(delta, rows: count, columns: encoder.layers[index].outputs)
      var weights = inputGrams[index]
      if let rows = partial.rows {
        weights = rows.flatMap { row in rows.map { weights[row * shape.rows + $0] } }
      }
      let diagonal = stride(from: 0, to: gram.count, by: count + 1)
        .reduce(0.0) { $0 + gram[$1] * weights[$1] }
      return max(0, 2 * product(gram, weights) - diagonal)
    }
  }

  private func product(_ a: [Double], _ b: [Double]) -> Double {
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        guard let x = a.baseAddress, let y = b.baseAddress else { return 0 }
        return Double.dot(a.count, x, y)
      }
    }
  }

  /// `(H H^T + 1) Delta` of each layer, in float64.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func image(_ partial: PartialPullback) -> [[Double]] {
    guard !inputGrams.isEmpty else { return partial.groups }
    return partial.groups.enumerated().map { index, delta in
      var weights = inputGrams[index]
      if let rows = partial.rows {
        weights = rows.flatMap { weights[$0 * shape.rows..<($0 + 1) * shape.rows] }
      }
      // The weights are symmetric: their rows stand for columns.
      return matrixProduct(
        weights, delta, m: shape.rows, n: encoder.layers[index].outputs,
        k: partial.rows?.count ?? shape.rows, transposeA: true)
    }
  }
}
