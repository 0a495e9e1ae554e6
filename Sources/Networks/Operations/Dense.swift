import Tensors

/// An affine map `y = x W + b` of a row, whatever its shape; the output is flat.
///
/// `weight` is `[inputs][outputs]`: the weights of one input are contiguous, so that a one-hot
/// input gathers a row. `bias` is `[outputs]`.
/// Cost: `2 rows inputs outputs` flops forward, and each for the gradient at the input and at the
/// parameters; `rows latents outputs` additions forward for codes.
public struct Dense: NetworkOperation {
  public let inputShape: TensorShape
  public let outputShape: TensorShape

  /// - Throws: `NetworkError.shape` for fewer outputs than 1 or too many.
  public init(_ input: TensorShape, outputs: Int) throws {
    inputShape = input
    outputShape = try .flat(outputs)
  }

  public static let descriptor = OperationDescriptor(
    name: "dense", summary: "Affine map of the whole row", formula: "y = x W + b",
    settings: [SettingSpec("outputs", .size, "Numbers of an output row")], shorthand: "outputs"
  ) { context, settings in try Dense(context.input, outputs: settings.integer("outputs")) }

  public var name: String { "dense" }
  public var role: OperationRole { .weights }
  public var inputs: Int { inputShape.count }
  public var outputs: Int { outputShape.count }

  public var parameterGroups: [[ParameterTensor]] {
    [
      [
        ParameterTensor(
          "weight", shape: [inputs, outputs], start: .normal(fanIn: Double(inputs))),
        ParameterTensor("bias", shape: [outputs], start: .zero),
      ]
    ]
  }

  public func forward<Scalar: NetworkScalar>(
    _ x: [Scalar], rows: Int, parameters: [[Scalar]]
  ) -> OperationResult<Scalar> {
    forward(x, rows: rows, parameters: parameters, rectified: false)
  }

  public func forward<Scalar: NetworkScalar>(
    codes: CodeRows, parameters: [[Scalar]]
  ) -> OperationResult<Scalar> {
    forward(codes: codes, parameters: parameters, rectified: false)
  }

  /// `max(x W + b, 0)` if `rectified`.
  func forward<Scalar: NetworkScalar>(
    _ x: [Scalar], rows: Int, parameters: [[Scalar]], rectified: Bool
  ) -> OperationResult<Scalar> {
    var y = matrixProduct(x, parameters[0], m: rows, n: outputs, k: inputs)
    Scalar.addRow(&y, parameters[1], rectified: rectified)
    return OperationResult(output: y, residual: Residual(rows: rows, numbers: [x]))
  }

  /// The same of one-hot blocks: row `r` has ones at `latent * categories + codes[r][latent]`.
  func forward<Scalar: NetworkScalar>(
    codes: CodeRows, parameters: [[Scalar]], rectified: Bool
  ) -> OperationResult<Scalar> {
    let y = Scalar.gatheredSums(
      parameters[0], start: parameters[1], codes: codes.codes, latents: codes.latents,
      categories: codes.categories, rectified: rectified)
    return OperationResult(output: y, residual: Residual(rows: codes.rows, codes: codes))
  }

  /// `delta W^T`; `scale x^T delta` and `scale` times the column sums of `delta`.
  public func pullBack<Scalar: NetworkScalar>(
    _ delta: [Scalar], _ residual: Residual<Scalar>, parameters: [[Scalar]], parts: PullBackParts,
    scale: Scalar
  ) -> PullBack<Scalar> {
    var result = PullBack<Scalar>()
    if parts.contains(.parameters) {
      let x = residual.codes?.oneHot() ?? residual.numbers[0]
      let weight = matrixProduct(
        x, delta, m: inputs, n: outputs, k: residual.rows, transposeA: true, alpha: scale)
      var bias = columnSums(delta, columns: outputs)
      multiply(&bias, by: scale)
      result.parameters = [weight, bias]
    }
    if parts.contains(.input) {
      result.input = matrixProduct(
        delta, parameters[0], m: residual.rows, n: inputs, k: outputs, transposeB: true)
    }
    return result
  }

  /// `v W + x dW + db`.
  public func pushForward<Scalar: NetworkScalar>(
    _ tangent: [Scalar], parameterTangents: [[Scalar]]?, _ residual: Residual<Scalar>,
    parameters: [[Scalar]]
  ) -> [Scalar] {
    var y = matrixProduct(tangent, parameters[0], m: residual.rows, n: outputs, k: inputs)
    if let tangents = parameterTangents {
      let x = residual.codes?.oneHot() ?? residual.numbers[0]
      var own = matrixProduct(x, tangents[0], m: residual.rows, n: outputs, k: inputs)
      Scalar.addRow(&own, tangents[1], rectified: false)
      addNumbers(own, to: &y)
    }
    return y
  }

  /// `(|x|^2 + 1) delta delta^T`; the 1 is the bias. In float64 from `delta` on.
  public func grams<Scalar: NetworkScalar>(
    _ delta: [Scalar], _ residual: Residual<Scalar>, parameters: [[Scalar]]
  ) -> [[Double]] {
    let scale: Double =
      if let codes = residual.codes {
        1 + Double(codes.latents)
      } else {
        doubles(Array(residual.numbers[0].prefix(inputs))).reduce(1) { $0 + $1 * $1 }
      }
    var gram = rowGram(doubles(delta), rows: residual.rows, columns: outputs)
    for index in gram.indices { gram[index] *= scale }
    return [gram]
  }

  /// `x_i^2 sum delta_j^2` and `sum delta_j^2`. In float64 from `delta` on. Cost: those of one row.
  public func squares<Scalar: NetworkScalar>(
    _ delta: [Scalar], _ residual: Residual<Scalar>, parameters: [[Scalar]]
  ) -> [[Double]] {
    var bias = [Double](repeating: 0, count: outputs)
    guard residual.rows > 0 else { return [[Double](repeating: 0, count: inputs * outputs), bias] }
    for (index, value) in doubles(delta).enumerated() { bias[index % outputs] += value * value }
    let first = residual.codes.map { $0.gathered([0]).oneHot() } ?? residual.numbers[0]
    var weight: [Double] = []
    weight.reserveCapacity(inputs * outputs)
    for value in doubles(Array(first.prefix(inputs))) {
      let square = value * value
      for sum in bias { weight.append(square * sum) }
    }
    return [weight, bias]
  }
}

/// Sums of the columns of `values[rows][columns]`.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func columnSums<Scalar: NetworkScalar>(_ values: [Scalar], columns: Int) -> [Scalar] {
  var sums = [Scalar](repeating: 0, count: columns)
  sums.withUnsafeMutableBufferPointer { sums in
    values.withUnsafeBufferPointer { values in
      for start in stride(from: 0, to: values.count, by: columns) {
        for column in 0..<columns { sums[column] += values[start + column] }
      }
    }
  }
  return sums
}

/// `factor values`, in place.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func multiply<Scalar: NetworkScalar>(_ values: inout [Scalar], by factor: Scalar) {
  for index in values.indices { values[index] *= factor }
}

/// `values + terms`, in place.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func addNumbers<Scalar: NetworkScalar>(_ terms: [Scalar], to values: inout [Scalar]) {
  precondition(terms.count == values.count)
  for index in values.indices { values[index] += terms[index] }
}
