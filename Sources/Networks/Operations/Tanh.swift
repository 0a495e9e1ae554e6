/// `y = tanh x`, `dy/dx = 1 - y^2`.
///
/// Cost: one exponential a number.
public struct Tanh: ElementwiseOperation {
  public let shape: TensorShape

  public init(_ shape: TensorShape) { self.shape = shape }

  public static let descriptor = OperationDescriptor(
    name: "tanh", summary: "Hyperbolic tangent", formula: "y = tanh x"
  ) { context, _ in Tanh(context.input) }

  public var name: String { "tanh" }
  public var role: OperationRole { .activation }
  var keepsOutput: Bool { true }

  func apply<Scalar: NetworkScalar>(_ x: inout [Scalar]) { takeTanh(&x) }

  func multiplyByDerivative<Scalar: NetworkScalar>(_ values: inout [Scalar], kept: [Scalar]) {
    multiplyByTanhDerivative(&values, kept)
  }
}

/// `tanh x` in place: `(1 - e) / (1 + e)` with `e = exp(-2 |x|)` from `|x| = 1/2` on, below that
/// the continued fraction `x / (1 + x^2 / (3 + x^2 / (5 + ...)))` cut after seven terms (relative
/// error below 1e-15), where the difference would cancel. The bits do not depend on the CPU.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func takeTanh<Scalar: NetworkScalar>(_ x: inout [Scalar]) {
  var powers = x
  for index in powers.indices { powers[index] = -2 * abs(powers[index]) }
  Scalar.exp(&powers)
  for index in x.indices {
    let value = x[index]
    let square = value * value
    let top = 135135 + square * (17325 + square * (378 + square))
    let bottom = 135135 + square * (62370 + square * (3150 + square * 28))
    let far = (1 - powers[index]) / (1 + powers[index])
    x[index] = abs(value) < 0.5 ? value * (top / bottom) : value < 0 ? -far : far
  }
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func multiplyByTanhDerivative<Scalar: NetworkScalar>(
  _ values: inout [Scalar], _ y: [Scalar]
) {
  precondition(values.count == y.count)
  for index in values.indices { values[index] *= 1 - y[index] * y[index] }
}
