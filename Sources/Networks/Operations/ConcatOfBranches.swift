/// The outputs of several programs on the same input, one behind the other by channel.
///
/// Cost: the branches and one copy.
public struct ConcatOfBranches: BranchingOperation {
  public let branches: [Program]
  public let outputShape: TensorShape

  /// - Throws: `NetworkError.shape` for no branches, or heights or widths that differ.
  public init(_ branches: [Program]) throws {
    try checkBranches(branches, of: "concat")
    let first = branches[0].outputShape
    var channels = 0
    for (index, branch) in branches.enumerated() {
      let shape = branch.outputShape
      guard shape.height == first.height, shape.width == first.width else {
        throw NetworkError.shape(
          "branch 1 of 'concat' gives rows of \(first), branch \(index + 1) rows of \(shape); heights and widths must be equal"
        )
      }
      channels += shape.channels
    }
    outputShape = try TensorShape(channels: channels, height: first.height, width: first.width)
    self.branches = branches
  }

  public static let descriptor = OperationDescriptor.branching(
    name: "concat", summary: "Outputs of branches on the same input, one behind the other",
    formula: "y = (f_1(x), f_2(x), ...)"
  ) { try ConcatOfBranches($0) }

  public var name: String { "concat" }

  func joined<Scalar: NetworkScalar>(_ outputs: [[Scalar]], rows: Int) -> [Scalar] {
    let width = outputShape.count
    var result = [Scalar](repeating: 0, count: rows * width)
    var start = 0
    for (branch, output) in zip(branches, outputs) {
      let own = branch.outputShape.count
      copyLines(output, 0, own, to: &result, start, width, count: own, rows: rows)
      start += own
    }
    return result
  }

  func split<Scalar: NetworkScalar>(_ delta: [Scalar], rows: Int) -> [[Scalar]] {
    var start = 0
    return branches.map { branch in
      let own = branch.outputShape.count
      var share = [Scalar](repeating: 0, count: rows * own)
      copyLines(delta, start, outputShape.count, to: &share, 0, own, count: own, rows: rows)
      start += own
      return share
    }
  }
}

/// Copies `count` numbers from place `first` of each row of `stride` numbers to place `ownFirst` of
/// each row of `ownStride`.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func copyLines<Scalar: NetworkScalar>(
  _ values: [Scalar], _ first: Int, _ stride: Int, to result: inout [Scalar], _ ownFirst: Int,
  _ ownStride: Int, count: Int, rows: Int
) {
  for row in 0..<rows {
    let (from, to) = (row * stride + first, row * ownStride + ownFirst)
    for index in 0..<count { result[to + index] = values[from + index] }
  }
}
