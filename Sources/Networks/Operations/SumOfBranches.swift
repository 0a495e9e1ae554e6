/// The sum of the outputs of several programs on the same input; an empty program hands its input
/// on, so `{sum: [[], [...]]}` is a residual block.
///
/// Cost: the branches and one addition a number and branch.
public struct SumOfBranches: BranchingOperation {
  public let branches: [Program]

  /// - Throws: `NetworkError.shape` for no branches, or shapes that differ.
  public init(_ branches: [Program]) throws {
    try checkBranches(branches, of: "sum")
    for (index, branch) in branches.enumerated()
    where branch.outputShape != branches[0].outputShape {
      throw NetworkError.shape(
        "branch 1 of 'sum' gives rows of \(branches[0].outputShape), branch \(index + 1) rows of \(branch.outputShape); they must be equal"
      )
    }
    self.branches = branches
  }

  public static let descriptor = OperationDescriptor.branching(
    name: "sum", summary: "Sum of branches on the same input; an empty branch is the input itself",
    formula: "y = sum_i f_i(x)"
  ) { try SumOfBranches($0) }

  public var name: String { "sum" }
  public var outputShape: TensorShape { branches[0].outputShape }

  func joined<Scalar: NetworkScalar>(_ outputs: [[Scalar]], rows: Int) -> [Scalar] {
    var sum = outputs[0]
    for output in outputs.dropFirst() { addNumbers(output, to: &sum) }
    return sum
  }

  func split<Scalar: NetworkScalar>(_ delta: [Scalar], rows: Int) -> [[Scalar]] {
    branches.map { _ in delta }
  }
}
