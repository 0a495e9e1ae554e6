import Tensors

/// What the estimators of one forward distribution need drawn and evaluated together.
public struct GroupNeeds: Sendable, Equatable {
  public var samples = 1
  public var values = false
  public var gradients = false
  public var perturbed = false
  public var freshNoise = false

  public init(_ plans: [EvaluationPlan]) {
    for plan in plans {
      if plan.values || plan.probes != nil { samples = max(samples, plan.samples) }
      values = values || plan.values
      gradients = gradients || plan.gradients
      perturbed = perturbed || plan.perturbed
      freshNoise = freshNoise || plan.freshNoise
    }
  }
}

/// A category that stands in place of the drawn one: what an estimate is where a rare event happens.
package struct ForcedCode: Sendable {
  package let row: Int
  /// Number of the draw.
  package let draw: Int
  package let latent: Int
  package let category: Int32

  package init(row: Int, draw: Int, latent: Int, category: Int32) {
    self.row = row
    self.draw = draw
    self.latent = latent
    self.category = category
  }
}

/// Draws points of a layer by counter-based keys and has them evaluated.
///
/// A draw depends only on (key, row, draw number, site): not on which estimators share it, how
/// draws are split into calls, or how many workers run. Uniforms are shared by all forward distributions,
/// so estimators at different temperatures see common random numbers.
public struct DrawSource: Sendable {
  public let problem: any DiscreteProblem
  public let key: RandomKey
  public let streams: DrawStreams

  public init(
    problem: any DiscreteProblem, key: RandomKey, streams: DrawStreams = .measuring
  ) {
    self.problem = problem
    self.key = key
    self.streams = streams
  }

  /// Evaluated draws of every row for a range of draw numbers.
  ///
  /// Oracle calls: one per sample over all rows and draws of the range, whoever asks, so that the
  /// shapes of matrix products, and with them the bits, do not depend on the group.
  public func draw(_ range: Range<Int>, distribution: ForwardDistribution, needs: GroupNeeds) throws
    -> [RowDraws]
  {
    try draw(range, distribution: distribution, needs: needs, forced: [])
  }

  /// - Parameter forced: categories of the first sample that are given instead of drawn; noise is drawn
  ///   given them.
  package func draw(
    _ range: Range<Int>, distribution: ForwardDistribution, needs: GroupNeeds, forced: [ForcedCode]
  ) throws -> [RowDraws] {
    let shape = problem.shape
    let distributions = (0..<shape.rows).map { distribution.probabilities(problem.logits.row($0)) }
    var rows = (0..<shape.rows).map { _ in RowDraws(count: range.count) }
    for sample in 0..<needs.samples {
      var indices = codes(distributions, sample: sample, range: range, distribution: distribution)
      if sample == 0 {
        for code in forced where range.contains(code.draw) {
          let draw = code.row * range.count + code.draw - range.lowerBound
          indices[draw * shape.latents + code.latent] = code.category
        }
      }
      let size = range.count * shape.latents
      for row in 0..<shape.rows {
        rows[row].codes.append(Array(indices[row * size..<(row + 1) * size]))
      }
      let gradients = sample == 0 && needs.gradients
      guard gradients || needs.values else { continue }
      let points = CodeBlock(shape: shape, draws: range.count, indices: indices)
      let costs =
        needs.values
        ? try problem.oracle.costs(at: points, gradients: gradients)
        : CostBlock(values: [], gradients: try problem.oracle.gradients(at: points))
      let stride = range.count * shape.width
      for row in 0..<shape.rows {
        if needs.values {
          rows[row].values.append(
            Array(costs.values[row * range.count..<(row + 1) * range.count]))
        }
        if gradients {
          rows[row].gradients = Array(costs.gradients[row * stride..<(row + 1) * stride])
        }
      }
    }
    for row in 0..<shape.rows {
      if needs.perturbed {
        rows[row].perturbed = try perturbed(
          row, rows[row].codes[0], range: range, distribution: distribution)
      }
      if needs.freshNoise { rows[row].freshNoise = freshNoise(row, range) }
    }
    return rows
  }

  /// `df/dz` at an estimator's own soft points, put into copies of the rows.
  public func relaxed(
    _ estimator: any GradientEstimator, _ rows: [RowDraws]
  ) throws -> [RowDraws] {
    let gradients = try softGradients(estimator, rows)
    var result = rows
    let stride = (rows.first?.count ?? 0) * problem.shape.width
    for row in rows.indices {
      result[row].softGradients = Array(gradients[row * stride..<(row + 1) * stride])
    }
    return result
  }

  /// `df/dz` at the estimator's soft points, coupled to the given draws, `[B][draws][D][K]`.
  /// - Throws: `DiscreteError.unsupported` if it has none or the cost is not defined there.
  public func softGradients(
    _ estimator: any GradientEstimator, _ rows: [RowDraws]
  ) throws -> [Double] {
    var points: [Double] = []
    points.reserveCapacity(problem.shape.count * (rows.first?.count ?? 0))
    for (index, draws) in rows.enumerated() {
      guard let own = try estimator.checkedSoftPoints(problem.logits.row(index), draws) else {
        throw DiscreteError.unsupported("this estimator has no soft points")
      }
      points += own
    }
    return try problem.oracle.gradients(
      at: SoftBlock(shape: problem.shape, draws: rows.first?.count ?? 0, points: points))
  }

  private func stream(_ row: Int, _ site: Int) -> RandomStream {
    RandomStream(key: key, row: row, site: site)
  }

  /// Category indices of one sample of every row, `[rows][draws][D]`.
  ///
  /// - Parameter distributions: probabilities of each row, `[D][K]`.
  package func codes(
    _ distributions: [[Double]], sample: Int, range: Range<Int>, distribution: ForwardDistribution
  ) -> [Int32] {
    var indices: [Int32] = []
    indices.reserveCapacity(problem.shape.count / problem.shape.categories * range.count)
    for row in distributions.indices {
      indices += codes(
        distributions[row], row: row, sample: sample, range: range, distribution: distribution)
    }
    return indices
  }

  private func codes(
    _ distribution: [Double], row: Int, sample: Int, range: Range<Int>,
    distribution forward: ForwardDistribution
  ) -> [Int32] {
    let shape = problem.shape
    if forward == .mode {
      let mode = CategoricalSampler.argmax(
        problem.logits.row(row).values, categories: shape.categories)
      return range.flatMap { _ in mode }
    }
    let uniforms = stream(row, streams.samples + sample).uniforms(
      from: UInt64(range.lowerBound * shape.latents), count: range.count * shape.latents)
    return CategoricalSampler.codes(
      probabilities: distribution, latents: shape.latents, categories: shape.categories,
      uniforms: uniforms)
  }

  /// Standard exponentials of the noise of one row, `[draws][D][K]`.
  package func exponentials(_ row: Int, _ range: Range<Int>) -> [Float] {
    let width = problem.shape.width
    return stream(row, streams.perturbation).exponentials(
      from: UInt64(range.lowerBound * width), count: range.count * width)
  }

  /// `phi/T + Gumbel` of one row given its codes, `[draws][D][K]`.
  package func perturbed(
    _ row: Int, _ codes: [Int32], range: Range<Int>, distribution: ForwardDistribution
  ) throws -> [Double] {
    guard case .sample(let temperature) = distribution else {
      throw DiscreteError.unsupported("a forward that draws nothing has no noise to share")
    }
    let shape = problem.shape
    let phi = problem.logits.row(row)
    return CategoricalSampler.conditionalPerturbed(
      logProbabilities: streams.takesLogarithms
        ? logarithms(distribution.probabilities(phi))
        : logSoftmax(phi.values, categories: shape.categories, scale: 1 / temperature),
      codes: codes, exponentials: exponentials(row, range), latents: shape.latents,
      categories: shape.categories)
  }

  /// Gumbel noise of one row that is independent of its codes, `[draws][D][K]`.
  package func freshNoise(_ row: Int, _ range: Range<Int>) -> [Double] {
    let width = problem.shape.width
    return stream(row, streams.freshNoise).gumbels(
      from: UInt64(range.lowerBound * width), count: range.count * width
    ).map(Double.init)
  }

  private func logarithms(_ probabilities: [Double]) -> [Double] {
    var values = probabilities
    VectorMath.log(&values)
    return values
  }
}
