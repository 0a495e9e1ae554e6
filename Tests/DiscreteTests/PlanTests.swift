import Discrete
import Testing

/// `f = 100 row + 10 x_0 + x_1`, `df/dz` equal to the value everywhere.
private struct NumberingOracle: CostOracle {
  let shape: LayerShape
  let capabilities = OracleCapabilities(softPoints: false)

  func costs(at codes: CodeBlock, gradients: Bool) throws -> CostBlock {
    let values = (0..<shape.rows * codes.draws).map { index in
      Double(
        100 * (index / codes.draws) + 10 * Int(codes.indices[index * 2])
          + Int(codes.indices[index * 2 + 1]))
    }
    return CostBlock(
      values: values,
      gradients: gradients
        ? values.flatMap { [Double](repeating: $0, count: shape.width) } : [])
  }

  func costs(at points: SoftBlock, gradients: Bool) throws -> CostBlock {
    throw DiscreteError.unsupported("one-hot points only")
  }
}

private struct EmptyEstimator: GradientEstimator {
  let plan = EvaluationPlan()
  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {}
}

@Suite struct PlanTests {
  /// A gradient call returns the value of the first sample too.
  @Test func callsAreCountedOnce() {
    #expect(EvaluationPlan(values: true).valueCalls == 1)
    #expect(EvaluationPlan(samples: 4, values: true).valueCalls == 4)
    #expect(EvaluationPlan(samples: 4, values: true, gradients: true).valueCalls == 3)
    #expect(EvaluationPlan(samples: 4, gradients: true).valueCalls == 0)
    #expect(EvaluationPlan(gradients: true).gradientCalls == 1)
    #expect(EvaluationPlan(relaxed: true).gradientCalls == 1)
    #expect(EvaluationPlan(gradients: true, relaxed: true).gradientCalls == 2)
    #expect(EvaluationPlan(values: true).gradientCalls == 0)
  }

  @Test func estimatorsHaveNoSoftPointsOrExactMomentsUnlessTheySaySo() throws {
    let row = RowLogits(latents: 1, categories: 2, values: [0, 1])
    let jointCodes = RowJointCodes(
      row: row, distribution: .sample(temperature: 1), codes: [0, 1], values: [0, 1], gradients: [],
      quadratureStep: 0.2)
    #expect(EmptyEstimator().coupled?.softPoints(row, RowDraws(count: 1)) == nil)
    #expect(EmptyEstimator().traits.softPointsVary)
    #expect(try EmptyEstimator().exact?.exactMoments(row, jointCodes) == nil)
  }

  @Test func jointCodesOfAnOracleAreRowsOfAllJointCodes() throws {
    let oracle = NumberingOracle(shape: LayerShape(rows: 2, latents: 2, categories: 3))
    let block = try oracle.costs(ofJointCodes: 2..<5, gradients: true)
    #expect(block.values == [2, 10, 11, 102, 110, 111])
    #expect(block.gradients.count == 2 * 3 * 6)
    #expect(try oracle.costs(ofJointCodes: 2..<5, gradients: false).gradients == [])
  }

  @Test func errorsReadAsTheirText() {
    #expect("\(DiscreteError.shape("a"))" == "a")
    #expect("\(DiscreteError.notFinite("b"))" == "b")
    #expect("\(DiscreteError.parameter("c"))" == "c")
    #expect("\(DiscreteError.unsupported("d"))" == "d")
  }
}
