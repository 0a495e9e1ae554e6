import Discrete
import Estimators
import Fidelity
import Foundation
import Models
import Tensors
import TestSupport
import Testing

/// The gradient gap at the encoder's layers, against sums written out draw by draw.
@Suite struct LayerGapTests {
  /// Eight images of twelve pixels, and a network in double precision.
  private func network() throws -> CategoricalVAE<Double> {
    _ = oneThread
    let bytes = RandomStream(key: RandomKey(seed: 8), row: 0, site: 0)
      .uniforms(from: 0, count: 96).map { UInt8(255 * $0) }
    return try CategoricalVAE<Double>(
      settings: VAESettings(latents: 2, categories: 3, rows: 4, hidden1: 9, hidden2: 7, seed: 3),
      images: ImageData(name: "small", pixelCount: 12, bytes: bytes))
  }

  private func measured(
    _ problem: any DiscreteProblem, _ estimator: any GradientEstimator, draws: Int,
    scopes: [MeasureScope] = [.logits, .layers, .all]
  ) throws -> [FidelityNumber] {
    let session = FidelitySession(
      problem: problem, target: TargetSettings(),
      measure: MeasureSettings(
        scopes: scopes, draws: 64, blocks: 8, perDrawSamples: draws), key: RandomKey(seed: 4),
      workers: 2)
    return try session.run([FidelityRequest(estimator: estimator, distribution: .own)])[0].get()
      .numbers
  }

  /// `(1/tau) J(s) h` of every latent of one row.
  private func pulled(_ s: [Double], _ h: [Double], tau: Double) -> [Double] {
    s.indices.map { index in
      let start = index / 3 * 3
      let mean = (start..<start + 3).reduce(0) { $0 + s[$1] * h[$1] }
      return s[index] * (h[index] - mean) / tau
    }
  }

  @Test(arguments: [(kind: "st-gs", tau: 0.6), (kind: "st", tau: 1.7)])
  func layerGapsAreNormsOfPullBacks(kind: String, tau: Double) throws {
    let problem = try network()
    let pullback = try #require(problem.pullback)
    let estimator = try EstimatorRegistry.make(kind, ["tau": .number(tau)])
    let draws = 6
    let found = try measured(problem, estimator, draws: draws)

    let source = DrawSource(
      problem: problem, key: RandomKey(seed: 4).derived("per-draw"))
    let needs = GroupNeeds([
      EvaluationPlan(gradients: true, perturbed: kind == "st-gs")
    ])
    let rows = try source.draw(0..<draws, distribution: .sample(temperature: 1), needs: needs)
    var absolute: [String: [Double]] = [:]
    var relative: [String: [Double]] = [:]
    let width = problem.shape.width
    for draw in 0..<draws {
      let range = draw * width..<(draw + 1) * width
      var soft: [Double] = []
      for (index, row) in rows.enumerated() {
        // The surrogate of `st-gs` keeps the forward's noise, that of `st` has none.
        let logits =
          kind == "st-gs" ? Array(row.perturbed[range]) : problem.logits.row(index).values
        soft += softmax(logits, categories: 3, scale: 1 / tau)
      }
      let atSoft = try problem.oracle.costs(
        at: SoftBlock(shape: problem.shape, draws: 1, points: soft), gradients: true
      ).gradients
      let atHard = rows.flatMap { $0.gradients[range] }
      var difference: [Double] = []
      var reference: [Double] = []
      for row in rows.indices {
        let own = row * width..<(row + 1) * width
        let s = Array(soft[own])
        let h = Array(atSoft[own])
        let delta = zip(atHard[own], h).map { $0 - $1 }
        difference += pulled(s, delta, tau: tau).map { $0 / 4 }
        reference += pulled(s, h, tau: tau).map { $0 / 4 }
      }
      let parts = pullback.pullBack(difference).map(squaredNorm)
      let norms = pullback.pullBack(reference).map(squaredNorm)
      for (index, name) in ["encoder.1", "encoder.2", "encoder.3"].enumerated() {
        absolute[name, default: []].append(parts[index].squareRoot())
        relative[name, default: []].append((parts[index] / norms[index]).squareRoot())
      }
      absolute["all", default: []].append(parts.reduce(0, +).squareRoot())
      relative["all", default: []].append(
        (parts.reduce(0, +) / norms.reduce(0, +)).squareRoot())
    }
    for (metric, values) in [(Metric.gapLayer, absolute), (.gapLayerRelative, relative)] {
      for (scope, values) in values {
        let expected = RepeatMoments(values)
        let number = try number(found, metric, scope: scope)
        #expect(abs(number.value - expected.mean) < 1e-11 * expected.mean, "\(scope)")
        #expect(abs(number.standardError - expected.meanError) < 1e-9 * expected.mean)
        #expect(number.low < number.value && number.value < number.high)
        #expect(number.draws == draws && number.interval == "student-t")
      }
    }
    #expect(!found.contains { $0.metric == .gapLayer && $0.scope == "logits" })
  }

  /// The gap of a tied logit, whose pull-back is a sum over the latents, and none at the logits of a
  /// problem without parameters.
  @Test func scopesOfTheGapAreThoseOfTheParameters() throws {
    let estimator = try EstimatorRegistry.make("st")
    let tied = try measured(registered("three-bernoullis"), estimator, draws: 8)
    #expect(try number(tied, .gapLayer, scope: "eta").value > 0)
    let toy = try measured(registered("bernoulli-toy"), estimator, draws: 8)
    #expect(toy.contains { $0.metric == .gapLogits })
    #expect(!toy.contains { $0.metric == .gapLayer })
    let logitsOnly = try measured(network(), estimator, draws: 8, scopes: [.logits])
    #expect(!logitsOnly.contains { $0.metric == .gapLayer })
  }
}
