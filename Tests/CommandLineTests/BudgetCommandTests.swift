import Foundation
import Testing

/// `gradfid budget`: how many samples, and which estimator.
@Suite struct BudgetCommandTests {
  let place: Workplace

  init() throws {
    place = try Workplace()
    try place.write(
      """
      format: 1
      name: choices
      problems:
        - kind: test-problem
      estimators:
        - kind: reinforce-loo
          samples: 2
        - kind: st
        - kind: reinmax
      measure: {draws: 64, blocks: 8, per-draw-samples: 0}

      """, to: "choices.yaml")
    #expect(try place.run("run", "choices", "--quiet").code == 0)
  }

  private func lines(_ arguments: String...) throws -> [[String]] {
    let outcome = try place.run(arguments: arguments)
    #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    return outcome.output.split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
  }

  /// Bias, variance and norm from the long view, the rest in Swift.
  @Test func theBestIsTheBestOfTheStoredMoments() throws {
    let stored = try lines(
      "query", "--format", "csv",
      """
      SELECT label, bias_sq, variance, target_norm, value_calls + 3 * gradient_calls
      FROM v_fidelity WHERE scope = 'logits'
      """
    ).dropFirst().map { line in (line[0], line.dropFirst().compactMap(Double.init)) }
    #expect(stored.count == 3)
    let best = try lines(
      "budget", "choices.yaml", "--show", "best", "--budgets", "2,100,1000000", "--format", "csv")
    #expect(
      best[0].joined(separator: ",")
        == "problem,state,law,target_norm,budget,estimator,m,rmse,low,high,lead")
    #expect(best.count == 4)
    for line in best.dropFirst() {
      let budget = try #require(Double(line[4]))
      let errors = stored.filter { $0.1[3] <= budget }.map { label, numbers in
        let m = (budget / numbers[3]).rounded(.down)
        return (label, (max(numbers[0], 0) + numbers[1] / m).squareRoot() / numbers[2])
      }
      let expected = try #require(errors.min { $0.1 < $1.1 })
      #expect(line[5] == expected.0)
      #expect(abs(try #require(Double(line[7])) - expected.1) < 1e-14 * expected.1)
    }
    // Only one can be paid for with two calls.
    #expect(best[1][10] == "no other" && best[2][10] == "resolved")
  }

  @Test func theFirstTableIsTheWideForm() throws {
    let errors = try lines("budget", "choices", "--show", "rmse", "--format", "csv")
    #expect(errors.count == 4)
    #expect(errors[0].suffix(3) == ["bias_dominates_from", "low", "high"])
    let wide = try lines(
      "query", "--format", "csv",
      "SELECT label, rmse_1, rmse_1000 FROM v_fidelity WHERE scope = 'logits' ORDER BY label")
    for line in wide.dropFirst() {
      let found = try #require(errors.first { $0[3] == line[0] })
      for (a, b) in [(found[5], line[1]), (found[8], line[2])] {
        #expect(abs(try #require(Double(a)) - #require(Double(b))) < 1e-12)
      }
    }
    let both = try place.run("budget", "choices")
    #expect(both.code == 0 && both.output.contains("\n\nproblem"))
  }

  @Test func mistakesAreNamed() throws {
    let scope = try place.run("budget", "choices", "--scope", "logts")
    #expect(scope.code == 64)
    #expect(
      scope.errors == "error: study 'choices' has no scope 'logts'; did you mean 'logits'? "
        + "known: logits\n")
    let study = try place.run("budget", "choises")
    #expect(study.code == 64 && study.errors.contains("did you mean 'choices'?"))
    for budgets in ["0", "1,,2", "x", "1e3", "-4", "99999999999999999999"] {
      let outcome = try place.run("budget", "choices", "--budgets=\(budgets)")
      #expect(outcome.code == 64 && outcome.errors.contains("--budgets takes whole numbers"))
    }
    let table = try place.run("budget", "choices", "--format", "csv")
    #expect(table.code == 64 && table.errors.contains("--show rmse or --show best"))
    #expect(try place.run("budget", "choices", "--store", "none.sqlite").code == 5)
  }
}
