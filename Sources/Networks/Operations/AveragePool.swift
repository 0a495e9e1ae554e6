/// The mean of every window.
///
/// The output has height `(height - kernel) / stride + 1` (rounded down) and the width alike.
/// Cost: `rows outputs kernel^2` additions.
public struct AveragePool: NetworkOperation {
  private let windows: PoolWindows

  /// - Throws: `NetworkError.shape` where the window does not fit into the image.
  public init(_ input: TensorShape, kernel: Int, stride: Int? = nil) throws {
    windows = try PoolWindows(input, kernel: kernel, stride: stride)
  }

  public static let descriptor = OperationDescriptor(
    name: "average-pool", summary: "Mean of every window",
    formula: "y[c][r][s] = mean of x[c] over the window", settings: PoolWindows.settings,
    shorthand: "kernel"
  ) { context, settings in
    try AveragePool(
      context.input, kernel: settings.integer("kernel"),
      stride: settings.optionalInteger("stride"))
  }

  public var name: String { "average-pool" }
  public var role: OperationRole { .passing }
  public var inputShape: TensorShape { windows.input }
  public var outputShape: TensorShape { windows.output }

  public func forward<Scalar: NetworkScalar>(
    _ x: [Scalar], rows: Int, parameters: [[Scalar]]
  ) -> OperationResult<Scalar> {
    OperationResult(output: means(x), residual: Residual(rows: rows))
  }

  public func pullBack<Scalar: NetworkScalar>(
    _ delta: [Scalar], _ residual: Residual<Scalar>, parameters: [[Scalar]], parts: PullBackParts,
    scale: Scalar
  ) -> PullBack<Scalar> {
    guard parts.contains(.input) else { return PullBack() }
    return PullBack(
      input: spreadMeans(
        delta, inputs: windows.input.count, corners: windows.corners, offsets: windows.offsets))
  }

  public func pushForward<Scalar: NetworkScalar>(
    _ tangent: [Scalar], parameterTangents: [[Scalar]]?, _ residual: Residual<Scalar>,
    parameters: [[Scalar]]
  ) -> [Scalar] { means(tangent) }

  private func means<Scalar: NetworkScalar>(_ x: [Scalar]) -> [Scalar] {
    windowMeans(
      x, inputs: windows.input.count, corners: windows.corners, offsets: windows.offsets)
  }
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func windowMeans<Scalar: NetworkScalar>(
  _ x: [Scalar], inputs: Int, corners: [Int], offsets: [Int]
) -> [Scalar] {
  var means: [Scalar] = []
  means.reserveCapacity(x.count / inputs * corners.count)
  for start in stride(from: 0, to: x.count, by: inputs) {
    for corner in corners {
      var sum: Scalar = 0
      for offset in offsets { sum += x[start + corner + offset] }
      means.append(sum / Scalar(offsets.count))
    }
  }
  return means
}

/// The transpose of `windowMeans`.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func spreadMeans<Scalar: NetworkScalar>(
  _ delta: [Scalar], inputs: Int, corners: [Int], offsets: [Int]
) -> [Scalar] {
  var result = [Scalar](repeating: 0, count: delta.count / corners.count * inputs)
  var place = 0
  for start in stride(from: 0, to: result.count, by: inputs) {
    for corner in corners {
      let share = delta[place] / Scalar(offsets.count)
      for offset in offsets { result[start + corner + offset] += share }
      place += 1
    }
  }
  return result
}
