import Tensors

/// A sequence of operations: a map of rows `[rows][inputs] -> [rows][outputs]` that treats every
/// row by itself.
///
/// The program is the same for `Float` and `Double`; its methods are generic, and the numbers of
/// its parameters stand in a `ParameterStore`. Groups are numbered from 1 among the operations that
/// have parameters, branches included: `encoder.1` holds `encoder.1.weight` and `encoder.1.bias`.
public struct Program: Sendable {
  public let operations: [any NetworkOperation]
  public let inputShape: TensorShape
  /// Whether the operations are dense, with a ReLU between any two and nothing after the last:
  /// the numbers are then those of the plain chain of BLAS products, bit for bit.
  public let isDenseReLU: Bool
  /// Tensors of all parameters.
  let tensorCount: Int
  /// The tensors of each operation.
  private let shares: [Range<Int>]
  /// Dense operations that are run together with the ReLU behind them.
  private let rectified: [Dense?]

  /// The program of a list such as `[{dense: 200}, leaky-relu, {dense: 10}]`.
  ///
  /// - Throws: `NetworkError` with the place and text of the operation: `.setting` for an unknown
  ///   name or wrong settings, `.shape` for sizes that do not fit.
  public init(_ specs: [OperationSpec], _ context: OperationContext) throws {
    var operations: [any NetworkOperation] = []
    var shape = context.input
    for (index, spec) in specs.enumerated() {
      do {
        let operation = try OperationRegistry.operation(spec, context.with(input: shape))
        shape = operation.outputShape
        operations.append(operation)
      } catch let error as NetworkError {
        throw error.at("operation \(index + 1), \(spec.name), on rows of \(shape)")
      }
    }
    try self.init(operations, input: context.input)
  }

  /// - Throws: `NetworkError.shape` for an operation whose input is not the output before it, or
  ///   for more than `TensorShape.largest` parameters.
  public init(_ operations: [any NetworkOperation], input: TensorShape) throws {
    var shape = input
    var parameters = 0
    for (index, operation) in operations.enumerated() {
      let place = "operation \(index + 1), \(operation.name)"
      guard operation.inputShape == shape else {
        throw NetworkError.shape(
          "\(place): takes rows of \(operation.inputShape), but gets rows of \(shape)")
      }
      for tensor in operation.parameterTensors {
        guard let count = TensorShape.product(tensor.shape),
          parameters + count <= TensorShape.largest
        else {
          throw NetworkError.shape(
            "\(place): a \(tensor.name) of \(tensor.shape.map(String.init).joined(separator: " x ")) numbers makes too many parameters; at most \(TensorShape.largest)"
          )
        }
        parameters += count
      }
      shape = operation.outputShape
    }
    self.operations = operations
    inputShape = input
    var count = 0
    shares = operations.map { operation in
      defer { count += operation.parameterTensors.count }
      return count..<count + operation.parameterTensors.count
    }
    tensorCount = count
    rectified = operations.indices.map {
      $0 + 1 < operations.count && operations[$0 + 1] is ReLU ? operations[$0] as? Dense : nil
    }
    isDenseReLU =
      operations.count % 2 == 1
      && operations.enumerated().allSatisfy { $0 % 2 == 0 ? $1 is Dense : $1 is ReLU }
  }

  public var outputShape: TensorShape { operations.last?.outputShape ?? inputShape }

  /// The tensors of every group.
  public var parameterGroups: [[ParameterTensor]] { operations.flatMap(\.parameterGroups) }

  /// Numbers of all parameters.
  public var parameterCount: Int {
    parameterGroups.joined().reduce(0) { $0 + $1.count }
  }
}

/// What a forward pass leaves for the derivatives.
public struct ProgramPass<Scalar: NetworkScalar>: Sendable {
  public let rows: Int
  /// What each operation kept.
  public internal(set) var residuals: [Residual<Scalar>]
  /// `[rows][outputs]`.
  public internal(set) var output: [Scalar]

  /// The pass of the rows `indices`, repeated and ordered as they are.
  public func gathered(_ indices: [Int32]) -> ProgramPass {
    ProgramPass(
      rows: indices.count, residuals: residuals.map { $0.gathered(indices) },
      output: gatheredRows(output, of: rows, indices))
  }
}

extension Program {
  /// The parameters of operation `index` among those of the program.
  func share<Scalar: NetworkScalar>(_ index: Int, of parameters: [[Scalar]]) -> [[Scalar]] {
    shares[index].map { parameters[$0] }
  }

  func run<Scalar: NetworkScalar>(
    _ x: [Scalar], rows: Int, _ parameters: [[Scalar]]
  ) -> ProgramPass<Scalar> {
    var pass = ProgramPass(rows: rows, residuals: [], output: x)
    extend(&pass, parameters)
    return pass
  }

  func run<Scalar: NetworkScalar>(
    codes: CodeRows, _ parameters: [[Scalar]]
  ) -> ProgramPass<Scalar> {
    guard let first = operations.first else {
      return ProgramPass(rows: codes.rows, residuals: [], output: codes.oneHot())
    }
    let own = share(0, of: parameters)
    let result =
      rectified[0]?.forward(codes: codes, parameters: own, rectified: true)
      ?? first.forward(codes: codes, parameters: own)
    var pass = ProgramPass(
      rows: codes.rows, residuals: [result.residual], output: result.output)
    keepRectified(0, &pass)
    extend(&pass, parameters)
    return pass
  }

  /// Runs the operations that the pass has not seen.
  private func extend<Scalar: NetworkScalar>(
    _ pass: inout ProgramPass<Scalar>, _ parameters: [[Scalar]]
  ) {
    while pass.residuals.count < operations.count {
      let index = pass.residuals.count
      let own = share(index, of: parameters)
      let result =
        rectified[index]?.forward(pass.output, rows: pass.rows, parameters: own, rectified: true)
        ?? operations[index].forward(pass.output, rows: pass.rows, parameters: own)
      pass.residuals.append(result.residual)
      pass.output = result.output
      keepRectified(index, &pass)
    }
  }

  /// Adds the residual of a ReLU that was run with the dense operation `index` before it.
  private func keepRectified<Scalar: NetworkScalar>(
    _ index: Int, _ pass: inout ProgramPass<Scalar>
  ) {
    guard rectified[index] != nil else { return }
    pass.residuals.append(Residual(rows: pass.rows, numbers: [pass.output]))
  }

  func back<Scalar: NetworkScalar>(
    _ delta: [Scalar], _ pass: ProgramPass<Scalar>, _ parameters: [[Scalar]],
    parts: PullBackParts, scale: Scalar
  ) -> PullBack<Scalar> {
    var delta = delta
    var gradients: [[[Scalar]]] = []
    for index in operations.indices.reversed() {
      // Below the first operation with parameters nothing is left to do but the input.
      let own =
        parts.contains(.input) || shares[index].lowerBound > 0 ? parts.union(.input) : parts
      guard !own.isEmpty, own.contains(.input) || !shares[index].isEmpty else { break }
      let result = operations[index].pullBack(
        delta, pass.residuals[index], parameters: share(index, of: parameters), parts: own,
        scale: scale)
      gradients.append(result.parameters)
      delta = result.input
    }
    return PullBack(
      input: parts.contains(.input) ? delta : [],
      parameters: parts.contains(.parameters) ? gradients.reversed().flatMap { $0 } : [])
  }

  func push<Scalar: NetworkScalar>(
    _ tangent: [Scalar], _ parameterTangents: [[Scalar]]?, _ pass: ProgramPass<Scalar>,
    _ parameters: [[Scalar]]
  ) -> [Scalar] {
    var tangent = tangent
    for (index, operation) in operations.enumerated() {
      tangent = operation.pushForward(
        tangent, parameterTangents: parameterTangents.map { share(index, of: $0) },
        pass.residuals[index], parameters: share(index, of: parameters))
    }
    return tangent
  }

  func grams<Scalar: NetworkScalar>(
    _ delta: [Scalar], _ pass: ProgramPass<Scalar>, _ parameters: [[Scalar]]
  ) -> [[Double]] {
    var delta = delta
    var grams: [[[Double]]] = []
    for index in operations.indices.reversed() {
      let own = share(index, of: parameters)
      grams.append(
        operations[index].grams(delta, pass.residuals[index], parameters: own))
      guard shares[index].lowerBound > 0 else { break }
      delta =
        operations[index].pullBack(
          delta, pass.residuals[index], parameters: own, parts: .input, scale: 1
        ).input
    }
    return grams.reversed().flatMap { $0 }
  }

  func squares<Scalar: NetworkScalar>(
    _ delta: [Scalar], _ pass: ProgramPass<Scalar>, _ parameters: [[Scalar]]
  ) -> [[Double]] {
    var delta = delta
    var squares: [[[Double]]] = []
    for index in operations.indices.reversed() {
      let own = share(index, of: parameters)
      squares.append(operations[index].squares(delta, pass.residuals[index], parameters: own))
      guard shares[index].lowerBound > 0 else { break }
      delta =
        operations[index].pullBack(
          delta, pass.residuals[index], parameters: own, parts: .input, scale: 1
        ).input
    }
    return squares.reversed().flatMap { $0 }
  }
}
