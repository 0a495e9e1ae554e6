import Fidelity
import Testing

@Suite struct CoverageSummaryTests {
  private func rows(
    _ metric: String, _ coverages: [Double], draws: Int = 256, repeats: Int = 1000
  ) -> [CoverageStudy.Row] {
    coverages.enumerated().map { index, coverage in
      CoverageStudy.Row(
        problem: "p\(index)", estimator: "st", metric: metric, interval: "score-t", draws: draws,
        repeats: repeats, coverage: coverage, constant: false)
    }
  }

  @Test func countsSettingsBelowAndAboveTheBand() throws {
    // Three binomial standard deviations: 0.9058 below 93 %, 0.9862 above 97 %.
    let found = try #require(
      CoverageSummary.all(rows("bias_sq", [0.905, 0.907, 0.95, 0.986, 0.987])).first)
    #expect(found.sound == 0.8)
    #expect(found.wide == 0.2)
    #expect(abs(found.mean - 0.947) < 1e-12)
    #expect(found.least == 0.905)
    #expect(!found.passes)
  }

  @Test func leavesOutSettingsThatDoNotVary() throws {
    var given = rows("bias_sq", [0.95, 1])
    given[1].constant = true
    let found = try #require(CoverageSummary.all(given).first)
    #expect(found.settings == 1)
    #expect(found.passes)
  }

  @Test func passesWhatIsFlagged() throws {
    let low = [Double](repeating: 0.8, count: 3)
    #expect(try #require(CoverageSummary.all(rows("variance", low, draws: 64)).first).passes)
    #expect(try !#require(CoverageSummary.all(rows("variance", low, draws: 256)).first).passes)
  }

  /// Fifty repeats under one key: the means of 24 settings scatter by less than 0.01.
  @Test func findsTheNegativeControlAndPassesTheRest() throws {
    let study = CoverageStudy(
      repeats: 50, draws: [256], seed: 3, workers: 2,
      problems: [
        "three-bernoullis", "test-problem categories=3 latents=2",
        "quadratic-cubic categories=4 latents=3",
      ])
    let summaries = CoverageSummary.all(try study.run())
    let control = try #require(summaries.first { $0.metric == CoverageStudy.control })
    #expect(control.mean < 0.92)
    #expect(!control.passes)
    let narrow = try #require(summaries.first { $0.metric == CoverageStudy.narrowControl })
    #expect(!narrow.passes)
    for metric in ["bias_sq", "rel_bias", "estimate_norm", "rmse_100"] {
      let found = try #require(summaries.first { $0.metric == metric })
      #expect(found.mean > 0.93 && found.mean < 0.98, "\(metric) \(found.mean)")
    }
  }
}
