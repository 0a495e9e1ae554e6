import Discrete
import Estimators
import Fidelity
import Models
import Tensors
import Testing

/// Monte Carlo targets that are as large as each cell needs.
@Suite struct AutomaticTargetTests {
  private static func reports(
    _ problem: any DiscreteProblem, _ requests: [FidelityRequest], _ target: TargetSettings,
    moments: MomentsChoice = .monteCarlo, draws: Int = 64
  ) throws -> [FidelityReport] {
    try FidelitySession(
      problem: problem, target: target,
      measure: MeasureSettings(
        moments: moments, draws: draws, blocks: 16, perDrawSamples: 0, gap: false),
      key: RandomKey(seed: 8)
    ).run(requests).map { try $0.get() }
  }

  private static let settings: [Zoo.Setting] = [
    ("reinforce-loo", ["samples": .integer(2)]), ("st", ["tau": .number(1)]),
    ("reinmax", ["tau": .number(1)]), ("st-gs", ["tau": .number(0.5)]),
  ]

  private static func bits(_ reports: [FidelityReport]) -> [String] {
    reports.map { "\(text(of: $0.numbers)) \($0.isTargetPrecise)" }
  }

  /// The fraction holds on every scope, and half the draws would not have done.
  @Test(arguments: [0.5, 0.25]) func reachesTheFraction(fraction: Double) throws {
    let problem = try trainedVAE(smallSizes, steps: 3)
    let requests = try Zoo.requests(Self.settings)
    var target = TargetSettings(kind: .monteCarlo, errorFraction: fraction)
    for (report, request) in zip(try Self.reports(problem, requests, target), requests) {
      #expect(report.target == .monteCarlo && report.isTargetPrecise)
      let ratios = report.numbers.filter { $0.metric == .targetErrorRatio }
      let scopes = report.numbers.filter { $0.metric == .biasSquared }
      #expect(ratios.count == scopes.count && ratios.count > 3)
      for ratio in ratios {
        #expect(ratio.value > 0 && ratio.value <= fraction && ratio.standardError > 0)
        let noise = try number(report.numbers, .targetErrorSquared, scope: ratio.scope).value
        let variance = try number(report.numbers, .variance, scope: ratio.scope).value
        #expect(abs(ratio.value / (noise / (variance / 64)).squareRoot() - 1) < 1e-9)
      }
      target.maxDraws = 1024
      let pilot = try Self.reports(problem, [request], target)[0]
      let missed = pilot.numbers.contains {
        $0.metric == .targetErrorRatio && $0.value > fraction
      }
      #expect(pilot.isTargetPrecise == !missed)
      target.maxDraws = nil
    }
  }

  /// A fraction that cannot be had ends at the most draws and is stated; a target of a given size
  /// is taken as it is.
  @Test func theLimitIsStated() throws {
    let problem = try registered("test-problem")
    let requests = try Zoo.requests(Self.settings)
    let target = TargetSettings(kind: .monteCarlo, errorFraction: 1e-4, maxDraws: 2048)
    let found = try Self.reports(problem, requests, target)
    #expect(found.allSatisfy { !$0.isTargetPrecise })
    let given = try Self.reports(
      problem, requests, TargetSettings(kind: .monteCarlo, draws: 2048, errorFraction: 1e-4))
    #expect(given.allSatisfy { $0.isTargetPrecise })
    for (a, b) in zip(found, given) {
      let first = try number(a.numbers, .targetNorm).value
      let second = try number(b.numbers, .targetNorm).value
      #expect(abs(first / second - 1) < 1e-12)
    }
  }

  /// Where moments are exact the target's own norm is the measure, a tenth of the fraction.
  @Test func exactMomentsGoByTheNorm() throws {
    let problem = try registered("test-problem")
    let requests = try Zoo.requests([("st", ["tau": .number(1)])])
    for fraction in [1.0, 0.1] {
      let report = try Self.reports(
        problem, requests, TargetSettings(kind: .monteCarlo, errorFraction: fraction),
        moments: .exact)[0]
      let error = try number(report.numbers, .targetErrorSquared).value.squareRoot()
      let norm = try number(report.numbers, .targetNorm).value
      #expect(report.isTargetPrecise && error > 0)
      #expect(error <= fraction / 10 * norm * (1 + 1e-12))
      #expect(!report.numbers.contains { $0.metric == .targetErrorRatio })
    }
  }

  /// Cells of one target distribution get targets of different sizes, each that of the cell alone.
  @Test func aCellDependsOnItselfAlone() throws {
    let problem = try trainedVAE(smallSizes, steps: 3)
    let requests = try Zoo.requests(Self.settings)
    let target = TargetSettings(kind: .monteCarlo, errorFraction: 0.3)
    let whole = try Self.reports(problem, requests, target)
    let norms = Set(try whole.map { try number($0.numbers, .targetNorm).value })
    #expect(norms.count > 1)
    #expect(
      Self.bits(try Self.reports(problem, requests.reversed(), target)).reversed()
        == Self.bits(whole))
    for (request, report) in zip(requests, whole) {
      #expect(Self.bits(try Self.reports(problem, [request], target)) == Self.bits([report]))
    }
  }

  /// An exact target has no error; its ratio is 0.
  @Test func exactTargetsHaveNone() throws {
    for moments in [MomentsChoice.exact, .monteCarlo] {
      let report = try Self.reports(
        registered("test-problem"), Zoo.requests([("st", [:])]), TargetSettings(),
        moments: moments)[0]
      let ratio = try number(report.numbers, .targetErrorRatio)
      #expect(ratio.value == 0 && ratio.standardError == 0 && report.isTargetPrecise)
    }
  }

  /// The default limit: a power of two that falls with the size of the layer.
  @Test(arguments: [
    (1, 1, 2, 4, 1_048_576), (100, 16, 12, 4, 32_768), (100, 30, 10, 4, 32_768),
    (100, 10, 8, 4, 131_072), (10_000, 100, 100, 64, 4096),
    (Int(Int32.max), Int(Int32.max), Int(Int32.max), 64, 4096),
  ])
  func theLimitFallsWithSize(
    rows: Int, latents: Int, categories: Int, samples: Int, draws: Int
  ) {
    let shape = LayerShape(rows: rows, latents: latents, categories: categories)
    #expect(TargetSettings(samples: samples).maxDraws(shape) == draws)
    #expect(TargetSettings(samples: samples, maxDraws: 77).maxDraws(shape) == 77)
  }
}
