/// An operation that runs several programs on the same input and joins their outputs.
protocol BranchingOperation: NetworkOperation {
  /// The joined output of the branches, `[rows][outputs]`.
  func joined<Scalar: NetworkScalar>(_ outputs: [[Scalar]], rows: Int) -> [Scalar]
  /// What each branch gets of a gradient at the joined output: the transpose of `joined`.
  func split<Scalar: NetworkScalar>(_ delta: [Scalar], rows: Int) -> [[Scalar]]
}

extension BranchingOperation {
  // What follows the join does not follow one weight.
  public var role: OperationRole { .activation }
  public var inputShape: TensorShape { branches[0].inputShape }

  public var parameterGroups: [[ParameterTensor]] { branches.flatMap(\.parameterGroups) }

  public func forward<Scalar: NetworkScalar>(
    _ x: [Scalar], rows: Int, parameters: [[Scalar]]
  ) -> OperationResult<Scalar> {
    result(zip(branches, shares(parameters)).map { $0.run(x, rows: rows, $1) }, rows: rows)
  }

  public func forward<Scalar: NetworkScalar>(
    codes: CodeRows, parameters: [[Scalar]]
  ) -> OperationResult<Scalar> {
    result(zip(branches, shares(parameters)).map { $0.run(codes: codes, $1) }, rows: codes.rows)
  }

  public func pullBack<Scalar: NetworkScalar>(
    _ delta: [Scalar], _ residual: Residual<Scalar>, parameters: [[Scalar]], parts: PullBackParts,
    scale: Scalar
  ) -> PullBack<Scalar> {
    let deltas = split(delta, rows: residual.rows)
    let shares = shares(parameters)
    var result = PullBack<Scalar>()
    for (index, branch) in branches.enumerated() {
      let own = branch.back(
        deltas[index], residual.branches[index], shares[index], parts: parts, scale: scale)
      result.parameters += own.parameters
      if index == 0 { result.input = own.input } else { addNumbers(own.input, to: &result.input) }
    }
    return result
  }

  public func pushForward<Scalar: NetworkScalar>(
    _ tangent: [Scalar], parameterTangents: [[Scalar]]?, _ residual: Residual<Scalar>,
    parameters: [[Scalar]]
  ) -> [Scalar] {
    let shares = shares(parameters)
    let tangents = parameterTangents.map { self.shares($0) }
    return joined(
      branches.indices.map {
        branches[$0].push(tangent, tangents?[$0], residual.branches[$0], shares[$0])
      }, rows: residual.rows)
  }

  public func grams<Scalar: NetworkScalar>(
    _ delta: [Scalar], _ residual: Residual<Scalar>, parameters: [[Scalar]]
  ) -> [[Double]] {
    let deltas = split(delta, rows: residual.rows)
    let shares = shares(parameters)
    return branches.indices.flatMap {
      branches[$0].grams(deltas[$0], residual.branches[$0], shares[$0])
    }
  }

  public func squares<Scalar: NetworkScalar>(
    _ delta: [Scalar], _ residual: Residual<Scalar>, parameters: [[Scalar]]
  ) -> [[Double]] {
    let deltas = split(delta, rows: residual.rows)
    let shares = shares(parameters)
    return branches.indices.flatMap {
      branches[$0].squares(deltas[$0], residual.branches[$0], shares[$0])
    }
  }

  private func result<Scalar: NetworkScalar>(
    _ passes: [ProgramPass<Scalar>], rows: Int
  ) -> OperationResult<Scalar> {
    OperationResult(
      output: joined(passes.map(\.output), rows: rows),
      residual: Residual(rows: rows, branches: passes))
  }

  /// The parameters of each branch.
  private func shares<Scalar: NetworkScalar>(_ parameters: [[Scalar]]) -> [[[Scalar]]] {
    var start = 0
    return branches.map { branch in
      defer { start += branch.tensorCount }
      return Array(parameters[start..<start + branch.tensorCount])
    }
  }
}

/// - Throws: `NetworkError.shape` for no branches, or branches of unequal inputs.
func checkBranches(_ branches: [Program], of name: String) throws {
  guard let first = branches.first else {
    throw NetworkError.shape("'\(name)' needs at least one branch")
  }
  for branch in branches where branch.inputShape != first.inputShape {
    throw NetworkError.shape(
      "the branches of '\(name)' have inputs of \(first.inputShape) and \(branch.inputShape)")
  }
}
