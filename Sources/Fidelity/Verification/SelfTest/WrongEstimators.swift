import Discrete
import Estimators

/// Draws as one estimator and has the exact moments of another: the two must tell the difference.
struct MismatchedMoments: GradientEstimator {
  let draws: any GradientEstimator
  let moments: any GradientEstimator

  var plan: EvaluationPlan { draws.plan }
  var traits: EstimatorTraits { draws.traits }
  var probing: (any ProbingEstimator)? { draws.probing }
  var exact: (any ExactEstimator)? { moments.exact }

  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    self.draws.combine(row, draws, into: &estimates)
  }
}

/// ReinMax with the midpoint of another temperature than it says: `softmax(phi tau)` in place of
/// `softmax(phi / tau)`.
struct MidpointTemperatureInverted: GradientEstimator {
  let tau: Double

  var plan: EvaluationPlan { EvaluationPlan(gradients: true) }

  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    try? ReinMax(tau: 1 / tau).combine(row, draws, into: &estimates)
  }
}

/// Straight-through at a temperature without the factor `1/tau` of its Jacobian.
struct StraightThroughWithoutFactor: GradientEstimator {
  let tau: Double

  var plan: EvaluationPlan { EvaluationPlan(gradients: true) }

  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    let s = row.probabilities(temperature: tau)
    for draw in 0..<draws.count {
      for first in stride(from: 0, to: s.count, by: row.categories) {
        let base = draw * s.count
        let range = first..<first + row.categories
        let mean = range.reduce(0) { $0 + s[$1] * draws.gradients[base + $1] }
        for index in range {
          estimates[base + index] = s[index] * (draws.gradients[base + index] - mean)
        }
      }
    }
  }
}

/// A cost with a constant added, in double precision or in float32.
struct OffsetOracle: CostOracle {
  let base: any CostOracle
  let offset: Double
  /// Values are rounded to float32 with the constant in them.
  let isSingle: Bool

  var shape: LayerShape { base.shape }
  var capabilities: OracleCapabilities {
    var capabilities = base.capabilities
    capabilities.wholeTables = false
    return capabilities
  }

  func costs(at codes: CodeBlock, gradients: Bool) throws -> CostBlock {
    shifted(try base.costs(at: codes, gradients: gradients))
  }

  func costs(at points: SoftBlock, gradients: Bool) throws -> CostBlock {
    shifted(try base.costs(at: points, gradients: gradients))
  }

  private func shifted(_ block: CostBlock) -> CostBlock {
    var block = block
    for index in block.values.indices {
      let sum = block.values[index] + offset
      block.values[index] = isSingle ? Double(Float(sum)) : sum
    }
    return block
  }
}

/// A cost times a factor.
struct ScaledOracle: CostOracle {
  let base: any CostOracle
  let factor: Double

  var shape: LayerShape { base.shape }
  var capabilities: OracleCapabilities {
    var capabilities = base.capabilities
    capabilities.wholeTables = false
    return capabilities
  }

  func costs(at codes: CodeBlock, gradients: Bool) throws -> CostBlock {
    scaled(try base.costs(at: codes, gradients: gradients))
  }

  func costs(at points: SoftBlock, gradients: Bool) throws -> CostBlock {
    scaled(try base.costs(at: points, gradients: gradients))
  }

  private func scaled(_ block: CostBlock) -> CostBlock {
    CostBlock(
      values: block.values.map { factor * $0 }, gradients: block.gradients.map { factor * $0 })
  }
}
