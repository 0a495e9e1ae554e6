import Foundation
import GradientFidelity
import Testing

/// `check`, `plan` and `run` agree on what can be measured: every estimator of the registry on every
/// sort of problem.
@Suite struct AgreementTests {
  /// Where all integrals of all kinds would take minutes, all are sampled.
  private static let problems: [(name: String, entry: String, moments: String)] = [
    ("binary", "  - kind: three-bernoullis\n", "monte-carlo"),
    ("categorical", "  - kind: quadratic-cubic\n    latents: 1\n    categories: 3\n", "auto"),
    ("table", "  - kind: json\n    file: table.json\n", "auto"),
    ("table with gradients", "  - kind: json\n    file: slopes.json\n", "auto"),
    ("subsets", "  - kind: k-subset\n", "auto"),
    ("network", SmallStudies.tinyVAE, "monte-carlo"),
  ]

  private static let table =
    #"{"phi": [[0.1, -0.2], [0.3, 0.2]], "cost": {"type": "table", "values": [1, 2, 4, 3]}}"#
  private static let gradients =
    #"{"phi": [[0.1, -0.2], [0.3, 0.2]], "cost": {"type": "table", "values": [1, 2, 4, 3], "#
    + #""gradients": [[[1, 2], [3, 4]], [[5, 6], [7, 8]], [[1, 2], [3, 4]], [[5, 6], [7, 8]]]}}"#

  private func resolved(
    _ entry: String, _ moments: String, _ estimators: [String], in folder: String
  ) throws -> (ResolvedStudy, ProblemEnvironment) {
    let text =
      "format: 1\nname: all\nproblems:\n" + entry + "estimators:\n"
      + estimators.map { "  - kind: \($0)\n" }.joined()
      + "target: {draws: 64}\nmeasure: {at: logits, moments: \(moments), draws: 64, blocks: 8, per-draw-samples: 4}\n"
    let environment = ProblemEnvironment(
      baseDirectory: folder, dataDirectories: [], checkpointDirectory: folder + "/checkpoints")
    let file = try StudyFileReader.read(
      text: text, name: "all.yaml", estimators: EstimatorRegistry.all,
      problems: ProblemRegistry.all)
    return (try ResolvedStudy(file, path: "all.yaml", environment: environment), environment)
  }

  @Test(arguments: AgreementTests.problems.map(\.name)) func onEveryProblem(_ name: String) throws {
    let place = try Workplace()
    try place.write(Self.table, to: "table.json")
    try place.write(Self.gradients, to: "slopes.json")
    let subject = try #require(Self.problems.first { $0.name == name })
    let kinds = EstimatorRegistry.all.map(\.name)
    let (study, environment) = try resolved(
      subject.entry, subject.moments, kinds, in: place.path)
    // What `check` passes,
    #expect(study.refusals.isEmpty)
    #expect(study.cells.count + study.leftOut.count == kinds.count)
    // `plan` foretells,
    let plan = try StudyPlan(study, environment: environment, jobs: 2)
    #expect(plan.rows.map(\.cells) == [study.cells.count])
    // and `run` measures.
    let store = try ResultStore(path: place.file("s.sqlite"))
    let outcome = try StudyRunner(
      study: study, store: store, environment: environment, jobs: 2, progress: { _ in }
    ).run(SystemFacts.runRecord(seed: 1, jobs: 2))
    #expect(outcome.failures.isEmpty && outcome.measured == study.cells.count)
    // What is left out cannot be measured.
    for pair in study.leftOut where !pair.isOfLayer {
      let descriptor = try #require(EstimatorRegistry.named(pair.kind))
      let problem = try #require(study.groups.first).problem
      let session = FidelitySession(
        problem: try #require(ProblemRegistry.named(problem.kind))
          .make(problem.parameters, environment),
        target: study.file.target, measure: study.file.measure, key: RandomKey(seed: 1))
      #expect(throws: (any Error).self, "\(pair.kind) can be measured on \(name)") {
        let estimator = try descriptor.make(ResolvedParameters([:], specs: descriptor.parameters))
        for report in try session.run([FidelityRequest(estimator: estimator, distribution: .own)]) {
          _ = try report.get()
        }
      }
    }
  }

  /// Settings that do not go together, and costs without what an estimator asks for: the same word from
  /// all three, and exit code 65 where nothing is left.
  @Test(arguments: [
    (
      "decoupled-st-gs\n    forward: argmax\n    noise: shared", "  - kind: bernoulli-toy\n",
      "noise 'shared' needs a forward that draws noise"
    ),
    ("gumbel-softmax", "  - kind: json\n    file: table.json\n", "inside the simplex"),
    ("st", "  - kind: json\n    file: table.json\n", "has no gradients"),
  ])
  func theSameWord(_ estimator: String, _ problem: String, _ words: String) throws {
    let place = try Workplace()
    try place.write(Self.table, to: "table.json")
    func text(_ estimators: [String]) -> String {
      "format: 1\nname: some\nproblems:\n\(problem)estimators:\n"
        + estimators.map { "  - kind: \($0)\n" }.joined() + SmallStudies.measure
    }
    try place.write(text([estimator]), to: "alone.yaml")
    try place.write(text([estimator, "reinforce"]), to: "both.yaml")
    for command in ["check", "plan", "run"] {
      let alone = try place.run(command, "alone")
      #expect(alone.code == 65 && alone.errors.contains(words), "\(command): \(alone)")
      let both = try place.run(command, "both")
      #expect(both.code == 0, "\(command): \(both)")
      #expect(both.errors.contains("1 cell left out") && both.errors.contains(words))
    }
  }
}
