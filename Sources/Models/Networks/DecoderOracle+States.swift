import Discrete
import Tensors

/// How gradients of all rows at shared codes are computed.
public enum StateRoute: Sendable {
  /// The cheaper one by the number of flops: a rule of the layer sizes alone.
  case automatic
  /// One backward pass per (row, state).
  case backward
  /// The code's Jacobian, pushed through the decoder once per state, times all rows.
  case jacobian
}

extension DecoderOracle {
  /// States decoded per product; a fixed number, as bits depend on batch shapes.
  private static var stateChunk: Int { 256 }

  public func costs(ofStates states: Range<Int>, gradients: Bool) throws -> CostBlock {
    costs(ofStates: states, gradients: gradients, route: .automatic)
  }

  /// Costs of all rows at shared states; `route` as named, for comparisons.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func costs(ofStates states: Range<Int>, gradients: Bool, route: StateRoute) -> CostBlock {
    block(stateCosts(states, gradients: gradients, route: route))
  }

  /// Costs `[rows][states]` and derivatives `[rows][states][D K]`.
  ///
  /// Every state is decoded once: values are `softplus sums - X Y^T`. Gradients follow from
  /// `h_b(z) = W1 m1 W2 m2 (W3 sigma(y) - W3 x_b)` with the ReLU masks `m` of the code, where
  /// `W3 x_b` is known beforehand. Flops per state, with hidden widths `h2`, `h1` in decoder order of
  /// which `a2` and `a1` units are active: `2 D K a1 (a2 + B)` by the Jacobian, `2 B h2 (h1 + D K)`
  /// by backward passes.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func stateCosts(_ states: Range<Int>, gradients: Bool, route: StateRoute) -> Costs {
    let count = states.count
    var block = Costs(
      values: [Double](repeating: 0, count: shape.rows * count),
      gradients: [Scalar](repeating: 0, count: gradients ? shape.count * count : 0))
    var jacobians = gradients ? stateSlopes(route) : nil
    let all = JointStates(latents: shape.latents, categories: shape.categories)
    for start in stride(from: 0, to: count, by: Self.stateChunk) {
      let part = start..<min(count, start + Self.stateChunk)
      let first = states.lowerBound + part.lowerBound
      let pass = decoder.forward(
        codes: all.codes(first..<first + part.count), latents: shape.latents,
        categories: shape.categories)
      addValues(pass, part, of: count, into: &block.values)
      if gradients {
        addGradients(pass, part, of: count, by: &jacobians, into: &block.gradients)
      }
    }
    return block
  }

  private func addValues(
    _ pass: ReLUNetwork<Scalar>.Pass, _ part: Range<Int>, of count: Int, into values: inout [Double]
  ) {
    let sums = Scalar.softplusRowSums(pass.output, columns: pixels)
    let products = matrixProduct(
      data, pass.output, m: shape.rows, n: part.count, k: pixels, transposeB: true)
    for row in 0..<shape.rows {
      for (index, state) in part.enumerated() {
        values[row * count + state] = sums[index] - Double(products[row * part.count + index])
      }
    }
  }
}
