import Tensors

// Sizes of arrays that are passed here are a caller's own doing: they are preconditions.
extension Program {
  /// - Parameters:
  ///   - x: `[rows][inputs]`.
  ///   - parameters: made by `start` or filled from a file; of this program's layout.
  /// Cost: that of the operations.
  public func forward<Scalar: NetworkScalar>(
    _ x: [Scalar], rows: Int, _ parameters: ParameterStore<Scalar>
  ) -> ProgramPass<Scalar> {
    precondition(x.count == rows * inputShape.count && matches(parameters))
    return run(x, rows: rows, parameters.values)
  }

  /// The forward pass of one-hot blocks, `codes.width` equal to the inputs: a dense operation or an
  /// embedding in the first place gathers rows, others are fed the blocks.
  public func forward<Scalar: NetworkScalar>(
    codes: CodeRows, _ parameters: ParameterStore<Scalar>
  ) -> ProgramPass<Scalar> {
    precondition(codes.width == inputShape.count && matches(parameters))
    return run(codes: codes, parameters.values)
  }

  /// `dL/dx` at the input and the gradients of the parameters, summed over rows and times `scale`,
  /// for `delta = dL/d(output)`, `[rows][outputs]`.
  ///
  /// Cost: about that of the forward pass for each part.
  public func pullBack<Scalar: NetworkScalar>(
    _ delta: [Scalar], _ pass: ProgramPass<Scalar>, _ parameters: ParameterStore<Scalar>,
    parts: PullBackParts = .all, scale: Scalar = 1
  ) -> PullBack<Scalar> {
    precondition(delta.count == pass.rows * outputShape.count && matches(parameters))
    return back(delta, pass, parameters.values, parts: parts, scale: scale)
  }

  /// The vector-Jacobian product `J^T delta` at the input, `[rows][inputs]`.
  public func inputGradient<Scalar: NetworkScalar>(
    _ delta: [Scalar], _ pass: ProgramPass<Scalar>, _ parameters: ParameterStore<Scalar>
  ) -> [Scalar] {
    pullBack(delta, pass, parameters, parts: .input).input
  }

  /// The vector-Jacobian product at the parameters, one array a tensor, times `scale`.
  public func parameterGradients<Scalar: NetworkScalar>(
    _ delta: [Scalar], _ pass: ProgramPass<Scalar>, _ parameters: ParameterStore<Scalar>,
    scale: Scalar = 1
  ) -> [[Scalar]] {
    pullBack(delta, pass, parameters, parts: .parameters, scale: scale).parameters
  }

  /// The Jacobian-vector product, `[rows][outputs]`: how the output moves where the input moves by
  /// `tangent`, `[rows][inputs]`, and the parameters by `parameterTangents`, one array a tensor
  /// (nil: they stay).
  ///
  /// Cost: about that of the forward pass, twice with parameters.
  public func pushForward<Scalar: NetworkScalar>(
    _ tangent: [Scalar], parameterTangents: [[Scalar]]? = nil, _ pass: ProgramPass<Scalar>,
    _ parameters: ParameterStore<Scalar>
  ) -> [Scalar] {
    precondition(tangent.count == pass.rows * inputShape.count && matches(parameters))
    precondition(
      parameterTangents.map { $0.map(\.count) == parameters.values.map(\.count) } ?? true)
    return push(tangent, parameterTangents, pass, parameters.values)
  }

  /// `dL/d(output)` of every operation, `[rows][its outputs]` each, for `delta` at the last one.
  public func outputGradients<Scalar: NetworkScalar>(
    _ delta: [Scalar], _ pass: ProgramPass<Scalar>, _ parameters: ParameterStore<Scalar>
  ) -> [[Scalar]] {
    precondition(delta.count == pass.rows * outputShape.count && matches(parameters))
    guard !operations.isEmpty else { return [] }
    var gradients = [delta]
    for index in operations.indices.dropFirst().reversed() {
      gradients.append(
        operations[index].pullBack(
          gradients[gradients.count - 1], pass.residuals[index],
          parameters: share(index, of: parameters.values), parts: .input, scale: 1
        ).input)
    }
    return gradients.reversed()
  }

  /// `G_g = J_g J_g^T` of one row for every parameter group `g`, `[outputs][outputs]`, with the
  /// Jacobian `J_g` of that row's outputs with respect to the parameters of the group.
  ///
  /// For a dense operation `(|x|^2 + 1) Delta Delta^T`, with its input `x` and the Jacobian `Delta`
  /// of the outputs with respect to its output; for others by one pull-back an output. Products of
  /// Jacobians are in float64. Cost: a backward pass of as many rows as there are outputs, and the
  /// products.
  public func rowGrams<Scalar: NetworkScalar>(
    row: Int, _ pass: ProgramPass<Scalar>, _ parameters: ParameterStore<Scalar>
  ) -> [[Double]] {
    precondition(row >= 0 && row < pass.rows && matches(parameters))
    let outputs = outputShape.count
    var units = [Scalar](repeating: 0, count: outputs * outputs)
    for output in 0..<outputs { units[output * (outputs + 1)] = 1 }
    let repeated = pass.gathered([Int32](repeating: Int32(row), count: outputs))
    return grams(units, repeated, parameters.values)
  }

  /// `sum_i (dL_i/dw)^2` of every parameter `w`, one array a tensor, for `count` functions `L_i` of one row's
  /// outputs, `delta = dL_i/d(output)`, `[count][outputs]`.
  ///
  /// For a dense operation from squares at its output, for others by one pull-back a function. Cost: a backward
  /// pass of `count` rows at the inputs, and those pull-backs.
  public func parameterSquares<Scalar: NetworkScalar>(
    _ delta: [Scalar], row: Int, count: Int, _ pass: ProgramPass<Scalar>,
    _ parameters: ParameterStore<Scalar>
  ) -> [[Double]] {
    precondition(row >= 0 && row < pass.rows && matches(parameters))
    precondition(delta.count == count * outputShape.count)
    let repeated = pass.gathered([Int32](repeating: Int32(row), count: count))
    return squares(delta, repeated, parameters.values)
  }

  /// Whether the store has this program's tensors.
  func matches<Scalar>(_ parameters: ParameterStore<Scalar>) -> Bool {
    var index = 0
    for group in parameterGroups {
      for tensor in group {
        guard index < parameters.tensors.count,
          parameters.tensors[index].shape == tensor.shape
        else { return false }
        index += 1
      }
    }
    return index == parameters.tensors.count
  }
}
