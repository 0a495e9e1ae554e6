import Discrete
import Estimators
import Fidelity
import Models
import Tensors
import TestSupport
import Testing

/// Jackknife errors against statistics computed anew from the raw draws without each block.
@Suite struct LeaveOneOutTests {
  /// Draws `[draws][width]` of an estimator or a target, in blocks.
  private struct Sample {
    var vectors: [[Double]]
    var perBlock: Int

    var blocks: Int { vectors.count / perBlock }

    func without(_ block: Int) -> [[Double]] {
      Array(vectors[..<(block * perBlock)] + vectors[((block + 1) * perBlock)...])
    }
  }

  /// The inner products of the definitions, from raw vectors.
  private struct Statistics {
    let difference, mean, dot, target, trace, noise, targetNoise: Double
    let count: Double

    init(_ estimates: [[Double]], target gradient: [Double], targetNoise: Double) {
      let n = Double(estimates.count)
      let m = Statistics.average(estimates)
      difference = squaredNorm(zip(m, gradient).map { $0 - $1 })
      mean = squaredNorm(m)
      dot = zip(m, gradient).reduce(0) { $0 + $1.0 * $1.1 }
      target = squaredNorm(gradient)
      trace = Statistics.trace(estimates)
      noise = trace / n
      self.targetNoise = targetNoise
      count = Double(m.count)
    }

    static func average(_ vectors: [[Double]]) -> [Double] {
      vectors[0].indices.map { index in
        vectors.reduce(0) { $0 + $1[index] } / Double(vectors.count)
      }
    }

    static func trace(_ vectors: [[Double]]) -> Double {
      let m = average(vectors)
      return vectors.reduce(0) { sum, vector in
        sum + squaredNorm(zip(vector, m).map { $0 - $1 })
      } / Double(vectors.count - 1)
    }

    /// The definitions; squared where a root is shown.
    func value(_ metric: Metric) -> Double {
      let bias = difference - noise - targetNoise
      let g = target - targetNoise
      let m = mean - noise
      switch metric {
      case .biasSquared: return bias
      case .relativeBias: return bias / g
      case .variance: return trace
      case .varianceMean: return trace / count
      case .mse: return bias + trace
      case .rmse1: return (bias + trace) / g
      case .rmse10: return (bias + trace / 10) / g
      case .rmse100: return (bias + trace / 100) / g
      case .rmse1000: return (bias + trace / 1000) / g
      case .snr: return m / trace
      case .cosineOfMean: return dot / (m * g).squareRoot()
      case .scale: return dot / m
      // min_c ||c m - g||^2 = ||g||^2 - <m, g>^2 / ||m||^2.
      case .scaleFreeBias: return (g - dot * dot / m) / g
      case .targetNorm: return g
      case .targetErrorSquared: return targetNoise
      case .estimateNorm: return m
      case .reinMaxBias: return (difference / target).squareRoot()
      case .reinMaxBiasRelativeToMean: return (difference / mean).squareRoot()
      case .reinMaxDeviation: return (trace / mean).squareRoot()
      case .reinMaxCosine: return dot / (mean * target).squareRoot()
      default: return .nan
      }
    }
  }

  private static let roots: Set<Metric> = [
    .relativeBias, .rmse1, .rmse10, .rmse100, .rmse1000, .scaleFreeBias, .targetNorm,
    .estimateNorm,
  ]

  private func jackknifeVariance(_ values: [Double]) -> Double {
    let n = Double(values.count)
    let mean = values.reduce(0, +) / n
    return (n - 1) / n * values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  }

  private func vectors(
    _ problem: any DiscreteProblem, _ estimator: any GradientEstimator, key: RandomKey, draws: Int
  ) throws -> [[Double]] {
    let rows = try DrawSource(problem: problem, key: key).draw(
      0..<draws, distribution: estimator.plan.distribution, needs: GroupNeeds([estimator.plan]))
    let width = problem.shape.width
    var result = [[Double]](repeating: [], count: draws)
    for (index, row) in rows.enumerated() {
      var own = [Double](repeating: 0, count: draws * width)
      estimator.combine(problem.logits.row(index), row, into: &own)
      for draw in 0..<draws {
        result[draw] += own[draw * width..<(draw + 1) * width]
          .map { $0 / Double(problem.shape.rows) }
      }
    }
    return result
  }

  /// Numbers of one scope against the raw draws of its space.
  private func check(
    _ numbers: [FidelityNumber], scope: String, estimates: Sample, target: [Double],
    targetDraws: Sample?
  ) throws {
    let noise = targetDraws.map { Statistics.trace($0.vectors) / Double($0.vectors.count) } ?? 0
    let full = Statistics(estimates.vectors, target: target, targetNoise: noise)
    let without = (0..<estimates.blocks).map {
      Statistics(estimates.without($0), target: target, targetNoise: noise)
    }
    var withoutTarget: [Statistics] = []
    if let targetDraws {
      withoutTarget = (0..<targetDraws.blocks).map {
        let rest = targetDraws.without($0)
        return Statistics(
          estimates.vectors, target: Statistics.average(rest),
          targetNoise: Statistics.trace(rest) / Double(rest.count))
      }
    }
    var checked = 0
    for metric in Replication.metrics {
      let found = try number(numbers, metric, scope: scope)
      let value = full.value(metric)
      let variance =
        jackknifeVariance(without.map { $0.value(metric) })
        + (withoutTarget.isEmpty ? 0 : jackknifeVariance(withoutTarget.map { $0.value(metric) }))
      let degrees = Double(max(estimates.blocks, targetDraws?.blocks ?? 0) - 1)
      let critical = StudentT.critical(level: 0.95, degrees: degrees)
      let half = critical * variance.squareRoot()
      let isRoot = Self.roots.contains(metric)
      func shown(_ raw: Double) -> Double { isRoot ? max(raw, 0).squareRoot() : raw }
      let size = abs(shown(value)) + half + 1e-300
      // The angle is debiased by block noise; `IntervalReferenceTests` checks it.
      if metric != .cosineOfMean && metric != .scaleFreeBias {
        #expect(abs(found.value - shown(value)) < 1e-9 * size, "\(scope) \(metric)")
      }
      checked += 1
      guard found.interval == "jackknife-t" else { continue }
      #expect(abs(found.low - shown(value - half)) < 1e-9 * size, "\(scope) \(metric)")
      #expect(abs(found.high - shown(value + half)) < 1e-9 * size, "\(scope) \(metric)")
      if !isRoot {
        #expect(abs(found.standardError - variance.squareRoot()) < 1e-9 * size, "\(metric)")
      }
    }
    #expect(checked == 20)
  }

  @Test(arguments: ["st", "reinforce"]) func anExactTarget(kind: String) throws {
    let problem = try registered("test-problem")
    let estimator = try EstimatorRegistry.make(kind)
    let target = try exactTarget(problem)
    let key = RandomKey(seed: 31)
    let (_, numbers) = try sampledNumbers(
      problem, estimator, target: target, key: key, blocks: 16, drawsPerBlock: 5)
    try check(
      numbers, scope: "logits",
      estimates: Sample(
        vectors: vectors(problem, estimator, key: key, draws: 80), perBlock: 5),
      target: target.gradient, targetDraws: nil)
  }

  /// A sampled target, on the logits and, on a layer of one row, on all parameters.
  @Test func aSampledTarget() throws {
    let images = try ImageData(name: "two", pixelCount: 5, bytes: [9, 200, 30, 255, 90])
    let settings = VAESettings(
      latents: 2, categories: 3, rows: 1, hidden1: 8, hidden2: 6, seed: 3, binarised: false)
    _ = oneThread
    let problem = try CategoricalVAE<Double>(settings: settings, images: images)
    let pullback = try #require(problem.pullback)
    let estimator = try EstimatorRegistry.make("st-gs")
    let targetKey = RandomKey(seed: 5)
    let targetEngine = try MonteCarloEngine(
      source: DrawSource(problem: problem, key: targetKey),
      geometry: ScopeGeometry(problem: problem, scopes: [.logits, .all]), workers: 1)
    let target = try TargetGradient.monteCarlo(
      engine: targetEngine, samples: 3, temperature: 1, blocks: 12, drawsPerBlock: 6)
    let key = RandomKey(seed: 6)
    let (_, numbers) = try sampledNumbers(
      problem, estimator, target: target, key: key, blocks: 12, drawsPerBlock: 7,
      targetEngine: targetEngine, scopes: [.logits, .all])
    let estimates = try vectors(problem, estimator, key: key, draws: 84)
    let targets = try vectors(
      problem, EstimatorRegistry.make("reinforce-loo", ["samples": .integer(3)]), key: targetKey,
      draws: 72)
    try check(
      numbers, scope: "logits", estimates: Sample(vectors: estimates, perBlock: 7),
      target: target.gradient, targetDraws: Sample(vectors: targets, perBlock: 6))
    func pulled(_ vectors: [[Double]]) -> [[Double]] {
      vectors.map { pullback.pullBack($0).flatMap(\.self) }
    }
    try check(
      numbers, scope: "all", estimates: Sample(vectors: pulled(estimates), perBlock: 7),
      target: pulled([target.gradient])[0],
      targetDraws: Sample(vectors: pulled(targets), perBlock: 6))
  }
}
