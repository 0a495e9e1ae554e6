import Discrete
import Estimators
import Fidelity
import Models
import Tensors
import Testing

/// Quantiles over parameters, and the sizes of what they are taken from.
@Suite struct ParameterSummaryTests {
  private func moments(_ choice: MomentsChoice) throws -> ParameterMoments {
    let problem = try CategoricalVAE<Double>(
      settings: VAESettings(latents: 2, categories: 3, rows: 3, hidden1: 12, hidden2: 8),
      images: .procedural())
    return try #require(
      FidelitySession(
        problem: problem, target: TargetSettings(),
        measure: MeasureSettings(
          moments: choice, perDrawSamples: 0, gap: false, parameters: true),
        key: RandomKey(seed: 3)
      ).run([FidelityRequest(estimator: EstimatorRegistry.make("st"), distribution: .own)])[0].get()
        .parameters)
  }

  /// The ends are the least and the largest, the middle has as many below as above, and `all` is all groups.
  @Test(arguments: [MomentsChoice.exact, .monteCarlo]) func areOfTheNumbers(_ choice: MomentsChoice)
    throws
  {
    let moments = try moments(choice)
    let quantiles = moments.quantiles
    #expect(
      Set(quantiles.map(\.scope)) == ["logits", "encoder.1", "encoder.2", "encoder.3", "all"])
    for scope in ["logits", "encoder.3", "all"] {
      let parts = moments.parts.filter {
        scope == "all" ? $0.name != "logits" : $0.name == scope
      }
      for (quantity, values) in [
        (ParameterQuantity.variance, parts.flatMap(\.numbers.variance)),
        (
          .absoluteBias,
          parts.flatMap { part in zip(part.numbers.mean, part.target).map { abs($0 - $1) } }
        ),
      ] {
        let own = quantiles.filter { $0.scope == scope && $0.quantity == quantity }
        #expect(own.map(\.level) == [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1])
        #expect(own.first?.value == values.min() && own.last?.value == values.max())
        #expect(own.allSatisfy { $0.count == values.count })
        for quantile in own {
          let below = Double(values.count { $0 < quantile.value })
          let above = Double(values.count { $0 > quantile.value })
          // Between two neighbours as many lie below as their places say.
          let place = quantile.level * Double(values.count - 1)
          #expect(below <= (place - 1e-9).rounded(.up))
          #expect(above <= (Double(values.count - 1) - place - 1e-9).rounded(.up))
          #expect(choice == .monteCarlo || quantile.error == 0)
        }
      }
    }
    let noise = quantiles.filter { $0.scope == "logits" && $0.quantity == .biasError }
    #expect(noise.allSatisfy { choice == .exact ? $0.value == 0 : $0.value > 0 })
  }

  /// The bound of an error holds the spread of the quantile over keys: of the median variance of the last layer,
  /// whose spread over 24 keys has an error of 15 %.
  @Test func theBoundHoldsTheSpread() throws {
    let problem = try CategoricalVAE<Double>(
      settings: VAESettings(latents: 2, categories: 3, rows: 3, hidden1: 12, hidden2: 8),
      images: .procedural())
    let sampled = try (0..<24).map { seed in
      let report = try FidelitySession(
        problem: problem, target: TargetSettings(),
        measure: MeasureSettings(
          moments: .monteCarlo, draws: 512, perDrawSamples: 0, gap: false, parameters: true),
        key: RandomKey(seed: UInt64(seed))
      ).run([FidelityRequest(estimator: EstimatorRegistry.make("st"), distribution: .own)])[0].get()
      return try #require(
        report.parameters?.quantiles.first {
          $0.scope == "encoder.3" && $0.quantity == .variance && $0.level == 0.5
        })
    }
    let mean = sampled.reduce(0) { $0 + $1.value } / 24
    let spread =
      (sampled.reduce(0) { $0 + ($1.value - mean) * ($1.value - mean) } / 23).squareRoot()
    let error = sampled.reduce(0) { $0 + $1.error } / 24
    #expect(spread < 1.5 * error && spread > 0, "\(spread) \(error)")
  }

  /// A file beyond the limit is refused before anything is measured, with the remedy.
  @Test func largeFilesAreRefused() throws {
    let large = try LargeLayer(parameters: 100_000_000)
    let measure = MeasureSettings(parameters: true)
    let sizes = ParameterSizes(large, measure: measure, workers: 1)
    #expect(sizes.fileBytes > 4_800_000_000)
    let refusals = MemoryNeeds(
      problem: large, measure: measure, target: TargetSettings(), workers: 1
    ).refusals
    #expect(refusals.contains { $0.contains("`parameters: true` writes 4.5 GiB") })
    #expect(
      MemoryNeeds(
        problem: large, measure: MeasureSettings(), target: TargetSettings(), workers: 1
      ).refusals.allSatisfy { !$0.contains("parameters: true") })
    let report = try FidelitySession(
      problem: registered("bernoulli-toy"), target: TargetSettings(), measure: MeasureSettings(),
      key: RandomKey(seed: 1)
    ).run([FidelityRequest(estimator: EstimatorRegistry.make("st"), distribution: .own)])[0].get()
    #expect(report.parameters == nil)
  }
}

/// A layer with many parameters, of which nothing is evaluated.
private struct LargeLayer: DiscreteProblem {
  let logits: Logits
  let oracle: any CostOracle
  let pullback: (any ParameterPullback)?

  init(parameters: Int) throws {
    let shape = LayerShape(rows: 1, latents: 1, categories: 2)
    logits = try Logits(shape: shape, values: [0, 0])
    oracle = Oracle(shape: shape)
    pullback = Pullback(count: parameters)
  }

  private struct Oracle: CostOracle {
    let shape: LayerShape
    var capabilities: OracleCapabilities { OracleCapabilities() }
    func costs(at codes: CodeBlock, gradients: Bool) throws -> CostBlock { CostBlock(values: []) }
    func costs(at points: SoftBlock, gradients: Bool) throws -> CostBlock { CostBlock(values: []) }
  }

  private struct Pullback: ParameterPullback {
    let count: Int
    var groups: [ParameterGroup] { [ParameterGroup(name: "many", count: count)] }
    func pullBack(_ logitGradient: [Double]) -> [[Double]] { [] }
    func rowGrams(_ row: Int) -> [RowGram] { [] }
  }
}
