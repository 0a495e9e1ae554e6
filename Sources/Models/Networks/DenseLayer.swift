import Networks
import Tensors

/// An affine map `y = x W + b` of rows `x`.
public struct DenseLayer<Scalar: NetworkScalar>: Sendable, Equatable {
  public let inputs: Int
  public let outputs: Int
  /// `W`, `[inputs][outputs]`: the weights of one input are contiguous, so that a one-hot input
  /// gathers a row.
  public var weights: [Scalar]
  /// `b`, `[outputs]`.
  public var biases: [Scalar]

  /// A layer of given weights `[inputs][outputs]` and biases `[outputs]`.
  package init(inputs: Int, outputs: Int, weights: [Scalar], biases: [Scalar]) {
    precondition(weights.count == inputs * outputs && biases.count == outputs)
    self.inputs = inputs
    self.outputs = outputs
    self.weights = weights
    self.biases = biases
  }

  public var parameterCount: Int { weights.count + biases.count }

  /// `x W + b` of `rows` rows, `[rows][outputs]`; `max(x W + b, 0)` if `rectified`.
  /// Cost: `2 rows inputs outputs` flops.
  public func forward(_ x: [Scalar], rows: Int, rectified: Bool = false) -> [Scalar] {
    var y = product(x, rows: rows)
    Scalar.addRow(&y, biases, rectified: rectified)
    return y
  }

  /// `x W` without the biases, `[rows][outputs]`.
  func product(_ x: [Scalar], rows: Int) -> [Scalar] {
    matrixProduct(x, weights, m: rows, n: outputs, k: inputs)
  }

  /// `x W + b` of one-hot blocks: row `r` has ones at `latent * categories + codes[r][latent]`.
  /// `max(x W + b, 0)` if `rectified`. Cost: `rows latents outputs` additions.
  func forward(
    codes: [Int32], latents: Int, categories: Int, rectified: Bool = false
  ) -> [Scalar] {
    Scalar.gatheredSums(
      weights, start: biases, codes: codes, latents: latents, categories: categories,
      rectified: rectified)
  }

  /// `dL/dx = delta W^T`, `[rows][inputs]`. Cost: `2 rows inputs outputs` flops.
  public func inputGradient(_ delta: [Scalar], rows: Int) -> [Scalar] {
    matrixProduct(delta, weights, m: rows, n: inputs, k: outputs, transposeB: true)
  }

  /// `scale x^T delta` and `scale` times the column sums of `delta`: the gradients of `W` and `b`
  /// over `rows` rows. Cost: `2 rows inputs outputs` flops.
  public func parameterGradient(
    _ x: [Scalar], _ delta: [Scalar], rows: Int, scale: Scalar = 1
  ) -> LayerGradient<Scalar> {
    LayerGradient(
      weights: matrixProduct(
        x, delta, m: inputs, n: outputs, k: rows, transposeA: true, alpha: scale),
      biases: columnSums(delta).map { $0 * scale })
  }

  private func columnSums(_ values: [Scalar]) -> [Scalar] {
    var sums = [Scalar](repeating: 0, count: outputs)
    sums.withUnsafeMutableBufferPointer { sums in
      values.withUnsafeBufferPointer { values in
        for start in stride(from: 0, to: values.count, by: outputs) {
          for output in 0..<outputs { sums[output] += values[start + output] }
        }
      }
    }
    return sums
  }
}

/// Gradient of the weights and biases of one layer.
public struct LayerGradient<Scalar: NetworkScalar>: Sendable, Equatable {
  public var weights: [Scalar]
  public var biases: [Scalar]

  public init(weights: [Scalar], biases: [Scalar]) {
    self.weights = weights
    self.biases = biases
  }
}
