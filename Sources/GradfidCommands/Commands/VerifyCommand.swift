import ArgumentParser
import GradientFidelity

struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check the instrument: certified numbers, wrong estimators, coverage, problems.",
    discussion: """
      --published recomputes published and certified numbers, those that come with the program or \
      those of FILE, and counts the digits that agree (LRE: minus the decimal logarithm of the \
      relative error, at most 15; over the number's natural size where it is 0). --self-test runs the \
      checks on estimators that are wrong on purpose, and on their right twins. --golden recomputes a \
      file of reference values by the exact-moments path. --coverage measures \
      twelve problems with up to eight estimators a thousand times at 64, 256 and 1,024 draws, a fifth \
      of them at seven levels from 0.5 to 0.99, and counts how often the intervals hold the exact \
      number; --store keeps the counts (view v_coverage). --problems holds the problems of a study, at \
      their initial state, to what the interface promises: kinds of your own are checked so. Exits \
      with 4 where a number has fewer digits than it is certified for, a wrong estimator is not caught \
      or a right one is, a value is beyond its tolerance, a metric that is not flagged is covered \
      too seldom, or a problem breaks a promise.
      """)

  @Flag(help: "Recompute published numbers, and count the digits that agree.")
  var published = false

  @Argument(
    help: "Published numbers (JSON) for --published, in place of those of the program.")
  var file: String?

  @Flag(help: "See that wrong estimators are caught and right ones are not.")
  var selfTest = false

  @Option(help: "Reference file (JSON).")
  var golden: String?

  @Flag(help: "Count how often intervals hold the exact number.")
  var coverage = false

  @Option(help: "Study file: hold its problems to what the interface promises.")
  var problems: String?

  @Option(help: "Repeats of every measurement of --coverage.")
  var repeats = 1000

  @Option(help: "Result store that keeps the counts of --coverage.")
  var store: String?

  @OptionGroup var workers: JobsOption

  @Option(help: "\(OutputFormat.names()).")
  var format = OutputFormat.table

  func validate() throws {
    let checks = [published, selfTest, golden != nil, coverage, problems != nil].count { $0 }
    guard checks == 1 else {
      throw ValidationError(
        "\(checks == 0 ? "say what to check" : "one check at a time"): --published [FILE], --self-test, --golden FILE, --coverage or --problems STUDY"
      )
    }
    guard published || file == nil else {
      throw ValidationError("a file without an option belongs to --published")
    }
    guard (20...1_000_000).contains(repeats) else {
      throw ValidationError("--repeats must be from 20 to 1000000, found \(repeats)")
    }
    guard coverage || store == nil else { throw ValidationError("--store belongs to --coverage") }
  }

  func run() throws {
    try reportingErrors {
      if let problem = BLASRuntime.useOneThread() { StandardError.write("warning: \(problem)") }
      if published {
        try verifyPublished()
      } else if selfTest {
        try testSelf()
      } else if let golden {
        try verify(golden)
      } else if let problems {
        try hold(problems)
      } else {
        try measureCoverage()
      }
    }
  }

  private func verifyPublished() throws {
    let files = try file.map { [try PublishedFile(path: $0)] } ?? CertifiedSets.all()
    let check = try PublishedVerification(files)
    StandardOutput.write(format.text(PublishedTable.table(check)))
    let failed = check.rows.filter { !$0.holds }
    for row in failed {
      let setting = row.parameters.isEmpty ? row.estimator : "\(row.estimator) \(row.parameters)"
      for number in row.numbers where !number.holds {
        StandardError.write(
          "fewer digits than certified: \(row.problem), \(setting): \(number.block) \(number.metric) \(number.certified), computed \(number.computed.isNaN ? "nothing" : "\(number.computed)")"
        )
      }
    }
    StandardError.write("\(check.rows.count - failed.count) of \(check.rows.count) rows hold")
    if !failed.isEmpty { throw ExitCode(4) }
  }

  private func testSelf() throws {
    let test = try SelfTest(workers: workers.count) { StandardError.write("checking: \($0)") }
    StandardOutput.write(format.text(SelfTestTable.table(test)))
    let missed = test.rows.filter { !$0.isCaught }.count
    let alarms = test.rows.filter(\.isFalseAlarm).count
    StandardError.write(
      "\(test.rows.count - missed) of \(test.rows.count) wrong ones caught, \(alarms) right ones flagged (a right one is flagged in about 1 of \(Int(1 / SelfTest.falseAlarms)) keys; the key is fixed)"
    )
    if !test.holds { throw ExitCode(4) }
  }

  private func measureCoverage() throws {
    let results = try store.map { try ResultStore(path: StoreOption.literal($0)) }
    let study = CoverageStudy(repeats: repeats, workers: workers.count)
    let rows = try study.run { StandardError.write("measuring \($0)") }
    try results?.save(
      rows.map { CoverageRecord($0, level: $0.level) },
      version: GradientFidelityVersion.number)
    try results?.close()
    let summaries = CoverageSummary.all(rows, level: study.level)
    StandardOutput.write(format.text(CoverageTable.table(summaries)))
    let failed = summaries.filter { !$0.passes && !CoverageStudy.controls.contains($0.metric) }
    let control = summaries.filter { CoverageStudy.controls.contains($0.metric) && $0.passes }
    for row in failed + control {
      StandardError.write(
        CoverageStudy.controls.contains(row.metric)
          ? "the negative control '\(row.metric)' passed at \(row.draws) draws"
          : "\(row.metric) at \(row.draws) draws is covered at \(row.mean), in the least setting at \(row.least)"
      )
    }
    if !(failed + control).isEmpty { throw ExitCode(4) }
  }

  /// Every problem of a study against every promise.
  private func hold(_ study: String) throws {
    let (file, path) = try StudyArgument.read(study)
    let resolved = try ResolvedStudy(
      file, path: path,
      environment: StudyEnvironment.problems(
        studyPath: path, storePath: StudyEnvironment.defaultStore),
      catalogue: CommandScope.catalogue)
    let report = try ConformanceReport(resolved) { StandardError.write("checking \($0)") }
    StandardOutput.write(format.text(ConformanceTable.table(report)))
    StandardError.write(
      "\(report.rows.count - report.broken) of \(report.rows.count) promises hold")
    if report.broken > 0 { throw ExitCode(4) }
  }

  private func verify(_ golden: String) throws {
    let check = try verification(golden)
    StandardOutput.write(format.text(VerificationTable.table(check)))
    let failed = check.rows.filter { !$0.passed }
    for row in failed {
      StandardError.write(
        "beyond tolerance: \(row.problem), \(row.estimator) \(row.parameters): \(row.place)")
    }
    StandardError.write(
      "\(check.rows.count - failed.count) of \(check.rows.count) rows within tolerance")
    if !failed.isEmpty { throw ExitCode(4) }
  }

  /// What cannot be computed at all is the reference file's fault.
  private func verification(_ golden: String) throws -> GoldenVerification {
    let file = try GoldenFile(path: golden)
    do {
      return try GoldenVerification(file, workers: workers.count)
    } catch let error as DiscreteError {
      StandardError.write("error: \(golden): \(error)")
      throw ExitCode(65)
    }
  }
}
