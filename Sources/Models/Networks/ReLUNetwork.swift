import Networks
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

    /// The pass of the rows `indices`, repeated and ordered as they are.
    func gathered(_ indices: [Int32]) -> Pass {
      func gather(_ values: [Scalar]) -> [Scalar] {
        let columns = values.count / max(1, rows)
        let count = columns * indices.count
        return [Scalar](unsafeUninitializedCapacity: count) { buffer, initialized in
          values.withUnsafeBufferPointer { values in
            if let to = buffer.baseAddress, let from = values.baseAddress {
              for (row, index) in indices.enumerated() {
                (to + row * columns).initialize(from: from + Int(index) * columns, count: columns)
              }
            }
          }
          initialized = count
        }
      }
      return Pass(rows: indices.count, inputs: inputs.map(gather), output: gather(output))
    }
  }

  public init(layers: [DenseLayer<Scalar>]) { self.layers = layers }

  /// - Parameter x: `[rows][inputs of the first layer]`.
  public func forward(_ x: [Scalar], rows: Int) -> Pass {
    finish(
      Pass(
        rows: rows, inputs: [x],
        output: layers[0].forward(x, rows: rows, rectified: layers.count > 1)))
  }

  /// The forward pass of one-hot blocks `codes[rows][latents]`.
  public func forward(codes: [Int32], latents: Int, categories: Int) -> Pass {
    finish(
      Pass(
        rows: codes.count / latents, inputs: [[]],
        output: layers[0].forward(
          codes: codes, latents: latents, categories: categories, rectified: layers.count > 1)))
  }

  /// The layers after the first, whose output `pass` holds.
  private func finish(_ pass: consuming Pass) -> Pass {
    for index in layers.indices.dropFirst() {
      let output = layers[index].forward(
        pass.output, rows: pass.rows, rectified: index < layers.count - 1)
      pass.inputs.append(pass.output)
      pass.output = output
    }
    return pass
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
    if index > 0 { Scalar.gate(&lower, by: pass.inputs[index]) }
    return lower
  }
}
