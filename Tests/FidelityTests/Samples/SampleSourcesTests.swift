import Discrete
import Estimators
import Fidelity
import Foundation
import Models
import Tensors
import Testing

/// Files against the project's own measurements of the same draws, or of the same problem.
@Suite struct SampleSourcesTests {
  private func problem() throws -> any DiscreteProblem {
    let descriptor = try #require(ProblemRegistry.named("test-problem"))
    return try descriptor.make(
      ResolvedParameters(
        ["latents": .integer(2), "categories": .integer(3)], specs: descriptor.parameters),
      ProblemEnvironment(baseDirectory: "", dataDirectories: [], checkpointDirectory: ""))
  }

  /// Fed the draws of the block replication, the file path gives its numbers to rounding, with an
  /// exact and with a sampled target.
  @Test(arguments: [TargetKind.exact, .monteCarlo]) func ownDraws(kind: TargetKind) throws {
    let problem = try problem()
    let key = RandomKey(seed: 5)
    let estimator = try EstimatorRegistry.make("st")
    let measure = MeasureSettings(
      scopes: [.logits], moments: .monteCarlo, draws: 512, perDrawSamples: 0)
    let target = TargetSettings(kind: kind, draws: 1024)
    let own = try FidelitySession(problem: problem, target: target, measure: measure, key: key)
      .run([FidelityRequest(estimator: estimator, distribution: .own)])[0].get()

    func draws(_ estimator: any GradientEstimator, _ count: Int, _ label: String) throws
      -> [[Double]]
    {
      let rows = try DrawSource(problem: problem, key: key.derived(label)).draw(
        0..<count, distribution: estimator.plan.distribution, needs: GroupNeeds([estimator.plan]))
      var estimates = [Double](repeating: 0, count: count * 6)
      estimator.combine(problem.logits.row(0), rows[0], into: &estimates)
      return (0..<count).map { Array(estimates[$0 * 6..<($0 + 1) * 6]) }
    }
    let folder = try SampleFolder()
    let samples = try folder.write(
      NumPyBytes.samples(draws(estimator, 512, "measure"), axes: [2, 3]), "g.npy")
    let reference: SampleRequest.Reference
    if kind == .exact {
      let table = try OracleTable(oracle: problem.oracle, limit: 9, gradients: false)
      let exact = try TargetGradient.exact(
        problem: problem, table: table, temperature: 1, workers: 1)
      reference = .exact(
        try folder.write(NumPyBytes.array(exact.gradient, shape: [2, 3]), "r.npy"))
    } else {
      reference = .samples(
        try folder.write(
          NumPyBytes.samples(
            draws(ReinforceLeaveOneOut(samples: 4, temperature: 1), 1024, "target"), axes: [2, 3]),
          "r.npy"))
    }
    let report = try SampleRequest(samples: samples, reference: reference).measure()
    var compared = 0
    for number in own.numbers
    where number.moments == .monteCarlo && number.metric != .mseTimesCost
      && number.metric != .targetErrorRatio
    {
      let file = try #require(report.number(number.metric))
      #expect(agree(file.value, number.value, 1e-9), "\(number.metric)")
      #expect(agree(file.standardError, number.standardError, 1e-7), "\(number.metric) error")
      #expect(file.resolved == number.resolved && file.draws == number.draws)
      compared += 1
    }
    // An exact target has no sampled norm and no error.
    #expect(compared == (kind == .exact ? 18 : 20))
  }

  /// Draws of straight-through by PyTorch (float32) against the exact moments of `st`: within 5
  /// standard errors each (a false alarm in some 1e4 draws of the file at 31 degrees of freedom).
  @Test(arguments: ["st.npy", "both.npz:samples"]) func torchDraws(name: String) throws {
    let folder = try #require(Bundle.module.resourcePath) + "/Fixtures/torch-st/"
    let exact = try FidelitySession(
      problem: problem(), target: TargetSettings(kind: .exact),
      measure: MeasureSettings(scopes: [.logits], moments: .exact, perDrawSamples: 0),
      key: RandomKey(seed: 1)
    ).run([FidelityRequest(estimator: EstimatorRegistry.make("st"), distribution: .own)])[0].get()
    let report = try SampleRequest(
      samples: SampleLocation(folder + name),
      reference: .exact(
        SampleLocation(
          folder + (name == "st.npy" ? "exact.npy" : "both.npz:reference")))
    ).measure()
    let norm = try #require(report.number(.targetNorm))
    for number in exact.numbers where number.interval == "exact" && !number.metric.isCount {
      let file = try #require(report.number(number.metric))
      switch number.metric {
      case .targetNorm, .targetErrorSquared:
        #expect(agree(file.value, number.value, 1e-12))
      case .reinMaxBias, .reinMaxBiasRelativeToMean, .reinMaxDeviation, .reinMaxCosine:
        // Not debiased: their own error is no measure of the distance.
        continue
      default:
        let z = (file.value - number.value) / file.standardError
        #expect(abs(z) < 5, "\(number.metric): z = \(z)")
      }
    }
    #expect(norm.standardError < 1e-15)
  }
}

extension Metric {
  fileprivate var isCount: Bool {
    [.valueCalls, .gradientCalls, .mseTimesCost, .targetErrorRatio].contains(self)
  }
}
