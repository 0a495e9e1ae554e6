import Discrete
import Estimators
import Tensors
import Testing

/// Printed numbers of the reference problem: bias norm `|E g - g*|` and total variance of one
/// estimate, computed by an independent program. Tolerance: half a unit of the last digit.
@Suite struct GoldenTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let setting: Setting
    let latents: Int
    let categories: Int
    let bias: Double
    let variance: Double

    init(
      _ setting: Setting, _ latents: Int, _ categories: Int, bias: Double, variance: Double
    ) {
      self.setting = setting
      self.latents = latents
      self.categories = categories
      self.bias = bias
      self.variance = variance
    }

    var testDescription: String { "\(setting.testDescription) D=\(latents) K=\(categories)" }
  }

  private static let tauTwo: [String: ParameterValue] = ["tau": .number(2)]
  private static let tauThirteen: [String: ParameterValue] = ["tau": .number(1.3)]
  private static let three: [String: ParameterValue] = ["samples": .integer(3)]

  private static let rows: [Row] = [
    Row(Setting("reinforce"), 2, 3, bias: 0, variance: 0.156070),
    Row(Setting("reinforce-loo"), 2, 3, bias: 0, variance: 0.092253),
    Row(Setting("reinforce-loo", three), 2, 3, bias: 0, variance: 0.043522),
    Row(Setting("st"), 2, 3, bias: 0.123387, variance: 0.072960),
    Row(Setting("st", tauTwo), 2, 3, bias: 0.128103, variance: 0.020527),
    Row(Setting("identity-st"), 2, 3, bias: 0.188719, variance: 0.817715),
    Row(Setting("reinmax"), 2, 3, bias: 0.011989, variance: 0.156275),
    Row(Setting("reinmax", tauThirteen), 2, 3, bias: 0.013131, variance: 0.157414),
    Row(Setting("reinforce"), 3, 2, bias: 0, variance: 0.167165),
    Row(Setting("reinforce-loo"), 3, 2, bias: 0, variance: 0.187146),
    Row(Setting("reinforce-loo", three), 3, 2, bias: 0, variance: 0.087797),
    Row(Setting("st"), 3, 2, bias: 0.061940, variance: 0.092876),
    Row(Setting("identity-st"), 3, 2, bias: 0.341037, variance: 0.404714),
    Row(Setting("reinmax"), 3, 2, bias: 0.015907, variance: 0.090965),
    Row(Setting("reinmax", tauThirteen), 3, 2, bias: 0.028603, variance: 0.094147),
  ]

  @Test(arguments: rows)
  func biasAndVariance(row golden: Row) throws {
    let (row, cost) = SmallCost.reference(
      latents: golden.latents, categories: golden.categories)
    let jointCodes = cost.jointCodes(row)
    var moments = try #require(try golden.setting.make().exact?.exactMoments(row, jointCodes))
      .moments
    // The printed identity ST is centred: its mean over the categories is taken out.
    if golden.setting.kind == "identity-st" { moments = centred(moments, golden.categories) }
    let target = cost.target(row).gradient
    let bias = length(zip(moments.mean, target).map { $0 - $1 })
    let width = cost.width
    let variance = (0..<width).reduce(0.0) { $0 + moments.covariance[$1 * width + $1] }
    if golden.bias == 0 {
      #expect(bias < 1e-14)
    } else {
      #expect(abs(bias - golden.bias) <= 0.5000001e-6)
    }
    #expect(abs(variance - golden.variance) <= 0.5000001e-6)
  }

  private func centred(_ moments: RowMoments, _ categories: Int) -> RowMoments {
    let width = moments.mean.count
    var map = [Double](repeating: 0, count: width * width)
    for i in 0..<width {
      for j in 0..<width where i / categories == j / categories {
        map[i * width + j] = (i == j ? 1 : 0) - 1 / Double(categories)
      }
    }
    return RowMoments(
      mean: matrixProduct(map, moments.mean, m: width, n: 1, k: width),
      covariance: matrixProduct(
        matrixProduct(map, moments.covariance, m: width, n: width, k: width), map, m: width,
        n: width, k: width))
  }

  @Test func expectationsAndTargets() throws {
    let two = SmallCost.reference(latents: 2, categories: 3)
    let expected = [
      0.018659871358423123, -0.09648535337620981, 0.0778254820177867, -0.049896326241060586,
      -0.000512730568025596, 0.050409056809086195,
    ]
    let found = two.cost.target(two.row)
    #expect(abs(found.value - -0.3124260644891995) < 1e-14)
    #expect(largestDifference(found.gradient, expected) < 1e-14)
    #expect(largestDifference(try reinforceMean(two), expected) < 1e-14)

    let three = SmallCost.reference(latents: 3, categories: 2)
    let gradients = [0.005183107036338053, 0.060136699595594506, 0.13855935848633494]
    #expect(abs(three.cost.target(three.row).value - 0.11918201535206442) < 1e-14)
    let mean = try reinforceMean(three)
    #expect(largestDifference([mean[1], mean[3], mean[5]], gradients) < 1e-14)
    #expect(largestDifference([mean[0], mean[2], mean[4]], gradients.map { -$0 }) < 1e-14)

    let four = SmallCost.reference(latents: 2, categories: 4)
    #expect(abs(four.cost.target(four.row).value - -0.27907179812078026) < 1e-14)
  }

  private func reinforceMean(_ problem: (row: RowLogits, cost: SmallCost)) throws -> [Double] {
    let estimator = try EstimatorRegistry.make("reinforce")
    return try #require(
      try estimator.exact?.exactMoments(problem.row, problem.cost.jointCodes(problem.row))
    ).moments.mean
  }
}
