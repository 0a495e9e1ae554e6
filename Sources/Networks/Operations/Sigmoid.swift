/// `y = 1 / (1 + exp(-x))`, `dy/dx = y (1 - y)`.
///
/// Cost: one exponential a number.
public struct Sigmoid: ElementwiseOperation {
  public let shape: TensorShape

  public init(_ shape: TensorShape) { self.shape = shape }

  public static let descriptor = OperationDescriptor(
    name: "sigmoid", summary: "Logistic function", formula: "y = 1 / (1 + exp(-x))"
  ) { context, _ in Sigmoid(context.input) }

  public var name: String { "sigmoid" }
  public var role: OperationRole { .activation }
  var keepsOutput: Bool { true }

  func apply<Scalar: NetworkScalar>(_ x: inout [Scalar]) { Scalar.sigmoid(&x) }

  func multiplyByDerivative<Scalar: NetworkScalar>(_ values: inout [Scalar], kept: [Scalar]) {
    multiplyByLogisticDerivative(&values, kept)
  }
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func multiplyByLogisticDerivative<Scalar: NetworkScalar>(
  _ values: inout [Scalar], _ y: [Scalar]
) {
  precondition(values.count == y.count)
  for index in values.indices { values[index] *= y[index] * (1 - y[index]) }
}
