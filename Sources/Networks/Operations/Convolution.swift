/// 2-D convolution (a cross-correlation, as in PyTorch):
/// `y[o][r][c] = b[o] + sum_{i,u,v} w[o][i][u][v] x[i][r s + u - p][c s + v - p]` with the stride
/// `s` and the padding `p`.
///
/// `weight` is `[channels out][channels in][kernel][kernel]`, `bias` `[channels out]`; the output
/// has height `(height + 2 padding - kernel) / stride + 1` (rounded down) and the width alike.
/// Cost: `2 rows out in kernel^2 places` flops forward, and each for the two gradients, with a copy
/// of one row's patches.
public struct Convolution: NetworkOperation {
  public let inputShape: TensorShape
  public let outputShape: TensorShape
  private let products: PatchProducts

  /// - Throws: `NetworkError.shape` where the kernel does not fit into the padded image.
  public init(
    _ input: TensorShape, channels: Int, kernel: Int, stride: Int = 1, padding: Int = 0
  ) throws {
    let rows = try Self.places(input.height, kernel, stride, padding, "height")
    let columns = try Self.places(input.width, kernel, stride, padding, "width")
    inputShape = input
    outputShape = try TensorShape(channels: channels, height: rows, width: columns)
    products = PatchProducts(
      grid: PatchGrid(
        channels: input.channels, height: input.height, width: input.width, kernel: kernel,
        stride: stride, padding: padding, rows: rows, columns: columns),
      filters: channels)
    try checkPatches(products.grid)
  }

  public static let descriptor = OperationDescriptor(
    name: "conv", summary: "2-D convolution",
    formula: "y[o] = b[o] + sum_i w[o][i] * x[i], a cross-correlation",
    settings: [SettingSpec("channels", .size, "Channels of the output")] + kernelSettings
  ) { context, settings in
    try Convolution(
      context.input, channels: settings.integer("channels"), kernel: settings.integer("kernel"),
      stride: settings.integer("stride"), padding: settings.integer("padding"))
  }

  /// Settings that both convolutions have.
  static let kernelSettings = [
    SettingSpec("kernel", .integer(1...4096), "Height and width of the kernel"),
    SettingSpec("stride", .integer(1...4096), default: .integer(1), "Step of the kernel"),
    SettingSpec("padding", .integer(0...4096), default: .integer(0), "Zeros on every side"),
  ]

  public var name: String { "conv" }
  public var role: OperationRole { .weights }

  public var parameterGroups: [[ParameterTensor]] {
    let grid = products.grid
    return [
      [
        ParameterTensor(
          "weight", shape: [products.filters, grid.channels, grid.kernel, grid.kernel],
          start: .normal(fanIn: Double(grid.patch))),
        ParameterTensor("bias", shape: [products.filters], start: .zero),
      ]
    ]
  }

  public func forward<Scalar: NetworkScalar>(
    _ x: [Scalar], rows: Int, parameters: [[Scalar]]
  ) -> OperationResult<Scalar> {
    var y = products.answers(x, parameters[0], rows: rows)
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
        products.filterGradient(residual.numbers[0], delta, rows: residual.rows, scale: scale),
        channelSums(delta, channels: products.filters, plane: outputShape.plane, scale: scale),
      ]
    }
    if parts.contains(.input) {
      result.input = products.images(delta, parameters[0], rows: residual.rows)
    }
    return result
  }

  public func pushForward<Scalar: NetworkScalar>(
    _ tangent: [Scalar], parameterTangents: [[Scalar]]?, _ residual: Residual<Scalar>,
    parameters: [[Scalar]]
  ) -> [Scalar] {
    var y = products.answers(tangent, parameters[0], rows: residual.rows)
    if let tangents = parameterTangents {
      addNumbers(products.answers(residual.numbers[0], tangents[0], rows: residual.rows), to: &y)
      addByChannel(tangents[1], to: &y, plane: outputShape.plane)
    }
    return y
  }

  /// Places of a window of `kernel` on `size` pixels.
  static func places(
    _ size: Int, _ kernel: Int, _ stride: Int, _ padding: Int, _ axis: String
  ) throws -> Int {
    guard kernel >= 1, stride >= 1, padding >= 0, padding <= TensorShape.largest else {
      throw NetworkError.shape(
        "a kernel of \(kernel) with stride \(stride) and padding \(padding) is no window")
    }
    guard size + 2 * padding >= kernel else {
      let padded = padding > 0 ? " with padding \(padding)" : ""
      throw NetworkError.shape(
        "a kernel of \(kernel) does not fit into the \(axis) of \(size)\(padded)")
    }
    return (size + 2 * padding - kernel) / stride + 1
  }
}

/// - Throws: `NetworkError.shape` where the patches of one image are too many numbers.
func checkPatches(_ grid: PatchGrid) throws {
  guard
    TensorShape.product([grid.channels, grid.kernel, grid.kernel, grid.rows, grid.columns]) != nil
  else {
    throw NetworkError.shape(
      "the patches of one row are \(grid.patch) x \(grid.places) numbers, too many; at most \(TensorShape.largest)"
    )
  }
}
