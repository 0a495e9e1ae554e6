import Discrete
import Estimators
import Fidelity
import Models
import Tensors
import Testing

/// Printed numbers of `test-problem` for the straight-through family: bias norm and total variance
/// of one estimate, from an independent program. Tolerance: half a unit of the last digit.
@Suite struct StraightThroughGoldenTests {
  struct Row: Sendable {
    let kind: String
    let parameters: [String: ParameterValue]
    let latents: Int
    let bias: Double
    let variance: Double

    init(
      _ kind: String, _ parameters: [String: ParameterValue] = [:], latents: Int = 2,
      bias: Double, variance: Double
    ) {
      self.kind = kind
      self.parameters = parameters
      self.latents = latents
      self.bias = bias
      self.variance = variance
    }
  }

  private static let rows: [Row] = [
    Row("identity-st", ["form": .text("centred")], bias: 0.188719, variance: 0.817715),
    Row("darn", bias: 0.118323, variance: 0.301156),
    Row("reinmax", bias: 0.011989, variance: 0.156275),
    Row("beta-st", bias: 0.011989, variance: 0.156275),
    Row("rk2-alpha", ["tau": .number(1.3)], bias: 0.013131, variance: 0.157414),
    Row("mve", bias: 0.079217, variance: 0.098253),
    Row("mve", ["lambda": .number(0)], bias: 0.123387, variance: 0.072960),
    Row("mve", ["infinite": .flag(true)], bias: 0.012079, variance: 0.160097),
    Row("gst", ["tau": .number(0.5)], bias: 0.038687, variance: 0.156530),
    Row("gst", bias: 0.077950, variance: 0.088890),
    Row("gst", ["gap-rule": .text("p")], bias: 0.075884, variance: 0.081004),
    Row("smoothed-spa", bias: 0.006674, variance: 0.071949),
    Row("half-estimator", latents: 3, bias: 0.015907, variance: 0.090965),
    Row("reinmax", latents: 3, bias: 0.015907, variance: 0.090965),
    Row("smoothed-spa", latents: 3, bias: 0.015907, variance: 0.090965),
    Row("mve", ["infinite": .flag(true)], latents: 3, bias: 0.015907, variance: 0.090965),
    Row("darn", latents: 3, bias: 0.052632, variance: 0.099044),
    Row("identity-st", ["form": .text("centred")], latents: 3, bias: 0.341037, variance: 0.404714),
    Row("gst", latents: 3, bias: 0.034707, variance: 0.062579),
  ]

  @Test(arguments: rows)
  func biasAndVariance(row: Row) throws {
    let problem = try registered(
      "test-problem",
      ["latents": .integer(row.latents), "categories": .integer(row.latents == 2 ? 3 : 2)])
    let report = try FidelitySession(
      problem: problem, target: TargetSettings(kind: .exact),
      measure: MeasureSettings(moments: .exact, perDrawSamples: 0, gap: false),
      key: RandomKey(seed: 1)
    ).run([
      FidelityRequest(
        estimator: try EstimatorRegistry.make(row.kind, row.parameters), distribution: .own)
    ])[0].get()
    let bias = try number(report.numbers, .biasSquared).value.squareRoot()
    #expect(abs(bias - row.bias) <= 0.5000001e-6)
    #expect(abs(try number(report.numbers, .variance).value - row.variance) <= 0.5000001e-6)
  }
}
