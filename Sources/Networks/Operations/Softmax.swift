/// Softmax of every block of `block` neighbours: `y_i = exp(x_i) / sum_j exp(x_j)`.
///
/// The Jacobian `diag(y) - y y^T` of a block is symmetric: the pull-back and the push-forward are
/// one. Cost: one exponential a number.
public struct Softmax: NetworkOperation {
  public let inputShape: TensorShape
  public let block: Int

  /// - Throws: `NetworkError.shape` where the row is not whole blocks.
  public init(_ shape: TensorShape, block: Int? = nil) throws {
    let block = block ?? shape.count
    guard block >= 1, shape.count % block == 0 else {
      throw NetworkError.shape("blocks of \(block) do not fill a row of \(shape.count) numbers")
    }
    inputShape = shape
    self.block = block
  }

  public static let descriptor = OperationDescriptor(
    name: "softmax", summary: "Softmax of every block of neighbours",
    formula: "y_i = exp(x_i) / sum_j exp(x_j) over the block",
    settings: [
      SettingSpec("block", .size, optional: true, "Numbers of a block; the whole row if left out")
    ], shorthand: "block"
  ) { context, settings in
    try Softmax(context.input, block: settings.optionalInteger("block"))
  }

  public var name: String { "softmax" }
  public var role: OperationRole { .activation }
  public var outputShape: TensorShape { inputShape }

  public func forward<Scalar: NetworkScalar>(
    _ x: [Scalar], rows: Int, parameters: [[Scalar]]
  ) -> OperationResult<Scalar> {
    var y = x
    Scalar.softmax(&y, categories: block)
    return OperationResult(output: y, residual: Residual(rows: rows, numbers: [y]))
  }

  public func pullBack<Scalar: NetworkScalar>(
    _ delta: [Scalar], _ residual: Residual<Scalar>, parameters: [[Scalar]], parts: PullBackParts,
    scale: Scalar
  ) -> PullBack<Scalar> {
    guard parts.contains(.input) else { return PullBack() }
    return PullBack(input: softmaxJacobian(residual.numbers[0], delta, block: block))
  }

  public func pushForward<Scalar: NetworkScalar>(
    _ tangent: [Scalar], parameterTangents: [[Scalar]]?, _ residual: Residual<Scalar>,
    parameters: [[Scalar]]
  ) -> [Scalar] {
    softmaxJacobian(residual.numbers[0], tangent, block: block)
  }
}

/// `y (v - sum_j y_j v_j)` of every block.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func softmaxJacobian<Scalar: NetworkScalar>(
  _ y: [Scalar], _ values: [Scalar], block: Int
) -> [Scalar] {
  precondition(y.count == values.count)
  var result = values
  for start in stride(from: 0, to: y.count, by: block) {
    var mean: Scalar = 0
    for index in start..<start + block { mean += y[index] * values[index] }
    for index in start..<start + block { result[index] = y[index] * (values[index] - mean) }
  }
  return result
}
