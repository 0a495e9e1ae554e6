/// The same numbers as `[channels][height][width]`: before a convolution after dense operations.
///
/// Cost: none.
public struct Reshape: NetworkOperation {
  public let inputShape: TensorShape
  public let outputShape: TensorShape

  /// - Throws: `NetworkError.shape` where the counts differ.
  public init(_ input: TensorShape, to output: TensorShape) throws {
    guard input.count == output.count else {
      throw NetworkError.shape(
        "a row of \(input.count) numbers cannot be read as \(output), which are \(output.count)")
    }
    inputShape = input
    outputShape = output
  }

  public static let descriptor = OperationDescriptor(
    name: "reshape", summary: "Reads a row as channels, height and width", formula: "y = x",
    settings: [
      SettingSpec("channels", .size, "Channels"),
      SettingSpec("height", .size, default: .integer(1), "Height"),
      SettingSpec("width", .size, default: .integer(1), "Width"),
    ], shorthand: "channels"
  ) { context, settings in
    try Reshape(
      context.input,
      to: TensorShape(
        channels: settings.integer("channels"), height: settings.integer("height"),
        width: settings.integer("width")))
  }

  public var name: String { "reshape" }
  public var role: OperationRole { .passing }

  public func forward<Scalar: NetworkScalar>(
    _ x: [Scalar], rows: Int, parameters: [[Scalar]]
  ) -> OperationResult<Scalar> {
    OperationResult(output: x, residual: Residual(rows: rows))
  }

  public func pullBack<Scalar: NetworkScalar>(
    _ delta: [Scalar], _ residual: Residual<Scalar>, parameters: [[Scalar]], parts: PullBackParts,
    scale: Scalar
  ) -> PullBack<Scalar> {
    PullBack(input: parts.contains(.input) ? delta : [])
  }

  public func pushForward<Scalar: NetworkScalar>(
    _ tangent: [Scalar], parameterTangents: [[Scalar]]?, _ residual: Residual<Scalar>,
    parameters: [[Scalar]]
  ) -> [Scalar] { tangent }
}
