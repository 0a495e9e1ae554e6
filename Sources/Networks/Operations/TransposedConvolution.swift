/// 2-D transposed convolution: the transpose of the convolution from the output to the input.
///
/// Adds `w[i][o][u][v] x[i][r][c]` to `y[o][r s + u - p][c s + v - p]` for all `i, u, v, r, c`,
/// then `b[o]`, with the stride `s` and the padding `p`. `weight` is
/// `[channels in][channels out][kernel][kernel]` as in PyTorch, `bias` `[channels out]`; the output
/// has height `(height - 1) stride - 2 padding + kernel + output-padding` and the width alike.
/// Cost: `2 rows out in kernel^2 places` flops with the places of the input, and each for the two
/// gradients.
public struct TransposedConvolution: NetworkOperation {
  public let inputShape: TensorShape
  public let outputShape: TensorShape
  private let products: PatchProducts

  /// - Throws: `NetworkError.shape` where nothing is left of the output or the output padding is
  ///   not below the stride.
  public init(
    _ input: TensorShape, channels: Int, kernel: Int, stride: Int = 1, padding: Int = 0,
    outputPadding: Int = 0
  ) throws {
    guard kernel >= 1, stride >= 1, padding >= 0, padding <= TensorShape.largest,
      kernel <= TensorShape.largest, stride <= TensorShape.largest
    else {
      throw NetworkError.shape(
        "a kernel of \(kernel) with stride \(stride) and padding \(padding) is no window")
    }
    guard outputPadding >= 0, outputPadding < stride else {
      throw NetworkError.shape(
        "output-padding must be below the stride \(stride), found \(outputPadding)")
    }
    func size(_ input: Int, _ axis: String) throws -> Int {
      let size = (input - 1) * stride - 2 * padding + kernel + outputPadding
      guard size >= 1 else {
        throw NetworkError.shape(
          "the padding \(padding) leaves nothing of the \(axis): the output would have \(size)")
      }
      return size
    }
    inputShape = input
    outputShape = try TensorShape(
      channels: channels, height: size(input.height, "height"), width: size(input.width, "width"))
    products = PatchProducts(
      grid: PatchGrid(
        channels: channels, height: outputShape.height, width: outputShape.width, kernel: kernel,
        stride: stride, padding: padding, rows: input.height, columns: input.width),
      filters: input.channels)
    try checkPatches(products.grid)
  }

  public static let descriptor = OperationDescriptor(
    name: "conv-transpose", summary: "2-D transposed convolution",
    formula: "y = b + the transpose of conv applied to x",
    settings: [SettingSpec("channels", .size, "Channels of the output")]
      + Convolution.kernelSettings + [
        SettingSpec(
          "output-padding", .integer(0...4096), default: .integer(0),
          "Rows and columns added at the far end of the output; below the stride")
      ]
  ) { context, settings in
    try TransposedConvolution(
      context.input, channels: settings.integer("channels"), kernel: settings.integer("kernel"),
      stride: settings.integer("stride"), padding: settings.integer("padding"),
      outputPadding: settings.integer("output-padding"))
  }

  public var name: String { "conv-transpose" }
  public var role: OperationRole { .weights }

  public var parameterGroups: [[ParameterTensor]] {
    let grid = products.grid
    // An output pixel meets a share of 1 / stride^2 of the kernel's entries.
    let fanIn =
      Double(products.filters) * Double(grid.kernel * grid.kernel)
      / Double(grid.stride * grid.stride)
    return [
      [
        ParameterTensor(
          "weight", shape: [products.filters, grid.channels, grid.kernel, grid.kernel],
          start: .normal(fanIn: fanIn)),
        ParameterTensor("bias", shape: [grid.channels], start: .zero),
      ]
    ]
  }

  public func forward<Scalar: NetworkScalar>(
    _ x: [Scalar], rows: Int, parameters: [[Scalar]]
  ) -> OperationResult<Scalar> {
    var y = products.images(x, parameters[0], rows: rows)
    addByChannel(parameters[1], to: &y, plane: outputShape.plane)
    return OperationResult(output: y, residual: Residual(rows: rows, numbers: [x]))
  }

  public func pullBack<Scalar: NetworkScalar>(
    _ delta: [Scalar], _ residual: Residual<Scalar>, parameters: [[Scalar]], parts: PullBackParts,
    scale: Scalar
  ) -> PullBack<Scalar> {
    var result = PullBack<Scalar>()
    if parts.contains(.parameters) {
      result.parameters = [
        products.filterGradient(delta, residual.numbers[0], rows: residual.rows, scale: scale),
        channelSums(
          delta, channels: outputShape.channels, plane: outputShape.plane, scale: scale),
      ]
    }
    if parts.contains(.input) {
      result.input = products.answers(delta, parameters[0], rows: residual.rows)
    }
    return result
  }

  public func pushForward<Scalar: NetworkScalar>(
    _ tangent: [Scalar], parameterTangents: [[Scalar]]?, _ residual: Residual<Scalar>,
    parameters: [[Scalar]]
  ) -> [Scalar] {
    var y = products.images(tangent, parameters[0], rows: residual.rows)
    if let tangents = parameterTangents {
      addNumbers(products.images(residual.numbers[0], tangents[0], rows: residual.rows), to: &y)
      addByChannel(tangents[1], to: &y, plane: outputShape.plane)
    }
    return y
  }
}
