import Tensors

/// Dense layers with `max(x, 0)` between them and nothing after the last.
public struct ReLUNetwork<Scalar: NetworkScalar>: Sendable, Equatable {
  public var layers: [DenseLayer<Scalar>]

  /// What a forward pass leaves for the backward pass.
  public struct Pass: Sendable {
    public let rows: Int
    /// Input of each layer, `[rows][inputs]`; empty for a layer that was fed codes.
    public var inputs: [[Scalar]]
    /// Output of the last layer, `[rows][outputs]`.
    public var output: [Scalar]
  }

  public init(layers: [DenseLayer<Scalar>]) { self.layers = layers }

  /// - Parameter x: `[rows][inputs of the first layer]`.
  public func forward(_ x: [Scalar], rows: Int) -> Pass {
    var pass = Pass(rows: rows, inputs: [x], output: layers[0].forward(x, rows: rows))
    continueForward(&pass)
    return pass
  }

  /// The forward pass of one-hot blocks `codes[rows][latents]`.
  public func forward(codes: [Int32], latents: Int, categories: Int) -> Pass {
    var pass = Pass(
      rows: codes.count / latents, inputs: [[]],
      output: layers[0].forward(codes: codes, latents: latents, categories: categories))
    continueForward(&pass)
    return pass
  }

  private func continueForward(_ pass: inout Pass) {
    for layer in layers.dropFirst() {
      Scalar.relu(&pass.output)
      let output = layer.forward(pass.output, rows: pass.rows)
      pass.inputs.append(pass.output)
      pass.output = output
    }
  }

  /// `dL/dx` at the input for `delta = dL/d(output)`, `[rows][outputs]`.
  public func inputGradient(_ delta: [Scalar], _ pass: Pass) -> [Scalar] {
    var delta = delta
    for index in layers.indices.reversed() { delta = step(delta, pass, below: index) }
    return delta
  }

  /// `dL/d(output)` of every layer, `[rows][outputs]` each, for `delta` at the last one.
  func outputGradients(_ delta: [Scalar], _ pass: Pass) -> [[Scalar]] {
    var gradients = [delta]
    for index in layers.indices.dropFirst().reversed() {
      gradients.append(step(gradients[gradients.count - 1], pass, below: index))
    }
    return gradients.reversed()
  }

  /// Gradients of all layers, times `scale`, and `dL/dx` at the input, for
  /// `delta = dL/d(output)`, `[rows][outputs]`.
  ///
  /// - Parameters:
  ///   - input: the first layer's input, where the pass was fed codes.
  ///   - wantsInput: false leaves `dL/dx` empty.
  public func backward(
    _ delta: [Scalar], _ pass: Pass, input: [Scalar]? = nil, scale: Scalar = 1,
    wantsInput: Bool = false
  ) -> (layers: [LayerGradient<Scalar>], input: [Scalar]) {
    var delta = delta
    var gradients: [LayerGradient<Scalar>] = []
    for index in layers.indices.reversed() {
      let x = index == 0 ? input ?? pass.inputs[0] : pass.inputs[index]
      gradients.append(
        layers[index].parameterGradient(x, delta, rows: pass.rows, scale: scale))
      if index > 0 || wantsInput { delta = step(delta, pass, below: index) }
    }
    return (gradients.reversed(), wantsInput ? delta : [])
  }

  /// `dL/d(output of layer index - 1)` from `dL/d(output of layer index)`.
  private func step(_ delta: [Scalar], _ pass: Pass, below index: Int) -> [Scalar] {
    var lower = layers[index].inputGradient(delta, rows: pass.rows)
    if index > 0 { maskInactive(&lower, pass.inputs[index]) }
    return lower
  }
}

/// Sets to zero what a ReLU blocks: entries whose activation is not positive.
func maskInactive<Scalar: NetworkScalar>(_ delta: inout [Scalar], _ activations: [Scalar]) {
  precondition(delta.count == activations.count)
  delta.withUnsafeMutableBufferPointer { delta in
    activations.withUnsafeBufferPointer { activations in
      for index in 0..<delta.count {
        delta[index] = activations[index] > 0 ? delta[index] : 0
      }
    }
  }
}
