import Discrete
import Estimators
import Fidelity
import Models
import Tensors
import Testing

/// A constant in the cost moves no sampled number by more than the rounding of the cost's own
/// values, whatever the route: the same key gives the same draws.
@Suite struct SampledOffsetTests {
  static let constants = [1e5, 1e7, 1e8, 1e12]
  static let kinds: [(String, [String: ParameterValue])] = [
    ("reinforce-loo", [:]), ("reinforce-loo", ["samples": .integer(4)]), ("reinmax", [:]),
    ("st-gs", ["tau": .number(0.5)]), ("gumbel-softmax", ["tau": .number(0.7)]), ("st", [:]),
    ("decoupled-st-gs", ["tau-backward": .number(0.6)]),
  ]

  /// By compiled kernels: float32, about 1e-6 of an estimate's size.
  @Test(arguments: constants, Hiding.allCases)
  func kernels(constant: Double, hiding: Hiding) throws {
    for (latents, categories) in [(2, 2), (3, 3), (2, 5)] {
      for isCubic in [false, true] {
        for (kind, parameters) in Self.kinds {
          let estimator = try EstimatorRegistry.make(kind, parameters)
          func moments(_ constant: Double) throws -> CoordinateMoments {
            let problem = try offsetPolynomial(
              constant, hiding, latents: latents, categories: categories, isCubic: isCubic,
              rows: 2)
            return try #require(FusedMoments(problem: problem, estimator: estimator))
              .moments(draws: 0..<4096, key: RandomKey(seed: 4))
          }
          let (plain, moved) = (try moments(0), try moments(constant))
          let limit = 1e-5 + allowance(constant)
          #expect(
            relativeDifference(moved.mean, plain.mean) < limit,
            "\(kind), \(latents) x \(categories), cubic: \(isCubic)")
          #expect(
            relativeDifference(moved.variance, plain.variance) < 4 * limit,
            "\(kind), \(latents) x \(categories), cubic: \(isCubic)")
        }
      }
    }
  }

  /// Rows of a linear cost, whose kernels take its terms: a constant in every latent.
  @Test(arguments: constants) func linearKernels(constant: Double) throws {
    for categories in [2, 3] {
      for (kind, parameters) in Self.kinds {
        let estimator = try EstimatorRegistry.make(kind, parameters)
        func moments(_ constant: Double) throws -> CoordinateMoments {
          let weights = (0..<4 * categories).map { Double($0 * $0 % 7) / 7 + constant }
          let problem = try CostProblem(
            logits: Logits(
              shape: LayerShape(rows: 1, latents: 4, categories: categories),
              values: (0..<4 * categories).map { Double($0 % 5) / 4 }),
            cost: LinearCost(
              latents: 4, categories: categories, weights: weights, constant: -3 * constant))
          return try #require(FusedMoments(problem: problem, estimator: estimator))
            .moments(draws: 0..<4096, key: RandomKey(seed: 4))
        }
        let (plain, moved) = (try moments(0), try moments(constant))
        let limit = 1e-5 + allowance(constant)
        #expect(relativeDifference(moved.mean, plain.mean) < limit, "\(kind)")
        // That of plain straight-through is 0 here, and its rounding goes by the mean.
        let scale = plain.mean.map { $0 * $0 }.max() ?? 0
        for (one, two) in zip(plain.variance, moved.variance) {
          #expect(abs(one - two) < 4 * limit * (one + scale), "\(kind)")
        }
      }
    }
  }

  /// One estimate at a time, in double.
  @Test(arguments: constants) func drawByDraw(constant: Double) throws {
    let kinds = [
      "mvd", "leg", "disarm", "arms", "reinforce-independent", "double-cv", "muprop", "bitflip-1",
      "enumeration", "st", "st-gs", "gr-mc", "gumbel-softmax", "half-estimator", "arsm",
      "rebar", "spa", "double-cv-tuned",
    ]
    for kind in kinds {
      func mean(_ constant: Double) throws -> SampledMeasurement {
        let problem = try offsetPolynomial(constant)
        var estimator = try EstimatorRegistry.make(kind)
        if let learned = estimator.learned {
          estimator = try learned.fitted(
            SessionSource(DrawSource(problem: problem, key: RandomKey(seed: 2))))
        }
        let engine = try MonteCarloEngine(
          source: DrawSource(problem: problem, key: RandomKey(seed: 4)),
          geometry: ScopeGeometry(problem: problem, scopes: [.logits]), workers: 1)
        return try engine.measure(
          [WithoutRule(inner: estimator)], blocks: 4, drawsPerBlock: 64)[0]
      }
      let (plain, moved) = (try mean(0), try mean(constant))
      // A learned weight follows squares of what is left.
      let limit = (kind.hasSuffix("tuned") ? 1e3 : 8) * allowance(constant)
      #expect(relativeDifference(moved.mean, plain.mean) < limit, "\(kind)")
    }
  }

  /// The numbers of a study whose cost has a constant: those without it.
  @Test(arguments: [1e7, 1e8]) func studies(constant: Double) throws {
    func numbers(_ constant: Double) throws -> [[FidelityNumber]] {
      let session = FidelitySession(
        problem: try offsetPolynomial(constant), target: TargetSettings(),
        measure: MeasureSettings(
          moments: .monteCarlo, draws: 16_384, blocks: 16, perDrawSamples: 64, gap: true),
        key: RandomKey(seed: 1))
      return try session.run(
        ["reinforce-loo", "reinmax", "st-gs", "gumbel-softmax"].map {
          FidelityRequest(estimator: try EstimatorRegistry.make($0), distribution: .own)
        }
      ).map { try $0.get().numbers }
    }
    for (plain, moved) in zip(try numbers(0), try numbers(constant)) {
      for (one, two) in zip(plain, moved) {
        // Latent gaps see gradients as they are.
        guard ![.gapLatent, .gapLatentRelative].contains(one.metric) else { continue }
        #expect(
          abs(one.value - two.value) <= 1e-3 * max(abs(one.value), one.standardError),
          "\(one.metric)")
        #expect(one.resolved == two.resolved, "\(one.metric)")
      }
    }
  }
}

/// An estimator that no kernel knows.
struct WithoutRule: GradientEstimator {
  let inner: any GradientEstimator

  var plan: EvaluationPlan { inner.plan }
  var traits: EstimatorTraits { EstimatorTraits(ignoredConstants: inner.traits.ignoredConstants) }
  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    inner.combine(row, draws, into: &estimates)
  }
  var probing: (any ProbingEstimator)? { inner.probing }
  var coupled: (any SoftPointEstimator)? { inner.coupled }
}

/// Draws for learned parts.
private struct SessionSource: FittingSource {
  let source: DrawSource

  init(_ source: DrawSource) { self.source = source }

  var logits: Logits { source.problem.logits }

  func draws(_ range: Range<Int>, for estimator: any GradientEstimator) throws -> [RowDraws] {
    let rows = try source.draw(
      range, distribution: estimator.plan.distribution, needs: GroupNeeds([estimator.plan]))
    return try source.prepared(estimator, rows, range: range)
  }
}
