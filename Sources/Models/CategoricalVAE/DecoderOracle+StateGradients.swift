import Discrete
import Tensors

extension DecoderOracle {
  /// Rows per product of either route; a fixed number, as bits depend on batch shapes.
  private static var gradientRows: Int { 512 }

  /// Whether the Jacobian takes fewer flops than backward passes.
  private var jacobianIsCheaper: Bool {
    let (h2, h1) = (decoder.layers[1].inputs, decoder.layers[1].outputs)
    return shape.width * h1 * (h2 + shape.rows) < shape.rows * h2 * (h1 + shape.width)
  }

  /// Writes `df_b/dz` of the states `part` of `count` into `gradients[rows][count][D K]`.
  func addGradients(
    _ pass: ReLUNetwork<Scalar>.Pass, _ part: Range<Int>, of count: Int, route: StateRoute,
    into gradients: inout [Double]
  ) {
    var sigma = pass.output
    Scalar.sigmoid(&sigma)
    let projected = decoder.layers[2].inputGradient(sigma, rows: pass.rows)
    let jacobian = route == .jacobian || (route == .automatic && jacobianIsCheaper)
    let group = max(1, Self.gradientRows / (jacobian ? shape.width : shape.rows))
    for first in stride(from: 0, to: part.count, by: group) {
      let states = first..<min(part.count, first + group)
      let slopes =
        jacobian
        ? jacobianSlopes(pass, projected, states) : backwardSlopes(pass, projected, states)
      let strides =
        jacobian ? (row: states.count, state: 1) : (row: 1, state: shape.rows)
      store(
        slopes, states: states.count, strides: strides, first: part.lowerBound + first, of: count,
        into: &gradients)
    }
  }

  /// `[rows][states][D K]` from the Jacobians `M = W1 m1 W2 m2` of the states:
  /// `h_b = M (W3 sigma) - M (W3 x_b)`.
  private func jacobianSlopes(
    _ pass: ReLUNetwork<Scalar>.Pass, _ projected: [Scalar], _ states: Range<Int>
  ) -> [Scalar] {
    let width = shape.width
    let h1 = decoder.layers[1].outputs
    let count = states.count * width
    var first: [Scalar] = []
    first.reserveCapacity(states.count * decoder.layers[0].weights.count)
    for _ in states { first += decoder.layers[0].weights }
    maskStates(&first, pass.inputs[1], states, repeats: width)
    var jacobian = decoder.layers[1].product(first, rows: count)
    maskStates(&jacobian, pass.inputs[2], states, repeats: width)
    var slopes = matrixProduct(
      projectedData, jacobian, m: shape.rows, n: count, k: h1, transposeB: true, alpha: -1)
    var shared = [Scalar](repeating: 0, count: count)
    jacobian.withUnsafeBufferPointer { jacobian in
      projected.withUnsafeBufferPointer { projected in
        guard let jacobian = jacobian.baseAddress, let projected = projected.baseAddress else {
          return
        }
        for index in 0..<count {
          let state = states.lowerBound + index / width
          shared[index] = Scalar.dot(h1, jacobian + index * h1, projected + state * h1)
        }
      }
    }
    slopes.withUnsafeMutableBufferPointer { slopes in
      for start in stride(from: 0, to: slopes.count, by: count) {
        for index in 0..<count { slopes[start + index] += shared[index] }
      }
    }
    return slopes
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

  /// Copies slopes, where (row, state) starts at `(row strides.row + state strides.state) D K`.
  private func store(
    _ slopes: [Scalar], states: Int, strides: (row: Int, state: Int), first: Int, of count: Int,
    into gradients: inout [Double]
  ) {
    let width = shape.width
    gradients.withUnsafeMutableBufferPointer { gradients in
      slopes.withUnsafeBufferPointer { slopes in
        for row in 0..<shape.rows {
          for state in 0..<states {
            let source = (row * strides.row + state * strides.state) * width
            let target = (row * count + first + state) * width
            for index in 0..<width { gradients[target + index] = Double(slopes[source + index]) }
          }
        }
      }
    }
  }
}
