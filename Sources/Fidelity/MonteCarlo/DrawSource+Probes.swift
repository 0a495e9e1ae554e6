import Discrete
import Tensors

extension DrawSource {
  /// The rows as one estimator's combine step sees them: with costs at its own soft points and
  /// probes.
  ///
  /// - Parameter range: the draw numbers of `rows`, which the estimator's own uniforms belong to.
  /// - Throws: `DiscreteError.unsupported` where the oracle does not serve its points.
  public func prepared(
    _ estimator: any GradientEstimator, _ rows: [RowDraws], range: Range<Int>
  ) throws -> [RowDraws] {
    let plan = estimator.plan
    var own = plan.relaxed ? try relaxed(estimator, rows) : rows
    guard let probes = plan.probes else { return own }
    let uniforms = probes.uniforms(latents: problem.shape.latents)
    if uniforms > 0 {
      for row in own.indices {
        own[row].uniforms = RandomStream(key: key, row: row, site: Site.probes)
          .preciseUniforms(
            from: UInt64(range.lowerBound * uniforms), count: range.count * uniforms)
      }
    }
    for row in own.indices {
      own[row].probes = estimator.probes(problem.logits.row(row), own[row])
    }
    try ProbeEvaluation(oracle: problem.oracle, plan: probes).evaluate(&own)
    return own
  }
}

/// Puts the costs of chosen points into the draws that chose them.
struct ProbeEvaluation {
  let oracle: any CostOracle
  let plan: ProbePlan

  /// One oracle call per hard point of an estimate and one for all soft points.
  func evaluate(_ rows: inout [RowDraws]) throws {
    let count = rows.first?.count ?? 0
    guard count > 0 else { return }
    try evaluateCodes(&rows, count: count)
    try evaluateSoft(&rows, points: plan.softFixed ? plan.soft : count * plan.soft)
  }

  private func evaluateCodes(_ rows: inout [RowDraws], count: Int) throws {
    guard plan.codes > 0 else { return }
    let shape = oracle.shape
    let points = count * plan.codes
    for row in rows.indices where rows[row].probes.codes.count != points * shape.latents {
      throw DiscreteError.shape(
        "an estimator chose \(rows[row].probes.codes.count) codes, planned are \(points * shape.latents)"
      )
    }
    let costs = try oracle.costs(
      at: CodeBlock(shape: shape, draws: points, indices: rows.flatMap(\.probes.codes)),
      gradients: plan.codeGradients)
    for row in rows.indices {
      rows[row].probes.codeValues = Array(costs.values[row * points..<(row + 1) * points])
      guard plan.codeGradients else { continue }
      let stride = points * shape.width
      rows[row].probes.codeGradients = Array(
        costs.gradients[row * stride..<(row + 1) * stride])
    }
  }

  private func evaluateSoft(_ rows: inout [RowDraws], points: Int) throws {
    guard points > 0 else { return }
    let shape = oracle.shape
    let stride = points * shape.width
    for row in rows.indices where rows[row].probes.soft.count != stride {
      throw DiscreteError.shape(
        "an estimator chose \(rows[row].probes.soft.count) soft coordinates, planned are \(stride)")
    }
    let costs = try oracle.costs(
      at: SoftBlock(shape: shape, draws: points, points: rows.flatMap(\.probes.soft)),
      gradients: plan.softGradients)
    for row in rows.indices {
      rows[row].probes.softValues = Array(costs.values[row * points..<(row + 1) * points])
      guard plan.softGradients else { continue }
      rows[row].probes.softGradients = Array(costs.gradients[row * stride..<(row + 1) * stride])
    }
  }
}

/// Draws for the learned part of an estimator, under a key of their own.
struct SessionFittingSource: FittingSource {
  let source: DrawSource

  var logits: Logits { source.problem.logits }

  func draws(_ range: Range<Int>, for estimator: any GradientEstimator) throws -> [RowDraws] {
    let rows = try source.draw(
      range, law: estimator.plan.law, needs: GroupNeeds([estimator.plan]))
    return try source.prepared(estimator, rows, range: range)
  }
}
