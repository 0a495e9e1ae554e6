import Conformance
import Discrete

/// A problem with one fault.
struct BrokenProblem: DiscreteProblem {
  enum Fault: String, CaseIterable, Sendable {
    /// `df/dz` is half of what it is, at soft and at hard points.
    case halfGradients
    /// Joint codes are those after the ones asked for.
    case shiftedJointCodes
    /// A row's oracle is that of the first row.
    case firstRow
    /// Answers in float32 are half of what they are, with another sign.
    case singleSign
    /// Soft values are larger than hard ones.
    case softOffset
    /// A row's Gram matrices are twice what they are: variances at the parameters alone are wrong.
    case doubleGrams
    /// Squared norms are nine tenths of what they are.
    case shortNorms
    /// Squares of single parameters are nine tenths of what they are.
    case shortSquares
    /// A closed form of another temperature.
    case closedForm

    var check: ProblemCheck {
      switch self {
      case .halfGradients: .differences
      case .shiftedJointCodes: .jointCodes
      case .firstRow: .restriction
      case .singleSign: .single
      case .softOffset: .corners
      case .doubleGrams: .grams
      case .shortNorms: .pullbacks
      case .shortSquares: .squares
      case .closedForm: .closedForm
      }
    }
  }

  let inner: any DiscreteProblem
  let fault: Fault

  var logits: Logits { inner.logits }
  var oracle: any CostOracle { BrokenOracle(inner: inner.oracle, fault: fault) }
  var pullback: (any ParameterPullback)? {
    inner.pullback.map { BrokenPullback(inner: $0, fault: fault) }
  }
  func closedFormGradient(temperature: Double) -> [Double]? {
    fault == .closedForm ? [Double](repeating: 1, count: shape.count) : nil
  }
}

private struct BrokenOracle: BulkOracle {
  let inner: any CostOracle
  let fault: BrokenProblem.Fault

  var shape: LayerShape { inner.shape }
  var capabilities: OracleCapabilities { inner.capabilities }

  func costs(at codes: CodeBlock, gradients: Bool) throws -> CostBlock {
    changed(try inner.costs(at: codes, gradients: gradients))
  }

  func costs(at points: SoftBlock, gradients: Bool) throws -> CostBlock {
    var block = changed(try inner.costs(at: points, gradients: gradients))
    if fault == .softOffset { block.values = block.values.map { 1.001 * $0 } }
    return block
  }

  func costs(ofJointCodes jointCodes: Range<Int>, gradients: Bool) throws -> CostBlock {
    guard fault == .shiftedJointCodes, jointCodes.lowerBound > 0 else {
      return changed(try inner.costs(ofJointCodes: jointCodes, gradients: gradients))
    }
    return try inner.costs(
      ofJointCodes: jointCodes.lowerBound - 1..<jointCodes.upperBound - 1, gradients: gradients)
  }

  func singleCosts(at codes: CodeBlock, values: Bool, gradients: Bool) throws -> SingleCosts {
    var costs = try inner.singleCosts(at: codes, values: values, gradients: gradients)
    if fault == .singleSign { costs.gradients = costs.gradients.map { -0.5 * $0 } }
    return costs
  }

  func restricted(toRow index: Int) -> any CostOracle {
    inner.restricted(toRow: fault == .firstRow ? 0 : index)
  }

  private func changed(_ block: CostBlock) -> CostBlock {
    guard fault == .halfGradients else { return block }
    return CostBlock(values: block.values, gradients: block.gradients.map { 0.5 * $0 })
  }
}

private struct BrokenPullback: ParameterPullback, PullbackNorms, PullbackSquares {
  let inner: any ParameterPullback
  let fault: BrokenProblem.Fault

  var groups: [ParameterGroup] { inner.groups }
  func pullBack(_ logitGradient: [Double]) -> [[Double]] { inner.pullBack(logitGradient) }

  var norms: any PullbackNorms { self }
  func partial(_ logitGradient: [Double], rows: [Int]?) -> PartialPullback {
    DirectNorms(self).partial(logitGradient, rows: rows)
  }
  func image(_ partial: PartialPullback) -> [[Double]] { partial.groups }
  func squaredNorms(_ partial: PartialPullback) -> [Double] {
    partial.products(
      fault == .shortNorms ? partial.groups.map { $0.map { 0.9 * $0 } } : partial.groups)
  }

  var squares: any PullbackSquares { self }
  var form: SquareForm { DirectSquares(self).form }
  func row(_ row: Int, of rows: Int) -> @Sendable (RowVectors) -> [[Double]] {
    DirectSquares(self).row(row, of: rows)
  }
  func parameters(_ squares: [Double], power: Int) -> [[Double]] {
    byGroup(fault == .shortSquares ? squares.map { 0.9 * $0 } : squares)
  }

  func rowGrams(_ row: Int) -> [RowGram] {
    inner.rowGrams(row).map {
      fault == .doubleGrams
        ? RowGram($0.values.map { 2 * $0 }, precision: $0.precision) : $0
    }
  }
}
