import Discrete
import Tensors

extension DecoderOracle {
  /// Rows per product of backward passes; a fixed number, as bits depend on batch shapes.
  private static var gradientRows: Int { 512 }

  /// Whether Jacobians take fewer flops than backward passes, with half of the units active.
  private var jacobianIsCheaper: Bool {
    guard Shortcuts.stateJacobians.isOn else { return false }
    let (h2, h1) = (decoder.layers[1].inputs, decoder.layers[1].outputs)
    return shape.width * h1 * (h2 + 2 * shape.rows) < 4 * shape.rows * h2 * (h1 + shape.width)
  }

  /// The operands that all states share, where Jacobians serve.
  func stateSlopes(_ route: StateRoute) -> StateSlopes<Scalar>? {
    guard route == .jacobian || (route == .automatic && jacobianIsCheaper) else { return nil }
    let (first, second) = (decoder.layers[0], decoder.layers[1])
    return StateSlopes(
      SlopeSizes(
        rows: shape.rows, width: first.inputs, first: first.outputs, second: second.outputs),
      w1: first.weights, w2: second.weights, data: projectedData)
  }

  /// Writes `df_b/dz` of the states `part` of `count` into `gradients[rows][count][D K]`.
  func addGradients(
    _ pass: ReLUNetwork<Scalar>.Pass, _ part: Range<Int>, of count: Int,
    by jacobians: inout StateSlopes<Scalar>?, into gradients: inout [Scalar]
  ) {
    var sigma = pass.output
    Scalar.sigmoid(&sigma)
    let projected = decoder.layers[2].inputGradient(sigma, rows: pass.rows)
    let first = part.lowerBound
    if jacobians != nil {
      gradients.withUnsafeMutableBufferPointer { gradients in
        guard let out = gradients.baseAddress else { return }
        jacobians?.write(
          states: part.count, first: pass.inputs[1], second: pass.inputs[2], shared: projected,
          into: out + first * shape.width, stride: count * shape.width)
      }
      return
    }
    let group = max(1, Self.gradientRows / shape.rows)
    for start in stride(from: 0, to: part.count, by: group) {
      let states = start..<min(part.count, start + group)
      store(
        backwardSlopes(pass, projected, states), states: states.count, first: first + start,
        of: count, into: &gradients)
    }
  }

  /// `[states][rows][D K]` from one backward pass per (state, row), starting below the last layer
  /// with `(W3 sigma - W3 x_b) m2`.
  private func backwardSlopes(
    _ pass: ReLUNetwork<Scalar>.Pass, _ projected: [Scalar], _ states: Range<Int>
  ) -> [Scalar] {
    let h1 = decoder.layers[1].outputs
    let count = states.count * shape.rows
    var delta: [Scalar] = []
    delta.reserveCapacity(count * h1)
    for state in states {
      for row in 0..<shape.rows {
        for unit in 0..<h1 {
          delta.append(projected[state * h1 + unit] - projectedData[row * h1 + unit])
        }
      }
    }
    maskStates(&delta, pass.inputs[2], states, repeats: shape.rows)
    var lower = decoder.layers[1].inputGradient(delta, rows: count)
    maskStates(&lower, pass.inputs[1], states, repeats: shape.rows)
    return decoder.layers[0].inputGradient(lower, rows: count)
  }

  /// Zeroes what the ReLUs of each state block in its `repeats` consecutive rows of `x`.
  private func maskStates(
    _ x: inout [Scalar], _ activations: [Scalar], _ states: Range<Int>, repeats: Int
  ) {
    let columns = x.count / (states.count * repeats)
    x.withUnsafeMutableBufferPointer { x in
      activations.withUnsafeBufferPointer { activations in
        for (index, state) in states.enumerated() {
          let active = UnsafeBufferPointer(
            rebasing: activations[state * columns..<(state + 1) * columns])
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

  /// Copies `slopes[states][rows][D K]`.
  private func store(
    _ slopes: [Scalar], states: Int, first: Int, of count: Int, into gradients: inout [Scalar]
  ) {
    let width = shape.width
    gradients.withUnsafeMutableBufferPointer { gradients in
      slopes.withUnsafeBufferPointer { slopes in
        for row in 0..<shape.rows {
          for state in 0..<states {
            let source = (state * shape.rows + row) * width
            let target = (row * count + first + state) * width
            for index in 0..<width { gradients[target + index] = slopes[source + index] }
          }
        }
      }
    }
  }
}
