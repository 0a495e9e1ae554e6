/// `y = x` where `x > 0`, `slope x` elsewhere; the derivative at 0 is the slope.
///
/// Cost: one pass.
public struct LeakyReLU: ElementwiseOperation {
  public let shape: TensorShape
  /// From 0 to 1.
  public let slope: Double

  public init(_ shape: TensorShape, slope: Double) {
    self.shape = shape
    self.slope = slope
  }

  public static let descriptor = OperationDescriptor(
    name: "leaky-relu", summary: "Rectified linear unit that lets a share of negative numbers pass",
    formula: "y = x if x > 0 else slope x",
    settings: [
      SettingSpec(
        "slope", .number(minimum: 0, maximum: 1), default: .number(0.01), "Slope below 0")
    ], shorthand: "slope"
  ) { context, settings in LeakyReLU(context.input, slope: settings.number("slope")) }

  public var name: String { "leaky-relu" }
  public var role: OperationRole { .rectifier }
  // The output has the sign of the input, or is 0 where the input is negative.
  var keepsOutput: Bool { true }

  func apply<Scalar: NetworkScalar>(_ x: inout [Scalar]) {
    let signs = x
    multiplyByDerivative(&x, kept: signs)
  }

  func multiplyByDerivative<Scalar: NetworkScalar>(_ values: inout [Scalar], kept: [Scalar]) {
    scaleWhereBlocked(&values, by: Scalar(slope), gates: kept)
  }
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func scaleWhereBlocked<Scalar: NetworkScalar>(
  _ values: inout [Scalar], by slope: Scalar, gates: [Scalar]
) {
  precondition(values.count == gates.count)
  for index in values.indices {
    let value = values[index]
    values[index] = gates[index] > 0 ? value : slope * value
  }
}
