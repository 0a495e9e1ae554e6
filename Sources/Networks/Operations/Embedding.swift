import Tensors

/// A row of one shared table for every block: `y_d = sum_k x_dk w_k`, `[latents][width]`.
///
/// The input is `[latents][categories]`: one-hot blocks or points inside the simplex, a dense
/// product; of codes the rows are gathered. `weight` is `[categories][width]`.
/// Cost: `2 rows latents categories width` flops, or `rows latents width` copies for codes.
public struct Embedding: NetworkOperation {
  public let inputShape: TensorShape
  public let outputShape: TensorShape
  public let categories: Int
  public let width: Int

  /// - Throws: `NetworkError.shape` where the row is not whole blocks of `categories`.
  public init(_ input: TensorShape, categories: Int, width: Int) throws {
    guard categories >= 1, input.count % categories == 0 else {
      throw NetworkError.shape(
        "blocks of \(categories) categories do not fill a row of \(input.count) numbers")
    }
    guard let outputs = TensorShape.product([input.count / categories, width]) else {
      throw NetworkError.shape(
        "a width of \(width) for each of \(input.count / categories) blocks is too large")
    }
    inputShape = input
    outputShape = try .flat(outputs)
    self.categories = categories
    self.width = width
  }

  public static let descriptor = OperationDescriptor(
    name: "embedding", summary: "Vectors of one shared table for blocks of categories",
    formula: "y_d = sum_k x_dk w_k",
    settings: [
      SettingSpec("categories", .size, "Numbers of a block"),
      SettingSpec("width", .size, "Numbers of a vector"),
    ]
  ) { context, settings in
    try Embedding(
      context.input, categories: settings.integer("categories"), width: settings.integer("width"))
  }

  public var name: String { "embedding" }
  public var role: OperationRole { .weights }
  private var latents: Int { inputShape.count / categories }

  /// Of a block's inputs one is 1: a fan-in of 1.
  public var parameterGroups: [[ParameterTensor]] {
    [[ParameterTensor("weight", shape: [categories, width], start: .normal(fanIn: 1))]]
  }

  public func forward<Scalar: NetworkScalar>(
    _ x: [Scalar], rows: Int, parameters: [[Scalar]]
  ) -> OperationResult<Scalar> {
    OperationResult(
      output: product(x, parameters[0], rows: rows),
      residual: Residual(rows: rows, numbers: [x]))
  }

  public func forward<Scalar: NetworkScalar>(
    codes: CodeRows, parameters: [[Scalar]]
  ) -> OperationResult<Scalar> {
    guard codes.categories == categories else {
      return forward(codes.oneHot(), rows: codes.rows, parameters: parameters)
    }
    return OperationResult(
      output: gatheredRows(parameters[0], of: categories, codes.codes),
      residual: Residual(rows: codes.rows, codes: codes))
  }

  public func pullBack<Scalar: NetworkScalar>(
    _ delta: [Scalar], _ residual: Residual<Scalar>, parameters: [[Scalar]], parts: PullBackParts,
    scale: Scalar
  ) -> PullBack<Scalar> {
    var result = PullBack<Scalar>()
    if parts.contains(.parameters) {
      result.parameters = [
        residual.codes.map {
          scatteredRows(delta, $0.codes, categories: categories, width: width, scale: scale)
        }
          ?? matrixProduct(
            residual.numbers[0], delta, m: categories, n: width, k: residual.rows * latents,
            transposeA: true, alpha: scale)
      ]
    }
    if parts.contains(.input) {
      result.input = matrixProduct(
        delta, parameters[0], m: residual.rows * latents, n: categories, k: width,
        transposeB: true)
    }
    return result
  }

  public func pushForward<Scalar: NetworkScalar>(
    _ tangent: [Scalar], parameterTangents: [[Scalar]]?, _ residual: Residual<Scalar>,
    parameters: [[Scalar]]
  ) -> [Scalar] {
    var y = product(tangent, parameters[0], rows: residual.rows)
    if let tangents = parameterTangents {
      let own =
        residual.codes.map { gatheredRows(tangents[0], of: categories, $0.codes) }
        ?? product(residual.numbers[0], tangents[0], rows: residual.rows)
      addNumbers(own, to: &y)
    }
    return y
  }

  private func product<Scalar: NetworkScalar>(
    _ x: [Scalar], _ weight: [Scalar], rows: Int
  ) -> [Scalar] {
    matrixProduct(x, weight, m: rows * latents, n: width, k: categories)
  }
}

/// Sums of the rows of `delta` by code, times `scale`: the transpose of gathering.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func scatteredRows<Scalar: NetworkScalar>(
  _ delta: [Scalar], _ codes: [Int32], categories: Int, width: Int, scale: Scalar
) -> [Scalar] {
  var result = [Scalar](repeating: 0, count: categories * width)
  for (block, code) in codes.enumerated() {
    let (to, from) = (Int(code) * width, block * width)
    for column in 0..<width { result[to + column] += scale * delta[from + column] }
  }
  return result
}
