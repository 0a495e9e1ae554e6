import Foundation
import Testing

/// Running again measures what is missing and nothing else.
@Suite struct RerunTests {
  private func summary(_ place: Workplace, _ arguments: String...) throws -> String {
    let outcome = try place.run(arguments: ["run"] + arguments + ["--jobs", "1"])
    #expect(outcome.code == 0)
    return try #require(outcome.errors.split(separator: "\n").last.map(String.init))
  }

  @Test func theSecondRunMeasuresNothing() throws {
    let place = try Workplace()
    try place.write(SmallStudies.toy(), to: "toy.yaml")
    #expect(
      try summary(place, "toy")
        == "toy: 2 cells measured, 0 there already, 0 failed; store gradfid.sqlite")
    let first = try place.numbers()
    #expect(
      try summary(place, "toy")
        == "toy: 0 cells measured, 2 there already, 0 failed; store gradfid.sqlite")
    #expect(try place.numbers() == first)
    let runs = try place.run(
      "query",
      "SELECT run, exit_code, cells_done, ended_at IS NULL AS open FROM v_runs ORDER BY run",
      "--format", "csv")
    #expect(runs.output == "run,exit_code,cells_done,open\n1,0,2,0\n2,0,0,0\n")
  }

  @Test func anAddedEstimatorIsMeasuredAlone() throws {
    let place = try Workplace()
    try place.write(SmallStudies.toy(), to: "toy.yaml")
    _ = try summary(place, "toy")
    let before = Set(try place.numbers().split(separator: "\n"))
    try place.write(SmallStudies.toy(estimators: ["reinmax", "st", "reinforce"]), to: "toy.yaml")
    #expect(
      try summary(place, "toy")
        == "toy: 1 cells measured, 2 there already, 0 failed; store gradfid.sqlite")
    #expect(before.isSubset(of: Set(try place.numbers().split(separator: "\n"))))
    // Measured together, the three give the same numbers.
    try #expect(summary(place, "toy", "--store", "whole.sqlite").hasPrefix("toy: 3 cells measured"))
    #expect(try place.numbers() == place.numbers(store: "whole.sqlite"))
  }

  @Test func aCellOfTwoStudiesIsMeasuredOnce() throws {
    let place = try Workplace()
    try place.write(SmallStudies.toy(), to: "toy.yaml")
    try place.write(
      SmallStudies.toy(name: "second", estimators: ["reinmax", "st"]), to: "second.yaml")
    _ = try summary(place, "toy")
    #expect(
      try summary(place, "second")
        == "second: 1 cells measured, 1 there already, 0 failed; store gradfid.sqlite")
    let shared = try place.run(
      "query",
      "SELECT label, count(*) AS studies, count(DISTINCT hash) AS cells, min(run) AS run "
        + "FROM v_cells GROUP BY label ORDER BY label", "--format", "csv")
    #expect(
      shared.output == """
        label,studies,cells,run
        reinforce,1,1,1
        reinmax(tau=1.0),1,1,2
        st(tau=1.0),2,1,1

        """)
  }

  @Test func onlyRestrictsTheRun() throws {
    let place = try Workplace()
    try place.write(SmallStudies.toy(estimators: ["st", "reinmax", "reinforce"]), to: "toy.yaml")
    #expect(
      try summary(place, "toy", "--only", "estimator=rein,problem=bernoulli,state=initial,law=own")
        == "toy: 2 cells measured, 0 there already, 0 failed; store gradfid.sqlite")
    #expect(
      try summary(place, "toy", "--only", "reinmax")
        == "toy: 0 cells measured, 1 there already, 0 failed; store gradfid.sqlite")
    #expect(
      try summary(place, "toy")
        == "toy: 1 cells measured, 2 there already, 0 failed; store gradfid.sqlite")
  }

  @Test func onlyThatSelectsNothingIsAnError() throws {
    let place = try Workplace()
    try place.write(SmallStudies.toy(), to: "toy.yaml")
    let outcome = try place.run("run", "toy", "--only", "estimator=rienmax")
    #expect(outcome.code == 64 && outcome.output.isEmpty)
    #expect(
      outcome.errors
        == "error: --only 'estimator=rienmax' selects none of the 2 cells; "
        + "give a part of a name that the run's table shows, or key=text\n")
    #expect(try place.names() == ["toy.yaml"])
  }
}
