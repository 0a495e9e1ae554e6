import Discrete
import Estimators
import Fidelity
import Testing

/// Printed numbers of the reference problem for the unbiased families: total variance of one
/// estimate, computed by an independent program by enumeration. Tolerance: half a unit of the last
/// digit; the bias is 0 up to rounding.
@Suite struct ScoreFunctionGoldenTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let setting: ZooSetting
    let latents: Int
    let categories: Int
    let variance: Double

    var testDescription: String { "\(setting.testDescription) D=\(latents) K=\(categories)" }
  }

  private static let doubled: [String: ParameterValue] = ["alpha": .number(0.6)]
  private static let tripled: [String: ParameterValue] = [
    "alpha": .number(0.6), "samples": .integer(3),
  ]

  private static func set(_ k: Int, baseline: Bool = true) -> ZooSetting {
    ZooSetting("unordered-set", ["k": .integer(k), "baseline": .flag(baseline)])
  }

  private static func sticks(_ order: String) -> ZooSetting {
    ZooSetting("disarm-sb", ["order": .text(order)])
  }

  /// Variances at D=2, K=3 and at D=3, K=2.
  private static let both: [(ZooSetting, Double, Double)] = [
    (ZooSetting("reinforce"), 0.156070, 0.167165),
    (ZooSetting("reinforce-constant", ["baseline": .number(0.7)]), 1.203589, 0.647794),
    (ZooSetting("reinforce-loo"), 0.092253, 0.187146),
    (ZooSetting("reinforce-loo", ["samples": .integer(3)]), 0.043522, 0.087797),
    (ZooSetting("leg"), 0.002101, 0.026732),
    (ZooSetting("mvd"), 0.010540, 0.026732),
    (ZooSetting("bitflip-1"), 0.024948, 0.171563),
    (ZooSetting("spa"), 0.071365, 0.108435),
    (ZooSetting("muprop"), 0.180256, 0.215679),
    (ZooSetting("double-cv", doubled), 0.122737, 0.482501),
    (ZooSetting("double-cv", tripled), 0.070913, 0.236764),
    (ZooSetting("rodeo"), 0.134759, 0.150021),
    (ZooSetting("sum-and-sample", ["k": .integer(3)]), 0.023247, 0.038349),
    (set(1), 0.156070, 0.167165),
    (set(2), 0.076446, 0.155715),
    (set(3), 0.030493, 0.060272),
    (set(3, baseline: false), 0.033729, 0.037580),
    (ZooSetting("carms-i"), 0.080474, 0.115527),
    (ZooSetting("disarm-iw"), 0.073210, 0.115527),
    (sticks("ascending"), 0.078215, 0.115527),
    (sticks("natural"), 0.065370, 0.115527),
    (sticks("descending"), 0.080274, 0.115527),
  ]

  private static let rows: [Row] =
    both.flatMap {
      [
        Row(setting: $0.0, latents: 2, categories: 3, variance: $0.1),
        Row(setting: $0.0, latents: 3, categories: 2, variance: $0.2),
      ]
    } + [
      Row(setting: sticks("ascending"), latents: 2, categories: 4, variance: 0.210219),
      Row(setting: ZooSetting("disarm-iw"), latents: 2, categories: 4, variance: 0.207517),
      Row(setting: ZooSetting("disarm-tree"), latents: 2, categories: 4, variance: 0.208566),
      Row(setting: ZooSetting("disarm"), latents: 3, categories: 2, variance: 0.115527),
    ]

  @Test(arguments: rows)
  func variance(golden: Row) throws {
    let zoo = try ExactZoo(latents: golden.latents, categories: golden.categories)
    let moments = try zoo.moments(golden.setting.make())
    #expect(zoo.bias(moments.mean) < 1e-13)
    #expect(abs(moments.variance - golden.variance) <= 0.5000001e-6, "\(moments.variance)")
  }
}
