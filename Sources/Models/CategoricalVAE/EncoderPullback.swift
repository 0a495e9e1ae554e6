import Discrete
import Tensors

/// The Jacobian of `weights -> logits` of a three-layer encoder on a fixed batch.
///
/// The encoder ran once: activations are kept. Groups are `encoder.1`, `encoder.2`, `encoder.3`,
/// each weights `[inputs][outputs]` followed by biases.
public struct EncoderPullback<Scalar: NetworkScalar>: ParameterPullback {
  let shape: LayerShape
  let encoder: ReLUNetwork<Scalar>
  let pass: ReLUNetwork<Scalar>.Pass
  /// `H H^T + 1` of each layer's input `H[rows][inputs]`, the 1 for the bias, twice above the diagonal
  /// and 0 below it; empty above `gramRows` rows.
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
        let wide = input.map { Double($0) }
        let gram = upperRowGram(wide, rows: shape.rows, columns: layer.inputs)
        return gram.indices.map { index in
          let (row, column) = (index / shape.rows, index % shape.rows)
          return row > column ? 0 : row == column ? gram[index] + 1 : 2 * (gram[index] + 1)
        }
      }
  }

  public var isSinglePrecision: Bool { Scalar.self == Float.self }

  public var groups: [ParameterGroup] {
    encoder.layers.enumerated().map {
      ParameterGroup(name: "encoder.\($0 + 1)", count: $1.parameterCount)
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func pullBack(_ logitGradient: [Double]) -> [[Double]] {
    precondition(logitGradient.count == shape.count)
    let gradients = encoder.backward(logitGradient.map { Scalar($0) }, pass).layers
    return gradients.map { ($0.weights + $0.biases).map { Double($0) } }
  }

  /// With a layer's input `H[rows][inputs]` and the gradient `Delta[rows][outputs]` of its output,
  /// `||H^T Delta||^2 + ||1^T Delta||^2 = sum ((H H^T + 1) * (Delta Delta^T))`: products of `rows`
  /// by `rows` in place of the weights' gradient. In float64 from `Delta` on.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func squaredNorms(_ logitGradient: [Double]) -> [Double] {
    precondition(logitGradient.count == shape.count)
    guard !inputGrams.isEmpty else {
      return pullBack(logitGradient).map { $0.reduce(0) { $0 + $1 * $1 } }
    }
    let deltas = encoder.outputGradients(logitGradient.map { Scalar($0) }, pass)
    return deltas.enumerated().map { index, delta in
      let gram = upperRowGram(
        delta.map { Double($0) }, rows: shape.rows, columns: encoder.layers[index].outputs)
      return gram.withUnsafeBufferPointer { gram in
        inputGrams[index].withUnsafeBufferPointer { weights in
          guard let x = gram.baseAddress, let y = weights.baseAddress else { return 0 }
          return max(0, Double.dot(gram.count, x, y))
        }
      }
    }
  }

  /// `G_b = (|h|^2 + 1) Delta Delta^T` of each layer, where `h` is the layer's input on row `b` and
  /// `Delta[D K][outputs]` the Jacobian of the logits with respect to its output; the 1 is the
  /// bias. Cost: one backward pass of `D K` rows and a `D K x outputs` Gram matrix per layer, on the
  /// units that are active.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func rowGrams(_ row: Int) -> [[Double]] {
    let width = shape.width
    let active = ActiveWeights(self, row: row)
    let jacobians = [active.lowerJacobian, active.upper.weights]
    return encoder.layers.enumerated().map { index, layer in
      let input = pass.inputs[index][row * layer.inputs..<(row + 1) * layer.inputs]
      let scale = input.reduce(1.0) { $0 + Double($1) * Double($1) }
      guard index < jacobians.count else {
        return (0..<width * width).map { $0 % (width + 1) == 0 ? scale : 0 }
      }
      let wide = jacobians[index].map { Double($0) }
      var gram = gram(wide, rows: wide.count / width, columns: width)
      for index in gram.indices { gram[index] *= scale }
      return gram
    }
  }
}
