/// Layer norm of the whole row (Ba, Kiros, Hinton 2016, arXiv:1607.06450):
/// `y = w (x - mean) / sqrt(variance + eps) + b` with the variance over `n` numbers, not `n - 1`.
///
/// `weight` and `bias` have the shape of the row and start at 1 and 0. Means are taken in float64.
/// Cost: three passes.
public struct LayerNorm: NetworkOperation {
  public let inputShape: TensorShape
  public let epsilon: Double

  public init(_ shape: TensorShape, epsilon: Double) {
    inputShape = shape
    self.epsilon = epsilon
  }

  public static let descriptor = OperationDescriptor(
    name: "layer-norm", summary: "Centres and scales every row, then an affine map by number",
    formula: "y = w (x - mean x) / sqrt(var x + eps) + b",
    settings: [SettingSpec("eps", .positive, default: .number(1e-5), "Added to the variance")],
    shorthand: "eps"
  ) { context, settings in LayerNorm(context.input, epsilon: settings.number("eps")) }

  public var name: String { "layer-norm" }
  public var role: OperationRole { .passing }
  public var outputShape: TensorShape { inputShape }
  private var count: Int { inputShape.count }

  public var parameterGroups: [[ParameterTensor]] {
    let shape =
      inputShape.isFlat ? [count] : [inputShape.channels, inputShape.height, inputShape.width]
    return [
      [
        ParameterTensor("weight", shape: shape, start: .one),
        ParameterTensor("bias", shape: shape, start: .zero),
      ]
    ]
  }

  public func forward<Scalar: NetworkScalar>(
    _ x: [Scalar], rows: Int, parameters: [[Scalar]]
  ) -> OperationResult<Scalar> {
    let (normed, factors) = normalised(x, columns: count, epsilon: epsilon)
    let output = affine(normed, parameters[0], parameters[1])
    return OperationResult(
      output: output, residual: Residual(rows: rows, numbers: [normed, factors]))
  }

  public func pullBack<Scalar: NetworkScalar>(
    _ delta: [Scalar], _ residual: Residual<Scalar>, parameters: [[Scalar]], parts: PullBackParts,
    scale: Scalar
  ) -> PullBack<Scalar> {
    let normed = residual.numbers[0]
    let zeros = [Scalar](repeating: 0, count: count)
    var result = PullBack<Scalar>()
    if parts.contains(.parameters) {
      var products = delta
      multiplyNumbers(&products, by: normed)
      result.parameters = [products, delta].map {
        var sums = columnSums($0, columns: count)
        multiply(&sums, by: scale)
        return sums
      }
    }
    if parts.contains(.input) {
      result.input = centred(
        affine(delta, parameters[0], zeros), normed, factors: residual.numbers[1])
    }
    return result
  }

  public func pushForward<Scalar: NetworkScalar>(
    _ tangent: [Scalar], parameterTangents: [[Scalar]]?, _ residual: Residual<Scalar>,
    parameters: [[Scalar]]
  ) -> [Scalar] {
    let normed = residual.numbers[0]
    let zeros = [Scalar](repeating: 0, count: count)
    let moved = centred(tangent, normed, factors: residual.numbers[1])
    var y = affine(moved, parameters[0], zeros)
    if let tangents = parameterTangents {
      addNumbers(affine(normed, tangents[0], tangents[1]), to: &y)
    }
    return y
  }
}

/// `(x - mean) f` of every row, and the factors `f = 1 / sqrt(variance + eps)`.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func normalised<Scalar: NetworkScalar>(
  _ x: [Scalar], columns: Int, epsilon: Double
) -> (normed: [Scalar], factors: [Scalar]) {
  var normed = x
  var factors: [Scalar] = []
  for start in stride(from: 0, to: x.count, by: columns) {
    let row = start..<start + columns
    var sum = 0.0
    for index in row { sum += Double(x[index]) }
    let mean = sum / Double(columns)
    var squares = 0.0
    for index in row {
      let distance = Double(x[index]) - mean
      squares += distance * distance
    }
    let factor = 1 / (squares / Double(columns) + epsilon).squareRoot()
    for index in row { normed[index] = Scalar((Double(x[index]) - mean) * factor) }
    factors.append(Scalar(factor))
  }
  return (normed, factors)
}

/// `f (g - mean g - n mean(g n))` of every row, the symmetric Jacobian of `n = normed` applied to
/// `g`.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func centred<Scalar: NetworkScalar>(
  _ values: [Scalar], _ normed: [Scalar], factors: [Scalar]
) -> [Scalar] {
  precondition(values.count == normed.count)
  var result = values
  let columns = values.count / max(1, factors.count)
  for (line, factor) in factors.enumerated() {
    let row = line * columns..<(line + 1) * columns
    var sum = 0.0
    var product = 0.0
    for index in row {
      sum += Double(values[index])
      product += Double(values[index]) * Double(normed[index])
    }
    let mean = Scalar(sum / Double(columns))
    let share = Scalar(product / Double(columns))
    for index in row { result[index] = factor * (values[index] - mean - normed[index] * share) }
  }
  return result
}

/// `w x + b` by number, the rows of `w` and `b` repeated.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func affine<Scalar: NetworkScalar>(
  _ x: [Scalar], _ weight: [Scalar], _ bias: [Scalar]
) -> [Scalar] {
  precondition(weight.count == bias.count)
  var y = x
  for start in stride(from: 0, to: x.count, by: weight.count) {
    for column in weight.indices {
      y[start + column] = weight[column] * x[start + column] + bias[column]
    }
  }
  return y
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func multiplyNumbers<Scalar: NetworkScalar>(
  _ values: inout [Scalar], by factors: [Scalar]
) {
  precondition(values.count == factors.count)
  for index in values.indices { values[index] *= factors[index] }
}
