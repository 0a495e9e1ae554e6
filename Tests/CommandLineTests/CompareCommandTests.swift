import Foundation
import Testing

/// `gradfid compare`: pairs of estimators of a study.
@Suite struct CompareCommandTests {
  let place: Workplace

  init() throws {
    place = try Workplace()
    try place.write(
      """
      format: 1
      name: pairs
      problems:
        - kind: test-problem
      estimators:
        - kind: reinforce-loo
        - kind: st
          tau: [1.0, 2.0]
        - kind: reinmax
      measure: {draws: 64, blocks: 8, per-draw-samples: 0}

      """, to: "pairs.yaml")
  }

  @Test func comparesTwoEstimators() throws {
    let outcome = try place.run(
      "compare", "pairs", "reinmax", "tau=2.0", "--metric", "rel_bias,variance", "--format", "csv")
    #expect(outcome.code == 0 && outcome.errors.isEmpty)
    let lines = outcome.output.split(separator: "\n").map(String.init)
    #expect(
      lines[0] == "problem,state,law,first,second,scope,metric,first_value,second_value,difference,"
        + "se,ci_low,ci_high,ci_method,p,p_holm,verdict")
    #expect(lines.count == 3)
    #expect(lines[1].contains("reinmax(tau=1.0),st(tau=2.0),logits,rel_bias,"))
    #expect(lines[1].hasSuffix(",exact,,,first lower"))
    #expect(lines[2].hasSuffix(",exact,,,second lower"))
    #expect(try place.names(".").contains("gradfid.sqlite") == false)
  }

  @Test func aGateTripsWhenTheFirstIsWorse() throws {
    func gate(_ first: String, _ second: String) throws -> Int32? {
      try place.run(
        "compare", "pairs", first, second, "--metric", "rel_bias", "--fail-if", "worse"
      ).code
    }
    #expect(try gate("tau=2.0", "reinmax") == 4)
    #expect(try gate("reinmax", "tau=2.0") == 0)
  }

  @Test func theMatrixHoldsEveryPairOnce() throws {
    let outcome = try place.run(
      "compare", "pairs", "--matrix", "--metric", "rmse_10", "--margin", "1000", "--format", "csv")
    #expect(outcome.code == 0)
    let lines = outcome.output.split(separator: "\n").dropFirst()
    #expect(lines.count == 6)
    #expect(lines.allSatisfy { $0.hasSuffix("equivalent\"") })
  }

  @Test func mistakesAreNamed() throws {
    let nothing = try place.run("compare", "pairs", "st", "nothing")
    #expect(nothing.code == 64)
    #expect(
      nothing.errors == "error: the study has no estimator 'nothing'; "
        + "its kinds: reinforce-loo, reinmax, st\n")
    let metric = try place.run("compare", "pairs", "st", "reinmax", "--metric", "rel_bais")
    #expect(metric.code == 64 && metric.errors.contains("did you mean 'rel_bias'?"))
    #expect(try place.run("compare", "pairs", "st").code == 64)
    #expect(try place.run("compare", "pairs", "st", "reinmax", "--matrix").code == 64)
    #expect(try place.run("compare", "pairs", "--matrix", "--fail-if", "worse").code == 64)
    #expect(try place.run("compare", "pairs", "st", "reinmax", "--margin", "0").code == 64)
  }
}
