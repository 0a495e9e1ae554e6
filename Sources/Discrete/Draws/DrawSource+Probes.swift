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
    let plan = estimator.plan(for: problem.shape)
    var own = plan.relaxed ? try relaxed(estimator, rows) : rows
    guard let probes = plan.probes else { return own }
    let uniforms = probes.uniforms(latents: problem.shape.latents)
    if uniforms > 0 {
      for row in own.indices {
        own[row].uniforms = RandomStream(key: key, row: row, site: streams.probes)
          .preciseUniforms(
            from: UInt64(range.lowerBound * uniforms), count: range.count * uniforms)
      }
    }
    for row in own.indices {
      own[row].probes = try estimator.checkedProbes(
        problem.logits.row(row), own[row], plan: probes)
    }
    try ProbeEvaluation(oracle: problem.oracle, plan: probes).evaluate(&own)
    return own
  }
}

/// Puts the costs of chosen points into the draws that chose them.
package struct ProbeEvaluation {
  private let oracle: any CostOracle
  private let plan: ProbePlan

  package init(oracle: any CostOracle, plan: ProbePlan) {
    self.oracle = oracle
    self.plan = plan
  }

  /// Most hard points in one oracle call: a rule of the layer alone, because the bits of matrix
  /// products depend on it. Fewer than 16,384 where `D K` is above 1,024, for 128 MiB of `df/dz`.
  private var pointsPerCall: Int { max(1, min(16_384, (1 << 24) / oracle.shape.width)) }

  package func evaluate(_ rows: inout [RowDraws]) throws {
    let count = rows.first?.count ?? 0
    guard count > 0 else { return }
    try evaluateCodes(&rows, points: plan.codesFixed ? plan.codes : count * plan.codes)
    try evaluateSoft(&rows, points: plan.softFixed ? plan.soft : count * plan.soft)
  }

  private func evaluateCodes(_ rows: inout [RowDraws], points: Int) throws {
    guard points > 0 else { return }
    let shape = oracle.shape
    for row in rows.indices where rows[row].probes.codes.count != points * shape.latents {
      throw DiscreteError.shape(
        "an estimator chose \(rows[row].probes.codes.count) codes, planned are \(points * shape.latents)"
      )
    }
    let limit = max(1, pointsPerCall / shape.rows)
    for start in stride(from: 0, to: points, by: limit) {
      let part = start..<min(start + limit, points)
      let indices = rows.flatMap {
        $0.probes.codes[part.lowerBound * shape.latents..<part.upperBound * shape.latents]
      }
      let costs = try oracle.costs(
        at: CodeBlock(shape: shape, draws: part.count, indices: indices),
        gradients: plan.codeGradients)
      let stride = part.count * shape.width
      for row in rows.indices {
        rows[row].probes.codeValues +=
          costs.values[row * part.count..<(row + 1) * part.count]
        guard plan.codeGradients else { continue }
        rows[row].probes.codeGradients += costs.gradients[row * stride..<(row + 1) * stride]
      }
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
