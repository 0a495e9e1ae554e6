import Foundation
import GradientFidelity
import Testing

/// A study along training that is killed while it trains goes on where it was, and ends with the
/// numbers and the series of one that was never disturbed.
@Suite(.serialized) struct TrainingInterruptionTests {
  private static let steps = 3000
  private static let study =
    "format: 1\nname: along\nkind: training\nproblems:\n" + SmallStudies.tinyVAE
    + "training: {estimator: st-gs, steps: \(steps), batch: 10, checkpoints: [0, 150, \(steps)]}\n"
    + "estimators:\n  - kind: st\n  - kind: reinforce-loo\n" + SmallStudies.measure

  private static let series = "SELECT * FROM v_training ORDER BY training, step"

  private func series(_ place: Workplace) throws -> String {
    let outcome = try place.run("query", Self.series, "--format", "csv")
    #expect(outcome.code == 0)
    return outcome.output
  }

  /// What an undisturbed run stores: numbers and series.
  private static let undisturbed = Result {
    let place = try Workplace()
    try place.write(study, to: "along.yaml")
    let outcome = try place.run("run", "along", "--quiet", "--jobs", "2")
    #expect(outcome == CommandOutcome(code: 0, signal: nil, output: "", errors: ""))
    return [
      try place.numbers(), try place.run("query", Self.series, "--format", "csv").output,
    ]
  }

  /// Steps stored so far as another process sees them.
  private func done(_ place: Workplace) -> Int {
    guard let store = try? ResultStore(readingPath: place.file("gradfid.sqlite")),
      let training = try? store.studies().first?.training
    else { return 0 }
    return training.done
  }

  /// Starts the study, or goes on with it, and returns once `steps` steps are stored.
  private func started(_ place: Workplace, until steps: Int) throws -> StartedCommand {
    let command = try place.start(["run", "along", "--jobs", "1"])
    let limit = ContinuousClock.now + .seconds(20)
    while done(place) < steps {
      guard command.isRunning, ContinuousClock.now < limit else {
        command.send(SIGKILL)
        throw InterruptionTests.NeverBusy(description: "\(try command.finish())")
      }
      // A task that sleeps may wake late while other tests hold all threads.
      usleep(2000)
    }
    return command
  }

  private func finished(_ place: Workplace) throws {
    let last = try place.run("run", "along", "--jobs", "2")
    #expect(last.code == 0 && last.errors.contains(": going on from step "))
    #expect(!last.errors.contains("warning"))
    #expect(try [place.numbers(), series(place)] == Self.undisturbed.get())
    let status = try place.run("status", "--format", "csv").output
    #expect(status.hasSuffix(",\(Self.steps) of \(Self.steps) steps\n"))
  }

  @Test func killedTwiceWhileItTrains() throws {
    let place = try Workplace()
    try place.write(Self.study, to: "along.yaml")
    for steps in [100, 600] {
      let command = try started(place, until: steps)
      command.send(SIGKILL)
      #expect(try command.finish().signal == SIGKILL)
      #expect(done(place) >= steps && done(place) < Self.steps)
    }
    try finished(place)
  }

  @Test(arguments: [SIGINT, SIGTERM]) func stoppedWhileItTrains(_ signal: Int32) throws {
    let place = try Workplace()
    try place.write(Self.study, to: "along.yaml")
    let command = try started(place, until: 200)
    command.send(signal)
    let outcome = try command.finish()
    #expect(outcome.code == 128 + signal)
    #expect(done(place) < Self.steps)
    try finished(place)
  }

  /// Two processes save the state of the same training into the same files, a hundred times each.
  @Test func twoProcessesTrainTheSame() throws {
    let study = Self.study.replacing("[0, 150, \(Self.steps)]", with: "{every: 3}")
      .replacing("\(Self.steps)", with: "300")
    let alone = try Workplace()
    try alone.write(study, to: "along.yaml")
    #expect(try alone.run("run", "along", "--quiet", "--jobs", "1").code == 0)
    let place = try Workplace()
    try place.write(study, to: "along.yaml")
    let commands = try (0..<2).map { _ in try place.start(["run", "along", "--jobs", "1"]) }
    for command in commands {
      let outcome = try command.finish()
      #expect(outcome.code == 0, "\(outcome.errors)")
      #expect(!outcome.errors.contains("warning") && !outcome.errors.contains("failed:"))
    }
    #expect(try place.numbers() == alone.numbers())
    #expect(try series(place) == series(alone))
    // What is left can be gone on from, and nothing unfinished lies about.
    let folder = "gradfid-checkpoints"
    #expect(try place.names(folder) == alone.names(folder))
    try place.write(study.replacing("300", with: "320"), to: "along.yaml")
    let longer = try place.run("run", "along", "--jobs", "1")
    #expect(longer.code == 0 && longer.errors.contains(": going on from step 300 of 320"))
  }

  /// What a process left that was killed while it wrote goes with the training's other files.
  @Test func abandonedFilesAreRemoved() throws {
    let place = try Workplace()
    try place.write(
      SmallStudies.vae(name: "vae", states: ["train: {estimator: st, steps: 150, batch: 10}"]),
      to: "vae.yaml")
    #expect(try place.run("run", "vae", "--quiet").code == 0)
    let kept = try place.names("gradfid-checkpoints")
    let weights = try #require(kept.first { $0.hasSuffix(".weights") })
    let state = "gradfid-checkpoints/" + weights.dropLast(".weights".count)
    let (old, young) = (state + ".resume.A.new", state + ".resume.B.new")
    for name in [old, young] { try place.write("half", to: name) }
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -7200)], ofItemAtPath: place.file(old))
    try FileManager.default.removeItem(atPath: place.file("gradfid-checkpoints/" + weights))
    try FileManager.default.removeItem(atPath: place.file("gradfid.sqlite"))
    #expect(try place.run("run", "vae", "--quiet").code == 0)
    #expect(place.exists(young) && !place.exists(old))
  }

  @Test func checkAndExportNameTheTraining() throws {
    let place = try Workplace()
    let short = Self.study.replacing("\(Self.steps)", with: "160")
    try place.write(short, to: "along.yaml")
    #expect(
      try place.run("check", "along").output
        == "along: 3 problem states, 2 estimators, 6 cells; 1 training, 160 steps\n")
    let run = try place.run("run", "along")
    #expect(run.errors.contains("st-gs(tau=1.0), adam 0.0005, batch 10, seed 1: step 160 of 160"))
    let files = try place.run("export", "along", "--to", "out").output
    #expect(
      files.split(separator: "\n").map { $0.split(separator: "/").last }
        == ["along.csv", "along.training.csv", "along.meta.json"])
    let lines = String(decoding: try place.bytes("out/along.training.csv"), as: UTF8.self)
      .split(separator: "\n")
    #expect(lines.count == 161)
    let cells = String(decoding: try place.bytes("out/along.csv"), as: UTF8.self)
      .split(separator: "\n")
    #expect(cells[0].hasPrefix("study,cell,model,state,step,training,"))
    let training = try #require(lines[1].split(separator: ",").dropFirst().first)
    #expect(cells.contains { $0.contains(",trained:st-gs:150:batch=10,150,\(training),") })
  }
}
