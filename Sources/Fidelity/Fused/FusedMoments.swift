import CKernels
import Discrete
import Models
import Tensors

/// Sampled moments of one estimator by a compiled kernel that draws, maps and sums in one pass:
/// for separable and for polynomial costs that all rows share.
///
/// The draws are those of `DrawSource` under the same key, with one exception: two categories take
/// the Gumbel noise of a draw from the uniform of its code instead of a stream of its own. Estimates
/// are formed in float32, about `1e-6` of their size, and summed in double every 1024 draws, whose
/// borders do not depend on the range. Bits depend on the range of draws alone: not on workers, nor
/// on the CPU.
public struct FusedMoments: Sendable {
  private let shape: LayerShape
  private let kernels: [any RowKernel]

  /// Draws summed by one worker at a time: a fixed number, so that sums associate in one way.
  private static let drawsPerPiece = 16 * Int(GF_FUSED_UNIT)
  /// Widest layer with a dense quadratic part: its tables have `(D K)^2` entries.
  private static let widthLimit = 4096
  /// Most numbers of the maps of a row: 128 MiB.
  private static let mapLimit = 0x1p24

  /// Nil where no kernel serves the pair.
  public init?(problem: any DiscreteProblem, estimator: any GradientEstimator) {
    guard problem.hasIndependentLatents, problem.shape.categories > 1, !problem.shape.isRagged,
      let oracle = problem.oracle as? SharedCostOracle
    else { return nil }
    shape = problem.shape
    let choice = KernelChoice(oracle: oracle, estimator: estimator)
    var kernels: [any RowKernel] = []
    for row in 0..<shape.rows {
      guard let kernel = choice.kernel(problem.logits.row(row)) else { return nil }
      kernels.append(kernel)
    }
    self.kernels = kernels
  }

  /// Moments of the estimates of a range of draw numbers.
  ///
  /// Cost per estimate: about 4 (three categories and more: 20) nanoseconds per latent and the
  /// cost's gradient.
  public func moments(draws: Range<Int>, key: RandomKey, workers: Int = 1)
    -> CoordinateMoments
  {
    sums(draws: draws, key: key, workers: workers).moments
  }

  /// Sums of the estimates of a range of draw numbers and of their squares.
  public func sums(draws: Range<Int>, key: RandomKey, workers: Int = 1) -> CoordinateSums {
    precondition(draws.lowerBound >= 0)
    let size = Self.drawsPerPiece
    let first = draws.lowerBound / size
    let pieces = draws.isEmpty ? 0 : (draws.upperBound - 1) / size - first + 1
    var total = CoordinateSums(count: shape.count)
    // As many at a time as workers have, so that memory does not grow with the draws.
    let together = max(1, 4 * workers)
    for start in stride(from: 0, to: pieces, by: together) {
      let parts = parallelMap(min(together, pieces - start), workers: workers) { index in
        let piece = first + start + index
        let from = max(draws.lowerBound, piece * size)
        return sums(of: from..<min(draws.upperBound, piece * size + size), key: key)
      }
      for part in parts { total += part }
    }
    return total
  }

  private func sums(of draws: Range<Int>, key: RandomKey) -> CoordinateSums {
    var total = CoordinateSums(count: 0)
    total.draws = draws.count
    let scale = 1 / Double(shape.rows)
    for row in 0..<shape.rows {
      let part = kernels[row].sums(
        gf_draws(
          key: key.value, row: UInt32(truncatingIfNeeded: row), sample_site: 0,
          noise_site: UInt32(DrawStreams.measuring.perturbation), first: UInt64(draws.lowerBound),
          count: UInt64(draws.count)))
      total.sum += part.sum.map { scale * $0 }
      total.squares += part.squares.map { scale * scale * $0 }
    }
    return total
  }

  /// Finds the kernel for one estimator on the rows of one cost.
  private struct KernelChoice {
    let oracle: SharedCostOracle
    let estimator: any GradientEstimator

    func kernel(_ row: RowLogits) -> (any RowKernel)? {
      let plan = estimator.plan(for: oracle.shape)
      guard case .sample(let temperature) = plan.distribution else { return nil }
      let distribution = FusedDistribution(row, temperature: temperature)
      // A rule that does not fit leaves the estimates to `combine`.
      if let rule = estimator.fused?.fusedRule(row), rule.fits(row) {
        switch rule {
        case .surrogate(let surrogate): return noisy(surrogate, distribution, row)
        case .leaveOneOut(let samples, let temperature):
          return leaveOneOut(
            samples, scale: 1 / (Double(samples - 1) * temperature), distribution, row)
        case .mixture, .capped: break
        }
      }
      let single = EvaluationPlan(distribution: plan.distribution, gradients: true)
      // Maps of `K x K` numbers for every latent, of which kernels have room for few.
      let mapNumbers = Double(row.values.count) * Double(row.categories)
      guard plan == single, mapNumbers <= FusedMoments.mapLimit,
        let linear = estimator.linear,
        let maps = try? linear.localJacobians(row, step: 1), maps.noise == nil, maps.fit(row)
      else { return nil }
      let ignoresConstants = estimator.constantsIgnored(by: plan).contains(.gradients)
      if oracle.capabilities.separable {
        guard var gradients = try? oracle.gradientsByCategory() else { return nil }
        if ignoresConstants {
          gradients.removeGradientConstants(at: row.likeliestCodes, row.categories)
        }
        return CodeCountKernel(distribution: distribution, maps: maps, gradients: gradients)
      }
      let cost = ignoresConstants ? polynomial.flatMap { centred($0, row) } : polynomial
      return cost.flatMap { PolynomialMapsKernel(distribution: distribution, maps: maps, cost: $0) }
    }

    private func noisy(
      _ rule: NoisySurrogate, _ distribution: FusedDistribution, _ row: RowLogits
    ) -> (any RowKernel)? {
      guard let surrogate = SurrogateTables(rule, distribution: distribution) else { return nil }
      if let cost = polynomial.flatMap({ centred($0, row) }) {
        return PolynomialSurrogateKernel(
          distribution: distribution, surrogate: surrogate, rule: rule, cost: cost)
      }
      guard distribution.categories == 2 else { return nil }
      var derivatives: BinaryGradients?
      if rule.soft {
        if case .powers(let cost) = oracle.cost.traits.form {
          derivatives = BinaryGradients(cost, scale: rule.scale)
        }
      } else if oracle.capabilities.separable, let gradients = try? oracle.gradientsByCategory() {
        derivatives = BinaryGradients(
          gradients: gradients, latents: distribution.latents, scale: rule.scale)
      }
      return derivatives.map {
        BinarySurrogateKernel(distribution: distribution, surrogate: surrogate, gradients: $0)
      }
    }

    private func leaveOneOut(
      _ samples: Int, scale: Double, _ distribution: FusedDistribution, _ row: RowLogits
    ) -> (any RowKernel)? {
      if let terms = oracle.cost.traits.separableTerms {
        if distribution.categories == 2, samples <= BinaryLeaveOneOutKernel.sampleLimit {
          return BinaryLeaveOneOutKernel(
            distribution: distribution, terms: terms, samples: samples, scale: scale)
        }
        guard distribution.categories <= Int(GF_FUSED_CODES),
          let cost = centred(CubicPolynomial(linear: terms), row)
        else { return nil }
        return PolynomialLeaveOneOutKernel(
          distribution: distribution, cost: cost, samples: samples, scale: scale)
      }
      return polynomial.flatMap({ centred($0, row) }).flatMap {
        PolynomialLeaveOneOutKernel(
          distribution: distribution, cost: $0, samples: samples, scale: scale)
      }
    }

    /// What a map of gradients or a difference of values sees of a polynomial: the kernels round its
    /// coefficients, so no constant may be left in them.
    private func centred(_ cost: CubicPolynomial, _ row: RowLogits) -> CubicPolynomial? {
      cost.centred(
        at: row.likeliestCodes, categories: row.categories, widthLimit: FusedMoments.widthLimit)
    }

    /// The cost as a polynomial that the kernels have room for.
    private var polynomial: CubicPolynomial? {
      guard case .polynomial(let cost) = oracle.cost.traits.form,
        oracle.shape.categories <= Int(GF_FUSED_CODES),
        cost.matrix.isEmpty || oracle.shape.width <= FusedMoments.widthLimit
      else { return nil }
      return cost
    }
  }
}
