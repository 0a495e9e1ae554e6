/// `y = max(x, 0)`; the derivative at 0 is 0. A dense operation before it is run together with it.
///
/// Cost: one pass.
public struct ReLU: ElementwiseOperation {
  public let shape: TensorShape

  public init(_ shape: TensorShape) { self.shape = shape }

  public static let descriptor = OperationDescriptor(
    name: "relu", summary: "Rectified linear unit", formula: "y = max(x, 0)"
  ) { context, _ in ReLU(context.input) }

  public var name: String { "relu" }
  public var role: OperationRole { .rectifier }
  var keepsOutput: Bool { true }

  func apply<Scalar: NetworkScalar>(_ x: inout [Scalar]) {
    Scalar.addRow(&x, [Scalar](repeating: 0, count: shape.count), rectified: true)
  }

  func multiplyByDerivative<Scalar: NetworkScalar>(_ values: inout [Scalar], kept: [Scalar]) {
    Scalar.gate(&values, by: kept)
  }
}
