import Discrete
import Tensors

extension DecoderOracle {
  /// Rows per product of backward passes; a fixed number, as bits depend on batch shapes.
  private static var gradientRows: Int { 512 }

  /// Whether Jacobians take fewer flops than backward passes, with half of the units active.
  private var jacobianIsCheaper: Bool {
    guard Shortcuts.jointCodeJacobians.isOn else { return false }
    let (h2, h1) = (decoder.layers[1].inputs, decoder.layers[1].outputs)
    return shape.width * h1 * (h2 + 2 * shape.rows) < 4 * shape.rows * h2 * (h1 + shape.width)
  }

  /// The operands that all joint codes share, where Jacobians serve.
  func jointCodeGradients(_ route: JointCodeRoute) -> JointCodeGradients<Scalar>? {
    guard route == .jacobian || (route == .automatic && jacobianIsCheaper) else { return nil }
    let (first, second) = (decoder.layers[0], decoder.layers[1])
    return JointCodeGradients(
      GradientSizes(
        rows: shape.rows, width: first.inputs, first: first.outputs, second: second.outputs),
      w1: first.weights, w2: second.weights, data: projectedData)
  }

  /// Writes `df_b/dz` of the joint codes `part` of `count` into `gradients[rows][count][D K]`.
  func addGradients(
    _ pass: ReLUNetwork<Scalar>.Pass, _ part: Range<Int>, of count: Int,
    by jacobians: inout JointCodeGradients<Scalar>?, into gradients: inout [Scalar]
  ) {
    var sigma = pass.output
    Scalar.sigmoid(&sigma)
    let projected = decoder.layers[2].inputGradient(sigma, rows: pass.rows)
    let first = part.lowerBound
    if jacobians != nil {
      gradients.withUnsafeMutableBufferPointer { gradients in
        guard let out = gradients.baseAddress else { return }
        jacobians?.write(
          jointCodes: part.count, first: pass.inputs[1], second: pass.inputs[2], shared: projected,
          into: out + first * shape.width, stride: count * shape.width)
      }
      return
    }
    let group = max(1, Self.gradientRows / shape.rows)
    for start in stride(from: 0, to: part.count, by: group) {
      let jointCodes = start..<min(part.count, start + group)
      store(
        backwardGradients(pass, projected, jointCodes), jointCodes: jointCodes.count,
        first: first + start,
        of: count, into: &gradients)
    }
  }

  /// `[jointCodes][rows][D K]` from one backward pass per (joint code, row), starting below the last layer
  /// with `(W3 sigma - W3 x_b) m2`.
  private func backwardGradients(
    _ pass: ReLUNetwork<Scalar>.Pass, _ projected: [Scalar], _ jointCodes: Range<Int>
  ) -> [Scalar] {
    let h1 = decoder.layers[1].outputs
    let count = jointCodes.count * shape.rows
    var delta: [Scalar] = []
    delta.reserveCapacity(count * h1)
    for jointCode in jointCodes {
      for row in 0..<shape.rows {
        for unit in 0..<h1 {
          delta.append(projected[jointCode * h1 + unit] - projectedData[row * h1 + unit])
        }
      }
    }
    maskJointCodes(&delta, pass.inputs[2], jointCodes, repeats: shape.rows)
    var lower = decoder.layers[1].inputGradient(delta, rows: count)
    maskJointCodes(&lower, pass.inputs[1], jointCodes, repeats: shape.rows)
    return decoder.layers[0].inputGradient(lower, rows: count)
  }

  /// Zeroes what the ReLUs of each joint code block in its `repeats` consecutive rows of `x`.
  private func maskJointCodes(
    _ x: inout [Scalar], _ activations: [Scalar], _ jointCodes: Range<Int>, repeats: Int
  ) {
    let columns = x.count / (jointCodes.count * repeats)
    x.withUnsafeMutableBufferPointer { x in
      activations.withUnsafeBufferPointer { activations in
        for (index, jointCode) in jointCodes.enumerated() {
          let active = UnsafeBufferPointer(
            rebasing: activations[jointCode * columns..<(jointCode + 1) * columns])
          for row in index * repeats..<(index + 1) * repeats {
            // A select instead of a branch: the loop then runs on vectors.
            let values = UnsafeMutableBufferPointer(
              rebasing: x[row * columns..<(row + 1) * columns])
            for column in 0..<columns { values[column] = active[column] > 0 ? values[column] : 0 }
          }
        }
      }
    }
  }

  /// Copies `derivatives[jointCodes][rows][D K]`.
  private func store(
    _ derivatives: [Scalar], jointCodes: Int, first: Int, of count: Int,
    into gradients: inout [Scalar]
  ) {
    let width = shape.width
    gradients.withUnsafeMutableBufferPointer { gradients in
      derivatives.withUnsafeBufferPointer { derivatives in
        for row in 0..<shape.rows {
          for jointCode in 0..<jointCodes {
            let source = (jointCode * shape.rows + row) * width
            let target = (row * count + first + jointCode) * width
            for index in 0..<width { gradients[target + index] = derivatives[source + index] }
          }
        }
      }
    }
  }
}
