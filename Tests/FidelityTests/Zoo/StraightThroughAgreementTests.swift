import Discrete
import Estimators
import Fidelity
import Models
import Tensors
import Testing

/// Exact moments of the straight-through family and the relaxations against sampled ones, through
/// the engine.
@Suite struct StraightThroughAgreementTests {
  private static let settings: [Zoo.Setting] = [
    ("identity-st", ["form": .text("centred")]), ("darn", [:]), ("beta-st", ["beta": .number(0.7)]),
    ("rk2-alpha", ["alpha": .number(0.8)]), ("mve", [:]), ("mve", ["infinite": .flag(true)]),
    ("smoothed-spa", [:]), ("gst", ["gap-rule": .text("p")]),
    ("gr-mc", ["tau": .number(0.5), "samples": .integer(3)]),
    ("reinmax-rao-v2", ["tau": .number(0.5), "samples": .integer(2)]),
    ("imle", [:]), ("gumbel-sparsemax", [:]), ("gumbel-entmax", [:]),
  ]

  /// 65 numbers, 8,192 draws in 64 blocks: |z| < 5 has a false-alarm rate below 0.1 %.
  @Test func onTheTestProblem() throws {
    let agreement = try Agreement.of(
      registered("test-problem"), Self.settings, draws: 8192, blocks: 64, workers: 1)
    #expect(agreement.count == 65)
    #expect(agreement.z < 5, "\(agreement.place)")
  }

  @Test func binary() throws {
    let settings: [Zoo.Setting] = [
      ("half-estimator", [:]), ("hard-st", ["slope": .number(0.7)]), ("aimle", [:]),
      ("aimle", ["rule": .text("norm")]), ("hard-concrete", [:]),
    ]
    let agreement = try Agreement.of(
      registered("test-problem", ["categories": .integer(2)]), settings, draws: 8192, blocks: 64,
      workers: 1)
    #expect(agreement.count == 25)
    #expect(agreement.z < 5, "\(agreement.place)")
  }

  /// Separable costs have exact moments beyond what can be enumerated.
  @Test func separableCostsOfManyLatents() throws {
    let problem = try registered(
      "polynomial-programming", ["latents": .integer(40), "p": .number(3)])
    let requests = try Zoo.requests([
      ("half-estimator", [:]), ("mve", [:]), ("gr-mc", [:]), ("darn", [:]),
    ])
    let reports = try FidelitySession(
      problem: problem, target: TargetSettings(kind: .exact),
      measure: MeasureSettings(moments: .exact, perDrawSamples: 0, gap: false),
      key: RandomKey(seed: 4)
    ).run(requests).map { try $0.get() }
    #expect(reports.count == 4)
  }

  /// Hundreds of categories: no array of `K^3` numbers, and the same moments.
  @Test func manyCategories() throws {
    let problem = try registered(
      "test-problem", ["latents": .integer(1), "categories": .integer(700)])
    let requests = try Zoo.requests([
      ("st", [:]), ("reinmax", [:]), ("beta-st", [:]), ("darn", [:]), ("st-gs", [:]),
    ])
    let reports = try FidelitySession(
      problem: problem, target: TargetSettings(kind: .exact),
      measure: MeasureSettings(draws: 64, blocks: 16, perDrawSamples: 0, gap: false),
      key: RandomKey(seed: 4)
    ).run(requests).map { try $0.get() }
    #expect(reports.map(\.moments) == [.exact, .exact, .exact, .exact, .monteCarlo])
    let variances = try reports.map { try number($0.numbers, .variance).value }
    #expect(abs(variances[1] - variances[2]) < 1e-12 * variances[1])
  }

  /// The gradient gap where there is a coupled soft point, and none elsewhere.
  @Test func gaps() throws {
    func gap(_ kind: String, _ parameters: [String: ParameterValue] = [:]) throws -> Bool {
      let report = try FidelitySession(
        problem: registered("test-problem"), target: TargetSettings(kind: .exact),
        measure: MeasureSettings(moments: .monteCarlo, perDrawSamples: 16, gap: true),
        key: RandomKey(seed: 4)
      ).run(Zoo.requests([(kind, parameters)]))[0].get()
      return report.numbers.contains { $0.metric == .gapLatent && $0.value > 0 }
    }
    for kind in ["gst", "gr-mc", "mve", "beta-st", "reinmax-rao-v2", "gumbel-sparsemax"] {
      #expect(try gap(kind), "\(kind)")
    }
    #expect(try gap("darn") == false)
    #expect(try gap("redge") == false)
  }
}
