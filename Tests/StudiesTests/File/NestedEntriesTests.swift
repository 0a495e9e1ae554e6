import Discrete
import Estimators
import Models
import Studies
import Testing

/// Parameters that are mappings with a kind of their own, and lists of operations.
@Suite struct NestedEntriesTests {
  private func read(_ problem: String) throws -> StudyFile {
    try StudyFileReader.read(
      text: """
        format: 1
        name: s
        problems:
          - kind: autoencoder
        \(problem.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n"))
        estimators:
          - kind: st

        """, name: "study.yaml", estimators: EstimatorRegistry.all,
      problems: ProblemRegistry.all)
  }

  private func findings(_ problem: String) throws -> [String] {
    do {
      _ = try read(problem)
      return []
    } catch let errors as StudyFileErrors {
      return errors.diagnostics.map { $0.rendered() }
    }
  }

  private func values(_ problem: String, _ name: String) throws -> [String] {
    try read(problem).problems.map { "\($0.parameters[name].map(String.init(describing:)) ?? "")" }
  }

  @Test func defaultsAreFilledIn() throws {
    #expect(
      try values("rows: 2", "bottleneck") == ["categorical(categories=8 latents=4)"])
    #expect(try values("bottleneck: bernoulli", "bottleneck") == ["bernoulli(latents=10)"])
    #expect(
      try values("bottleneck: {kind: vq, s: 0.5}", "bottleneck")
        == ["vq(categories=8 commitment=0.25 dimension=4 latents=4 s=0.5)"])
    #expect(try values("data: {kind: npy, path: x.npy}", "data") == ["npy(path=x.npy)"])
  }

  @Test func listsInsideAreAxes() throws {
    #expect(
      try values("bottleneck: {kind: bernoulli, latents: [10, 200]}", "bottleneck")
        == ["bernoulli(latents=10)", "bernoulli(latents=200)"])
    #expect(
      try values("bottleneck: [bernoulli, {kind: categorical, latents: 2}]", "bottleneck")
        == ["bernoulli(latents=10)", "categorical(categories=8 latents=2)"])
  }

  @Test func programsAreLists() throws {
    #expect(
      try values(
        "encoder: [{conv: {channels: 8, kernel: 3}}, relu, {sum: [[], [{dense: 4}, tanh]]}]",
        "encoder") == [
          "[conv(channels=8 kernel=3 padding=0 stride=1), relu, sum([[], [dense(outputs=4), tanh]])]"
        ])
    #expect(
      try values("decoder: [[{dense: 4}, relu], [{dense: 8}]]", "decoder")
        == ["[dense(outputs=4), relu]", "[dense(outputs=8)]"])
  }

  /// Each mistake is one finding, at its place.
  @Test(arguments: [
    ("bottleneck: bernouli", "unknown bottleneck kind 'bernouli'"),
    ("bottleneck: {kind: vqq}", "unknown bottleneck kind 'vqq'"),
    ("bottleneck: {kind: bernoulli, categories: 3}", "unknown key 'categories'"),
    ("bottleneck: {kind: vq, s: 0}", "'s' must be"),
    ("bottleneck: {latents: 3}", "'kind' is missing"),
    ("data: npy", "'npy' needs 'path'"),
    ("data: {kind: npy}", "'npy' needs 'path'"),
    ("encoder: relu", "'encoder' must be a list"),
    ("encoder: [{dense: 4, relu: 1}]", "an operation is one name, found 2 keys"),
    ("encoder: [{dens: 4}]", "unknown operation 'dens'"),
    ("encoder: [{conv: {channels: 8}}]", "conv: setting 'kernel' is missing"),
    ("encoder: [{dense: 0}]", "dense: outputs must be"),
    ("encoder: [{sum: [relu]}]", "'sum' takes a list of lists of operations"),
  ]) func mistakesAreFound(text: String, what: String) throws {
    let found = try findings(text)
    #expect(found.count == 1 && found[0].contains(what), "\(found)")
  }

  /// However an operation is written, it is the same.
  @Test func spellingsAreEqual() throws {
    let plain = try values("encoder: [{dense: 4}, leaky-relu]", "encoder")
    #expect(try values("encoder: [{dense: {outputs: 4}}, {leaky-relu: 0.01}]", "encoder") == plain)
  }

  /// Settings that differ inside are other cells; what is left at its default is not.
  @Test func hashesFollowTheContent() throws {
    func hashes(_ bottleneck: String) throws -> [String] {
      let file = try read(
        """
        bottleneck: \(bottleneck)
        encoder: [{dense: 4}]
        decoder: [{dense: 4}]
        data: procedural
        rows: 2
        """)
      return try ResolvedStudy(
        file, path: "study.yaml",
        environment: ProblemEnvironment(
          baseDirectory: ".", dataDirectories: [], checkpointDirectory: ".")
      ).cells.map(\.hash)
    }
    let plain = try hashes("{kind: bernoulli, latents: 3}")
    #expect(try hashes("{latents: 3, kind: bernoulli}") == plain)
    #expect(try hashes("{kind: bernoulli, latents: 4}") != plain)
    #expect(try hashes("bernoulli") == hashes("{kind: bernoulli, latents: 10}"))
  }

  private func trained(_ keys: String) throws -> TrainEntry? {
    let file = try read("states: {train: {estimator: st, steps: 10\(keys)}}")
    guard case .trained(let entry)? = file.problems.first?.allWeights.first else { return nil }
    return entry
  }

  /// Optimisers are names, or mappings whose defaults say nothing.
  @Test func optimisersHaveSettings() throws {
    let plain = try trained("")
    #expect(try trained(", optimiser: adam") == plain)
    #expect(try trained(", optimiser: {kind: adam, beta1: 0.9}, schedule: constant") == plain)
    #expect(plain?.optimiser.description == "adam")
    let other = try trained(
      ", optimiser: {kind: adamw, weight-decay: 0.1}, schedule: {kind: cosine, steps: 10}, clip: 2")
    #expect(
      other?.optimiser.description
        == "adamw(weight-decay=0.1)+cosine(floor=0.0 steps=10 warm-up=0)+clip=2.0")
    #expect(try trained(", optimiser: sgd")?.optimiser == .sgd)
  }

  @Test(arguments: [
    (", optimiser: adamm", "unknown optimiser kind 'adamm'"),
    (", optimiser: {kind: adam, beta1: 1}", "'beta1' must be"),
    (", optimiser: {kind: sgd, momentum: [0, 0.9]}", "'optimiser' takes one value here, found 2"),
    (", schedule: cosine", "'cosine' needs 'steps'"),
    (", clip: -1", "'clip' must be"),
    (", schedule: {kind: cosine, steps: 4, warm-up: 4}", "warm-up must be below steps"),
  ]) func wrongOptimisersAreFound(keys: String, what: String) throws {
    let found = try findings("states: {train: {estimator: st, steps: 10\(keys)}}")
    #expect(found.count == 1 && found[0].contains(what), "\(found)")
  }
}
