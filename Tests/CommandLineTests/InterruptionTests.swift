import Foundation
import GradientFidelity
import Testing

/// A run that is stopped loses nothing it finished, one that is killed at most the cells of the last
/// fraction of a second; the next run completes it with the numbers of a run that was never
/// disturbed.
@Suite(.serialized) struct InterruptionTests {
  struct NeverBusy: Error, CustomStringConvertible {
    let description: String
  }

  /// Cells done so far as another process sees them; 0 while there is no store.
  private func done(_ place: Workplace) -> Int {
    guard let store = try? ResultStore(readingPath: place.file("gradfid.sqlite")),
      let summary = try? store.studies().first
    else { return 0 }
    return summary.done
  }

  /// Starts a study and returns once some of its cells are stored.
  private func startedRun(
    _ place: Workplace, _ text: String = SmallStudies.long, name: String = "long"
  ) throws -> StartedCommand {
    try place.write(text, to: "\(name).yaml")
    let command = try place.start(["run", name, "--jobs", "1"])
    let limit = ContinuousClock.now + .seconds(20)
    while done(place) < 3 {
      guard command.isRunning, ContinuousClock.now < limit else {
        command.send(SIGKILL)
        throw NeverBusy(description: "\(try command.finish())")
      }
      // A task that sleeps may wake late while other tests hold all threads.
      usleep(2000)
    }
    return command
  }

  /// What an undisturbed run stores.
  private static let undisturbed = Result {
    let place = try Workplace()
    try place.write(SmallStudies.long, to: "long.yaml")
    _ = try place.run("run", "long", "--jobs", "2", "--quiet")
    return try place.numbers()
  }

  private func states(_ place: Workplace) throws -> [String: Int] {
    let outcome = try place.run(
      "query", "SELECT cell_state, count(*) AS n FROM v_cells GROUP BY 1", "--format", "csv")
    #expect(outcome.code == 0)
    var states: [String: Int] = [:]
    for line in outcome.output.split(separator: "\n").dropFirst() {
      let fields = line.split(separator: ",")
      states[String(fields[0])] = Int(fields[1])
    }
    return states
  }

  private func finished(_ place: Workplace, after done: Int) throws {
    let next = try place.run("run", "long", "--jobs", "2")
    #expect(next.code == 0)
    let left = SmallStudies.longCells - done
    #expect(
      next.errors.hasSuffix(
        "long: \(left) cells measured, \(done) there already, 0 failed; store gradfid.sqlite\n"))
    #expect(try states(place) == ["done": SmallStudies.longCells])
    #expect(try place.numbers() == Self.undisturbed.get())
  }

  @Test func killedInMidRun() throws {
    let place = try Workplace()
    let command = try startedRun(place)
    let seen = done(place)
    command.send(SIGKILL)
    let outcome = try command.finish()
    #expect(outcome.signal == SIGKILL)

    // The store is whole as the killed process left it, log and all.
    let states = try states(place)
    let kept = try #require(states["done"])
    #expect(kept >= seen && kept < SmallStudies.longCells)
    #expect(states == ["done": kept, "stale": SmallStudies.longCells - kept])
    let integrity = try place.run(
      "query", "SELECT * FROM pragma_integrity_check", "--format", "csv")
    #expect(integrity.output == "integrity_check\nok\n")
    let whole = try place.run(
      "query",
      "SELECT count(*) AS n FROM (SELECT cell, count(metric) AS m FROM v_measurements "
        + "WHERE cell_state = 'done' GROUP BY cell) GROUP BY m", "--format", "csv")
    #expect(whole.output == "n\n\(kept)\n")
    let status = try place.run("status", "--format", "csv")
    #expect(
      status.output.contains(
        "\nlong,\(SmallStudies.longCells),\(kept),0,0,\(SmallStudies.longCells - kept),"))
    let shown = try place.run("status", "long", "--format", "csv").output
    #expect(shown.matches(of: /,stale,/).count == SmallStudies.longCells - kept)
    let run = try place.run(
      "query", "SELECT exit_code, ended_at FROM v_runs", "--format", "csv")
    #expect(run.output == "exit_code,ended_at\n,\n")

    try finished(place, after: kept)
  }

  /// Many cells share a transaction: each of them is whole or absent all the same.
  @Test(arguments: [SIGKILL, SIGTERM]) func manyCellsAreWholeOrAbsent(_ signal: Int32) throws {
    let place = try Workplace()
    let command = try startedRun(place, SmallStudies.many, name: "many")
    command.send(signal)
    _ = try command.finish()
    let left = signal == SIGKILL ? "stale" : "pending"
    let states = try states(place)
    let kept = try #require(states["done"])
    #expect(kept + (states[left] ?? 0) == SmallStudies.manyCells)
    let undisturbed = try Workplace()
    try undisturbed.write(SmallStudies.many, to: "many.yaml")
    #expect(try undisturbed.run("run", "many", "--quiet").code == 0)
    let sizes = """
      SELECT count(*) AS n FROM (SELECT cell, count(metric) AS m FROM v_measurements
      WHERE cell_state = 'done' GROUP BY cell) GROUP BY m
      """
    #expect(try place.run("query", sizes, "--format", "csv").output == "n\n\(kept)\n")
    let next = try place.run("run", "many")
    #expect(next.errors.contains("\(SmallStudies.manyCells - kept) cells measured, \(kept) there"))
    #expect(try place.numbers() == undisturbed.numbers())
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP]) func stoppedCleanly(_ signal: Int32) throws {
    let place = try Workplace()
    let command = try startedRun(place)
    let seen = done(place)
    command.send(signal)
    let outcome = try command.finish()
    #expect(outcome.code == 128 + signal)
    #expect(
      outcome.errors.contains("stopping after the batch at work; once more to stop at once\n"))
    let states = try states(place)
    let kept = try #require(states["done"])
    #expect(kept >= seen && kept < SmallStudies.longCells)
    #expect(states == ["done": kept, "pending": SmallStudies.longCells - kept])
    let run = try place.run(
      "query", "SELECT exit_code, ended_at IS NULL AS open FROM v_runs", "--format", "csv")
    #expect(run.output == "exit_code,open\n\(128 + signal),0\n")
    try finished(place, after: kept)
  }
}
