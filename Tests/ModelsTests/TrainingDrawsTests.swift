import Discrete
import Models
import Synchronization
import Tensors
import Testing

/// What a training step hands to an estimator, against the oracle of the same network.
@Suite struct TrainingDrawsTests {
  private final class Log: Sendable {
    let draws = Mutex<[RowDraws]>([])
  }

  /// Notes its draws; soft points are the softmax of the perturbed logits.
  private struct Recorder: SoftPointEstimator {
    static let descriptor = EstimatorDescriptor(
      name: "recorder", family: .relaxation, bias: .biased, summary: "", formula: "",
      exactOn: "", cost: "", source: "", make: { _ in Recorder(plan: EvaluationPlan()) })
    var plan: EvaluationPlan
    let log = Log()

    func softPoints(_ row: RowLogits, _ draws: RowDraws) -> [Double]? {
      var points = draws.perturbed
      VectorMath.softmax(&points, categories: row.categories)
      return points
    }

    func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
      log.draws.withLock { $0.append(draws) }
    }
  }

  /// Draws of a batch of 40 rows; the data hold one image only, so every row has the same cost.
  private func record(
    _ plan: EvaluationPlan
  ) throws -> (vae: CategoricalVAE<Double>, recorder: Recorder, draws: [RowDraws]) {
    let image = try ImageData(name: "one", pixelCount: 6, bytes: smallImages().image(3))
    let images = try ImageData(
      name: "same", pixelCount: 6, bytes: (0..<40).flatMap { _ in image.image(0) })
    let vae = try CategoricalVAE<Double>(
      settings: VAESettings(
        latents: 2, categories: 3, rows: 1, hidden1: 7, hidden2: 5, binarised: false),
      images: images)
    let recorder = Recorder(plan: plan)
    _ = try vae.trained(
      TrainingSettings(
        estimator: recorder, steps: 1, learningRate: 1e-3, batch: 40, seed: 9)
    ) { _, _ in }
    return (vae, recorder, recorder.log.draws.withLock { $0 })
  }

  private func costs(
    _ vae: CategoricalVAE<Double>, _ codes: [Int32]
  ) throws -> CostBlock {
    try vae.oracle.costs(
      at: CodeBlock(shape: vae.shape, draws: 1, indices: codes), gradients: true)
  }

  @Test func valuesAndGradientsBelongToTheCodes() throws {
    let (vae, _, draws) = try record(
      EvaluationPlan(
        distribution: .sample(temperature: 2), samples: 3, values: true, gradients: true,
        perturbed: true, freshNoise: true))
    #expect(draws.count == 40)
    for row in draws {
      #expect(row.codes.count == 3 && row.values.count == 3)
      for sample in 0..<3 {
        let value = try costs(vae, row.codes[sample]).values[0]
        #expect(abs(row.values[sample][0] - value) < 1e-12)
      }
      let gradient = try costs(vae, row.codes[0]).gradients
      #expect(relativeDifference(row.gradients, gradient) < 1e-12)
      #expect(CategoricalSampler.argmax(row.perturbed, categories: 3) == row.codes[0])
      #expect(row.freshNoise.count == 6 && row.softGradients.isEmpty)
    }
    #expect(Set(draws.map { $0.codes.flatMap { $0 } }).count > 20)
    #expect(Set(draws.map(\.freshNoise)).count == 40)
  }

  @Test func coldDrawsTakeTheLargestLogits() throws {
    let (vae, _, draws) = try record(EvaluationPlan(distribution: .sample(temperature: 1e-4)))
    let largest = CategoricalSampler.argmax(vae.logits.values, categories: 3)
    #expect(draws.allSatisfy { $0.codes == [largest] })
    #expect(draws.allSatisfy { $0.values.isEmpty && $0.gradients.isEmpty })
  }

  @Test func relaxedPlansAreEvaluatedAtTheirSoftPoints() throws {
    let (vae, recorder, draws) = try record(
      EvaluationPlan(values: true, perturbed: true, relaxed: true))
    for row in draws {
      let points = try #require(recorder.coupled?.softPoints(vae.logits.row(0), row))
      let gradient = try vae.oracle.costs(
        at: SoftBlock(shape: vae.shape, draws: 1, points: points), gradients: true
      ).gradients
      #expect(relativeDifference(row.softGradients, gradient) < 1e-12)
      #expect(abs(row.values[0][0] - (try costs(vae, row.codes[0]).values[0])) < 1e-12)
    }
  }
}
