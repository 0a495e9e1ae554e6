/// An operation that maps every number by itself.
///
/// `y = f(x)`, `delta f'(x)`, `f'(x) v`: the pull-back and the push-forward are one product.
protocol ElementwiseOperation: NetworkOperation {
  var shape: TensorShape { get }
  /// Whether the derivative is taken from the output; from the input otherwise.
  var keepsOutput: Bool { get }
  /// `f(x)` in place.
  func apply<Scalar: NetworkScalar>(_ x: inout [Scalar])
  /// `values f'(x)` in place.
  func multiplyByDerivative<Scalar: NetworkScalar>(_ values: inout [Scalar], kept: [Scalar])
}

extension ElementwiseOperation {
  public var inputShape: TensorShape { shape }
  public var outputShape: TensorShape { shape }

  public func forward<Scalar: NetworkScalar>(
    _ x: [Scalar], rows: Int, parameters: [[Scalar]]
  ) -> OperationResult<Scalar> {
    var y = x
    apply(&y)
    return OperationResult(
      output: y, residual: Residual(rows: rows, numbers: [keepsOutput ? y : x]))
  }

  public func pullBack<Scalar: NetworkScalar>(
    _ delta: [Scalar], _ residual: Residual<Scalar>, parameters: [[Scalar]], parts: PullBackParts,
    scale: Scalar
  ) -> PullBack<Scalar> {
    guard parts.contains(.input) else { return PullBack() }
    var lower = delta
    multiplyByDerivative(&lower, kept: residual.numbers[0])
    return PullBack(input: lower)
  }

  public func pushForward<Scalar: NetworkScalar>(
    _ tangent: [Scalar], parameterTangents: [[Scalar]]?, _ residual: Residual<Scalar>,
    parameters: [[Scalar]]
  ) -> [Scalar] {
    var moved = tangent
    multiplyByDerivative(&moved, kept: residual.numbers[0])
    return moved
  }
}
