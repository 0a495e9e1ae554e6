/// Propagation along a graph: every channel of every row is a number a node, and `y_c = A x_c`.
///
/// A row is `[channels][nodes]`: the rows of the batch are independent states of one graph. With a
/// convolution of kernel 1, which mixes the channels of each node, this is a graph convolution
/// `A X W + b`. Cost: `2 rows channels entries` flops.
public struct GraphPropagation: NetworkOperation {
  public let inputShape: TensorShape
  public let adjacency: SparseMatrix

  /// - Throws: `NetworkError.shape` where a channel of the row is not one number a node.
  public init(_ shape: TensorShape, adjacency: SparseMatrix) throws {
    guard shape.plane == adjacency.size else {
      throw NetworkError.shape(
        "a graph of \(adjacency.size) nodes needs rows of channels x \(adjacency.size) x 1, found \(shape); use 'reshape'"
      )
    }
    inputShape = shape
    self.adjacency = adjacency
  }

  public static let descriptor = OperationDescriptor(
    name: "graph", summary: "Propagation along the edges of the problem's graph",
    formula: "y_c = A x_c for every channel c, A the normalised adjacency"
  ) { context, _ in
    guard let graph = context.graph else {
      throw NetworkError.setting("there is no graph here; 'graph' works on problems that have one")
    }
    return try GraphPropagation(context.input, adjacency: graph)
  }

  public var name: String { "graph" }
  public var role: OperationRole { .passing }
  public var outputShape: TensorShape { inputShape }

  public func forward<Scalar: NetworkScalar>(
    _ x: [Scalar], rows: Int, parameters: [[Scalar]]
  ) -> OperationResult<Scalar> {
    OperationResult(
      output: propagated(x, adjacency, transposed: false), residual: Residual(rows: rows))
  }

  public func pullBack<Scalar: NetworkScalar>(
    _ delta: [Scalar], _ residual: Residual<Scalar>, parameters: [[Scalar]], parts: PullBackParts,
    scale: Scalar
  ) -> PullBack<Scalar> {
    guard parts.contains(.input) else { return PullBack() }
    return PullBack(input: propagated(delta, adjacency, transposed: true))
  }

  public func pushForward<Scalar: NetworkScalar>(
    _ tangent: [Scalar], parameterTangents: [[Scalar]]?, _ residual: Residual<Scalar>,
    parameters: [[Scalar]]
  ) -> [Scalar] { propagated(tangent, adjacency, transposed: false) }
}

/// `A x` or `A^T x` of every stretch of as many numbers as `A` has rows.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func propagated<Scalar: NetworkScalar>(
  _ x: [Scalar], _ matrix: SparseMatrix, transposed: Bool
) -> [Scalar] {
  let values = matrix.values.map { Scalar($0) }
  let (starts, columns) = (matrix.starts, matrix.columns)
  var result = [Scalar](repeating: 0, count: x.count)
  for start in stride(from: 0, to: x.count, by: matrix.size) {
    for row in 0..<matrix.size {
      for entry in starts[row]..<starts[row + 1] {
        if transposed {
          result[start + columns[entry]] += values[entry] * x[start + row]
        } else {
          result[start + row] += values[entry] * x[start + columns[entry]]
        }
      }
    }
  }
  return result
}
