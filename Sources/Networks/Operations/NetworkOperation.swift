import Tensors

/// One step of a program: a map of rows `[rows][inputs] -> [rows][outputs]` that treats every row
/// by itself.
///
/// Held as an existential by a program and called once a batch. The methods are generic over the
/// scalar and hand their loops to BLAS, C kernels, or functions specialised for `Float` and
/// `Double`. Sizes are checked where an operation is made; the methods take them for granted.
public protocol NetworkOperation: Sendable {
  /// Name in a program's text.
  var name: String { get }
  var inputShape: TensorShape { get }
  var outputShape: TensorShape { get }
  /// What the first weights of a program go by when they are drawn.
  var role: OperationRole { get }
  /// Programs that run on the same input, whose outputs it joins; none by default.
  var branches: [Program] { get }
  /// Parameters, by group: none, one group, or those of all branches.
  var parameterGroups: [[ParameterTensor]] { get }

  /// The output and what `pullBack` and `pushForward` need.
  ///
  /// - Parameters:
  ///   - x: `[rows][inputs]`.
  ///   - parameters: numbers of each tensor of `parameterGroups`, in their order.
  func forward<Scalar: NetworkScalar>(
    _ x: [Scalar], rows: Int, parameters: [[Scalar]]
  ) -> OperationResult<Scalar>

  /// The same for one-hot blocks given by their codes.
  func forward<Scalar: NetworkScalar>(
    codes: CodeRows, parameters: [[Scalar]]
  ) -> OperationResult<Scalar>

  /// `J^T delta` at the input and, summed over rows and times `scale`, at the parameters.
  ///
  /// - Parameters:
  ///   - delta: `dL/d(output)`, `[rows][outputs]`.
  ///   - parts: what is wanted; the rest is left empty.
  func pullBack<Scalar: NetworkScalar>(
    _ delta: [Scalar], _ residual: Residual<Scalar>, parameters: [[Scalar]], parts: PullBackParts,
    scale: Scalar
  ) -> PullBack<Scalar>

  /// `J v`: the derivative of the output, `[rows][outputs]`, where the input moves by `tangent`,
  /// `[rows][inputs]`, and the parameters by `parameterTangents` (nil: they stay).
  func pushForward<Scalar: NetworkScalar>(
    _ tangent: [Scalar], parameterTangents: [[Scalar]]?, _ residual: Residual<Scalar>,
    parameters: [[Scalar]]
  ) -> [Scalar]

  /// `J_g J_g^T` of each parameter group `g`, `[n][n]`, of one input row that `residual` holds `n`
  /// times over, for `delta = dL_i/d(output)`, `[n][outputs]`, of `n` functions `L_i`.
  func grams<Scalar: NetworkScalar>(
    _ delta: [Scalar], _ residual: Residual<Scalar>, parameters: [[Scalar]]
  ) -> [[Double]]

  /// `sum_i (dL_i/dw)^2` of every parameter `w`, one array a tensor, under the same conditions.
  func squares<Scalar: NetworkScalar>(
    _ delta: [Scalar], _ residual: Residual<Scalar>, parameters: [[Scalar]]
  ) -> [[Double]]
}

/// What an operation is to the weights before it.
public enum OperationRole: Sendable {
  /// Has weights of its own.
  case weights
  /// Blocks about half of what comes in: relu, leaky-relu, gelu.
  case rectifier
  /// Any other activation, and all that ends the search for one.
  case activation
  /// Lets through what comes in, up to its scale and order.
  case passing
}

/// A named tensor of an operation's parameters.
public struct ParameterTensor: Sendable, Equatable {
  /// What the numbers are before training.
  public enum Start: Sendable, Equatable {
    /// Normal with variance `gain / fanIn`.
    case normal(fanIn: Double)
    case zero
    case one
  }

  /// `weight` or `bias`.
  public let name: String
  public let shape: [Int]
  public let start: Start

  public init(_ name: String, shape: [Int], start: Start) {
    self.name = name
    self.shape = shape
    self.start = start
  }

  /// Numbers; the program that holds the operation has checked that they are not too many.
  public var count: Int { shape.reduce(1, *) }
}

/// What a pull-back is asked for.
public struct PullBackParts: OptionSet, Sendable {
  public let rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }

  public static let input = PullBackParts(rawValue: 1)
  public static let parameters = PullBackParts(rawValue: 2)
  public static let all: PullBackParts = [.input, .parameters]
}

/// Gradients at the input, `[rows][inputs]`, and at the parameters, one array a tensor.
public struct PullBack<Scalar: NetworkScalar>: Sendable, Equatable {
  public var input: [Scalar]
  public var parameters: [[Scalar]]

  public init(input: [Scalar] = [], parameters: [[Scalar]] = []) {
    self.input = input
    self.parameters = parameters
  }
}

/// What a forward pass through an operation gives.
public struct OperationResult<Scalar: NetworkScalar>: Sendable {
  /// `[rows][outputs]`.
  public var output: [Scalar]
  public var residual: Residual<Scalar>

  public init(output: [Scalar], residual: Residual<Scalar>) {
    self.output = output
    self.residual = residual
  }
}

extension NetworkOperation {
  /// Tensors of all groups.
  public var parameterTensors: [ParameterTensor] { parameterGroups.flatMap { $0 } }

  public var branches: [Program] { [] }

  public var parameterGroups: [[ParameterTensor]] { [] }

  public func forward<Scalar: NetworkScalar>(
    codes: CodeRows, parameters: [[Scalar]]
  ) -> OperationResult<Scalar> {
    forward(codes.oneHot(), rows: codes.rows, parameters: parameters)
  }

  /// By `n` pull-backs of one row each. Cost: those, `n^2 P` flops and `n P` numbers for `P`
  /// parameters.
  public func grams<Scalar: NetworkScalar>(
    _ delta: [Scalar], _ residual: Residual<Scalar>, parameters: [[Scalar]]
  ) -> [[Double]] {
    guard !parameterGroups.isEmpty else { return [] }
    precondition(parameterGroups.count == 1)
    let outputs = outputShape.count
    let one = residual.gathered([0])
    var jacobian: [Double] = []
    for row in 0..<residual.rows {
      let gradients = pullBack(
        Array(delta[row * outputs..<(row + 1) * outputs]), one, parameters: parameters,
        parts: .parameters, scale: 1)
      for tensor in gradients.parameters { jacobian += doubles(tensor) }
    }
    let columns = jacobian.count / max(1, residual.rows)
    return [rowGram(jacobian, rows: residual.rows, columns: columns)]
  }

  /// By `n` pull-backs of one row each. Cost: those.
  public func squares<Scalar: NetworkScalar>(
    _ delta: [Scalar], _ residual: Residual<Scalar>, parameters: [[Scalar]]
  ) -> [[Double]] {
    let tensors = parameterTensors
    guard !tensors.isEmpty else { return [] }
    let outputs = outputShape.count
    var squares = tensors.map { [Double](repeating: 0, count: $0.count) }
    guard residual.rows > 0 else { return squares }
    let one = residual.gathered([0])
    for row in 0..<residual.rows {
      let gradients = pullBack(
        Array(delta[row * outputs..<(row + 1) * outputs]), one, parameters: parameters,
        parts: .parameters, scale: 1)
      for (tensor, values) in gradients.parameters.enumerated() {
        addSquares(values, to: &squares[tensor])
      }
    }
    return squares
  }
}

/// The numbers in float64.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func doubles<Scalar: NetworkScalar>(_ values: [Scalar]) -> [Double] {
  values.map { Double($0) }
}

/// `squares + values^2`, in place.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func addSquares<Scalar: NetworkScalar>(_ values: [Scalar], to squares: inout [Double]) {
  precondition(values.count == squares.count)
  for index in values.indices {
    let value = Double(values[index])
    squares[index] += value * value
  }
}
