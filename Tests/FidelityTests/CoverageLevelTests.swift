import Discrete
import Estimators
import Fidelity
import Foundation
import Models
import Tensors
import Testing

/// The coverage study at all levels, against coverage counted apart from it.
@Suite struct CoverageLevelTests {
  private func rows(
    _ coverage: (Double) -> Double, settings: Int = 20, repeats: Int = 200, warned: Double = 0
  ) -> [CoverageStudy.Row] {
    (0..<settings).flatMap { index in
      CoverageStudy.levels.map { level in
        CoverageStudy.Row(
          problem: "p\(index)", estimator: "st", metric: "bias_sq", interval: "score-t",
          draws: 256, repeats: repeats, coverage: coverage(level), constant: false, level: level,
          warned: warned, unwarned: warned < 1 ? coverage(level) : nil)
      }
    }
  }

  /// Share that a normal interval `factor` times as wide holds.
  private func scaled(_ level: Double, _ factor: Double) -> Double {
    1 - 2
      * (1
        - StudentT.cumulative(
          factor * StudentT.critical(level: level, degrees: 1e4), degrees: 1e4))
  }

  @Test func narrowIntervalsAreCaughtAtEveryLevel() throws {
    let exact = try #require(CoverageSummary.all(rows { $0 }).first)
    #expect(exact.passes && exact.levels.count == 7)
    let narrow = try #require(CoverageSummary.all(rows { scaled($0, 0.8) }).first)
    #expect(narrow.levels.allSatisfy { !$0.holds })
    // Right at 0.95, too narrow in the middle.
    let bent = try #require(
      CoverageSummary.all(rows { $0 < 0.9 ? scaled($0, 0.8) : $0 }).first)
    #expect(!bent.passes)
    #expect(bent.levels.filter(\.holds).map(\.level) == [0.9, 0.95, 0.99])
  }

  @Test func warnedSettingsStandApart() throws {
    let low = rows({ _ in 0.5 }, settings: 2, warned: 0.9).map { row in
      var row = row
      row.problem = "warned " + row.problem
      return row
    }
    let found = try #require(CoverageSummary.all(rows { $0 } + low).first)
    #expect(found.passes)
    #expect(found.apart == 2 && found.settings == 20 && found.leastApart == 0.5)
    #expect(try !#require(CoverageSummary.all(rows { $0 } + rows { _ in 0.5 }).first).passes)
  }

  /// REINFORCE on one Bernoulli variable, drawn here by other random numbers, with moments and the
  /// `log-t` interval of `variance` formed here: the study's coverages at every level agree. Seven
  /// comparisons of two binomial shares, |z| < 4.2: chance fails it less than once in 5,000 runs.
  @Test func coverageIsThatOfDrawsWrittenApart() throws {
    let study = CoverageStudy(
      repeats: 1500, draws: [256], seed: 11, workers: 2, problems: ["bernoulli-toy"])
    let rows = try study.run()
    let problem = try registered("bernoulli-toy")
    let phi = problem.logits.row(0).values
    let p = 1 / (1 + exp(phi[0] - phi[1]))
    let values = try problem.oracle.costs(
      at: CodeBlock(shape: problem.shape, draws: 2, indices: [0, 1]), gradients: false
    ).values
    // REINFORCE: f(x) (e_x - p), of squared norm 2 f^2 (x - p)^2.
    let estimates = [-values[0] * p, values[1] * (1 - p)]
    let mean = (1 - p) * estimates[0] + p * estimates[1]
    let variance = 2 * p * (1 - p) * (estimates[1] - estimates[0]) * (estimates[1] - estimates[0])
    #expect(variance > 0 && mean != 0)

    var generator = Xorshift(state: 0x9E37_79B9_7F4A_7C15)
    let repeats = 3000
    var covered = [Int](repeating: 0, count: CoverageStudy.levels.count)
    for _ in 0..<repeats {
      let blocks = (0..<32).map { _ in
        (0..<8).map { _ in generator.unit() < p ? estimates[1] : estimates[0] }
      }
      let (found, error) = logVariance(blocks)
      for (index, level) in CoverageStudy.levels.enumerated() {
        let factor = exp(StudentT.critical(level: level, degrees: 31) * error)
        if found / factor <= variance && variance <= found * factor { covered[index] += 1 }
      }
    }
    for (index, level) in CoverageStudy.levels.enumerated() {
      let row = try #require(
        rows.first {
          $0.estimator == "reinforce" && $0.metric == "variance" && $0.level == level
        })
      let own = Double(covered[index]) / Double(repeats)
      let share = 0.5 * (own + row.coverage)
      let spread =
        (share * (1 - share) * (1 / Double(repeats) + 1 / Double(row.repeats))).squareRoot()
      #expect(
        abs(own - row.coverage) < 4.2 * max(spread, 0.003), "\(level): \(own), \(row.coverage)")
    }
  }

  /// `tr(S)` of a scalar estimate whose two coordinates are opposite, and the relative error of the
  /// `log-t` interval: the jackknife over blocks plus `2 tr(Sigma^2)`.
  private func logVariance(_ blocks: [[Double]]) -> (value: Double, error: Double) {
    func trace(_ draws: [Double]) -> Double {
      let n = Double(draws.count)
      let mean = draws.reduce(0, +) / n
      return 2 * draws.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)
    }
    let full = trace(blocks.flatMap { $0 })
    let without = blocks.indices.map { left in
      trace(blocks.indices.filter { $0 != left }.flatMap { blocks[$0] })
    }
    let count = Double(blocks.count)
    let average = without.reduce(0, +) / count
    let jackknife =
      (count - 1) / count * without.reduce(0) { $0 + ($1 - average) * ($1 - average) }
    // Sigma has the one eigenvalue tr(S) / n.
    let noise = full / (count * Double(blocks[0].count))
    return (full, (jackknife + 2 * noise * noise).squareRoot() / full)
  }
}

/// Marsaglia's xorshift: no relation to the counter-based streams under test.
private struct Xorshift {
  var state: UInt64

  mutating func unit() -> Double {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Double(state >> 11) * 0x1p-53
  }
}
