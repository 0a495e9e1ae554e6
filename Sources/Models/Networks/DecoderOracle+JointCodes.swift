import Discrete
import Tensors

/// How gradients of all rows at shared codes are computed.
public enum JointCodeRoute: Sendable {
  /// The cheaper one by the number of flops: a rule of the layer sizes alone.
  case automatic
  /// One backward pass per (row, joint code).
  case backward
  /// The code's Jacobian, pushed through the decoder once per joint code, times all rows.
  case jacobian
}

extension DecoderOracle {
  /// Joint codes decoded per product; a fixed number, as bits depend on batch shapes.
  private static var jointCodeChunk: Int { 256 }

  public func costs(ofJointCodes jointCodes: Range<Int>, gradients: Bool) throws -> CostBlock {
    costs(ofJointCodes: jointCodes, gradients: gradients, route: .automatic)
  }

  /// Costs of all rows at shared joint codes; `route` as named, for comparisons.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func costs(ofJointCodes jointCodes: Range<Int>, gradients: Bool, route: JointCodeRoute)
    -> CostBlock
  {
    block(jointCodeCosts(jointCodes, gradients: gradients, route: route))
  }

  /// Costs `[rows][jointCodes]` and derivatives `[rows][jointCodes][D K]`.
  ///
  /// Every joint code is decoded once: values are `softplus sums - X Y^T`. Gradients follow from
  /// `h_b(z) = W1 m1 W2 m2 (W3 sigma(y) - W3 x_b)` with the ReLU masks `m` of the code, where
  /// `W3 x_b` is known beforehand. Flops per joint code, with hidden widths `h2`, `h1` in decoder order of
  /// which `a2` and `a1` units are active: `2 D K a1 (a2 + B)` by the Jacobian, `2 B h2 (h1 + D K)`
  /// by backward passes.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func jointCodeCosts(_ jointCodes: Range<Int>, gradients: Bool, route: JointCodeRoute) -> Costs {
    let count = jointCodes.count
    var block = Costs(
      values: [Double](repeating: 0, count: shape.rows * count),
      gradients: [Scalar](repeating: 0, count: gradients ? shape.count * count : 0))
    var jacobians = gradients ? jointCodeGradients(route) : nil
    let all = JointCodes(latents: shape.latents, categories: shape.categories)
    for start in stride(from: 0, to: count, by: Self.jointCodeChunk) {
      let part = start..<min(count, start + Self.jointCodeChunk)
      let first = jointCodes.lowerBound + part.lowerBound
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
      for (index, jointCode) in part.enumerated() {
        values[row * count + jointCode] = sums[index] - Double(products[row * part.count + index])
      }
    }
  }
}
