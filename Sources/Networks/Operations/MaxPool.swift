/// The largest number of every window; of equal ones the first, a NaN wins.
///
/// The output has height `(height - kernel) / stride + 1` (rounded down) and the width alike.
/// Cost: `rows outputs kernel^2` comparisons.
public struct MaxPool: NetworkOperation {
  private let windows: PoolWindows

  /// - Throws: `NetworkError.shape` where the window does not fit into the image.
  public init(_ input: TensorShape, kernel: Int, stride: Int? = nil) throws {
    windows = try PoolWindows(input, kernel: kernel, stride: stride)
  }

  public static let descriptor = OperationDescriptor(
    name: "max-pool", summary: "Largest number of every window",
    formula: "y[c][r][s] = max of x[c] over the window", settings: PoolWindows.settings,
    shorthand: "kernel"
  ) { context, settings in
    try MaxPool(
      context.input, kernel: settings.integer("kernel"),
      stride: settings.optionalInteger("stride"))
  }

  public var name: String { "max-pool" }
  public var role: OperationRole { .passing }
  public var inputShape: TensorShape { windows.input }
  public var outputShape: TensorShape { windows.output }

  public func forward<Scalar: NetworkScalar>(
    _ x: [Scalar], rows: Int, parameters: [[Scalar]]
  ) -> OperationResult<Scalar> {
    let places = largestPlaces(
      x, inputs: windows.input.count, corners: windows.corners, offsets: windows.offsets)
    return OperationResult(
      output: picked(
        x, at: places, inputs: windows.input.count, outputs: windows.output.count),
      residual: Residual(rows: rows, places: places))
  }

  public func pullBack<Scalar: NetworkScalar>(
    _ delta: [Scalar], _ residual: Residual<Scalar>, parameters: [[Scalar]], parts: PullBackParts,
    scale: Scalar
  ) -> PullBack<Scalar> {
    guard parts.contains(.input) else { return PullBack() }
    return PullBack(
      input: returned(
        delta, to: residual.places, inputs: windows.input.count, outputs: windows.output.count))
  }

  public func pushForward<Scalar: NetworkScalar>(
    _ tangent: [Scalar], parameterTangents: [[Scalar]]?, _ residual: Residual<Scalar>,
    parameters: [[Scalar]]
  ) -> [Scalar] {
    picked(
      tangent, at: residual.places, inputs: windows.input.count, outputs: windows.output.count)
  }
}

/// The place in its row of the largest number of every window.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func largestPlaces<Scalar: NetworkScalar>(
  _ x: [Scalar], inputs: Int, corners: [Int], offsets: [Int]
) -> [Int32] {
  var places: [Int32] = []
  places.reserveCapacity(x.count / inputs * corners.count)
  for start in stride(from: 0, to: x.count, by: inputs) {
    for corner in corners {
      var best = corner
      for offset in offsets {
        let value = x[start + corner + offset]
        let largest = x[start + best]
        if value > largest || value.isNaN && !largest.isNaN { best = corner + offset }
      }
      places.append(Int32(best))
    }
  }
  return places
}

/// The numbers at the places of each row.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func picked<Scalar: NetworkScalar>(
  _ x: [Scalar], at places: [Int32], inputs: Int, outputs: Int
) -> [Scalar] {
  var result = [Scalar](repeating: 0, count: places.count)
  for row in 0..<places.count / outputs {
    for index in row * outputs..<(row + 1) * outputs {
      result[index] = x[row * inputs + Int(places[index])]
    }
  }
  return result
}

/// The transpose of `picked`.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func returned<Scalar: NetworkScalar>(
  _ delta: [Scalar], to places: [Int32], inputs: Int, outputs: Int
) -> [Scalar] {
  let rows = places.count / outputs
  var result = [Scalar](repeating: 0, count: rows * inputs)
  for row in 0..<rows {
    for index in row * outputs..<(row + 1) * outputs {
      result[row * inputs + Int(places[index])] += delta[index]
    }
  }
  return result
}
