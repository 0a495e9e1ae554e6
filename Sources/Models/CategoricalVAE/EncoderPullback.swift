import Discrete
import Tensors

/// The Jacobian of `weights -> logits` of a three-layer encoder on a fixed batch.
///
/// The encoder ran once: activations are kept. Groups are `encoder.1`, `encoder.2`, `encoder.3`,
/// each weights `[inputs][outputs]` followed by biases.
public struct EncoderPullback<Scalar: NetworkScalar>: ParameterPullback {
  private let shape: LayerShape
  private let encoder: ReLUNetwork<Scalar>
  private let pass: ReLUNetwork<Scalar>.Pass

  init(shape: LayerShape, encoder: ReLUNetwork<Scalar>, pass: ReLUNetwork<Scalar>.Pass) {
    self.shape = shape
    self.encoder = encoder
    self.pass = pass
  }

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

  /// `G_b = (|h|^2 + 1) Delta Delta^T` of each layer, where `h` is the layer's input on row `b` and
  /// `Delta[D K][outputs]` the Jacobian of the logits with respect to its output; the 1 is the
  /// bias. Cost: one backward pass of `D K` rows and a `D K x outputs` Gram matrix per layer.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func rowGrams(_ row: Int) -> [[Double]] {
    let width = shape.width
    var delta = [Scalar](repeating: 0, count: width * width)
    for index in 0..<width { delta[index * width + index] = 1 }
    var grams: [[Double]] = []
    for index in encoder.layers.indices.reversed() {
      let layer = encoder.layers[index]
      let input = pass.inputs[index][row * layer.inputs..<(row + 1) * layer.inputs]
      let scale = input.reduce(1.0) { $0 + Double($1) * Double($1) }
      let wide = delta.map { Double($0) }
      grams.append(
        matrixProduct(
          wide, wide, m: width, n: width, k: layer.outputs, transposeB: true, alpha: scale))
      guard index > 0 else { break }
      delta = layer.inputGradient(delta, rows: width)
      var active: [Scalar] = []
      active.reserveCapacity(delta.count)
      for _ in 0..<width { active += input }
      maskInactive(&delta, active)
    }
    return grams.reversed()
  }
}
