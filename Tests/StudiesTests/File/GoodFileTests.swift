import Discrete
import Fidelity
import Studies
import Testing

@Suite struct GoodFileTests {
  private static let text = """
    format: 1
    name: tau-grid-8x4
    title: "Temperatures: a grid"
    seed: 18446744073709551615
    problems:
      - kind: categorical-vae
        categories: 8
        latents: [2, 4]
        states:
          - initial
          - train: {estimator: st, tau: 0.5, steps: 200, learning-rate: 1e-3, batch: 50, seed: 7}
          - checkpoint: st-200.b
      - kind: bernoulli-toy
        t: [0.45, 0.499]
      - kind: json
        file: tables/größe 2.json
    target:
      kind: monte-carlo
      law: [own, unit]
      max-states: 4096
      draws: 128
      samples: 8
    estimators:
      - kind: decoupled-st
        tau-backward: [0.5, 1]
        tau-forward: [.5, 2., +3e0]
      - zip:
          kind: decoupled-st-gs
          noise: none
          tau-forward: [0.5, 1.0]
          tau-backward: [1.0, 1.0]
      - kind: reinforce-loo
    measure:
      at: [all, logits]
      moments: exact
      draws: 80
      blocks: 40
      per-draw-samples: 0
      gap: false
      level: 0.9
    """

  @Test func readsAllValues() throws {
    let study = try MimicCatalogue.read(Self.text)
    #expect(study.name == "tau-grid-8x4")
    #expect(study.title == "Temperatures: a grid")
    #expect(study.seed == .max)
    #expect(study.warnings.isEmpty)
    #expect(
      study.target
        == TargetSettings(
          kind: .monteCarlo, distributions: [.own, .unit], maxJointCodes: 4096, draws: 128,
          samples: 8))
    #expect(
      study.measure
        == MeasureSettings(
          scopes: [.all, .logits], moments: .exact, draws: 80, blocks: 40, perDrawSamples: 0,
          gap: false, level: 0.9))
  }

  @Test func expandsProblemsInFileOrder() throws {
    let problems = try MimicCatalogue.read(Self.text).problems
    #expect(
      problems.map { "\($0.kind): \($0.parameters.summary)" } == [
        "categorical-vae: categories=8, latents=2, rows=32, data=auto, seed=1",
        "categorical-vae: categories=8, latents=4, rows=32, data=auto, seed=1",
        "bernoulli-toy: t=0.45, logit=0.0", "bernoulli-toy: t=0.499, logit=0.0",
        "json: file=tables/größe 2.json",
      ])
    #expect(problems[2].allWeights == [.initial])
    guard problems[1].allWeights.count == 3, case .trained(let train) = problems[1].allWeights[1]
    else {
      Issue.record("no trained state")
      return
    }
    #expect(problems[1].allWeights[0] == .initial)
    #expect(problems[1].allWeights[2] == .checkpoint("st-200.b"))
    #expect(train.estimator == "st")
    #expect(train.parameters.number("tau") == 0.5)
    #expect(train.steps == 200)
    #expect(train.learningRate == 1e-3)
    #expect(train.batch == 50)
    #expect(train.seed == 7)
    #expect(train.save == nil)
  }

  /// The first axis in the file varies slowest; rows of a table stay together.
  @Test func expandsEstimatorsInFileOrder() throws {
    let estimators = try MimicCatalogue.read(Self.text).estimators
    let tail = "placement=scaled-logits, noise=none, forward=sample, jacobian=softmax"
    #expect(
      estimators.map { "\($0.kind): \($0.parameters.summary)" } == [
        "decoupled-st: tau-forward=0.5, tau-backward=0.5",
        "decoupled-st: tau-forward=2.0, tau-backward=0.5",
        "decoupled-st: tau-forward=3.0, tau-backward=0.5",
        "decoupled-st: tau-forward=0.5, tau-backward=1.0",
        "decoupled-st: tau-forward=2.0, tau-backward=1.0",
        "decoupled-st: tau-forward=3.0, tau-backward=1.0",
        "decoupled-st-gs: tau-forward=0.5, tau-backward=1.0, \(tail)",
        "decoupled-st-gs: tau-forward=1.0, tau-backward=1.0, \(tail)",
        "reinforce-loo: samples=2",
      ])
  }

  @Test func takesDefaults() throws {
    let study = try MimicCatalogue.read(
      """
      format: 1
      name: "2024"
      problems: [{kind: categorical-vae, states: initial}]
      estimators: [{kind: 'st'}]
      target: {law: unit}
      measure: {at: all}
      """)
    #expect(study.name == "2024")
    #expect(study.title == nil)
    #expect(study.seed == 1)
    #expect(study.problems.map(\.allWeights) == [[.initial]])
    #expect(study.target == TargetSettings(distributions: [.unit]))
    #expect(study.measure == MeasureSettings(scopes: [.all]))
  }

  @Test func trainingHasDefaults() throws {
    let study = try MimicCatalogue.read(
      """
      format: 1
      name: s
      problems:
        - kind: categorical-vae
          states: [{train: {estimator: reinforce-loo, samples: 3, steps: 1000000, save: loo}}]
      estimators:
        - kind: st
      """)
    guard case .trained(let train) = study.problems.first?.allWeights.first else {
      Issue.record("no trained state")
      return
    }
    #expect(train.parameters.integer("samples") == 3)
    #expect(train.learningRate == 5.0e-4)
    #expect(train.batch == 100)
    #expect(train.seed == 1)
    #expect(train.save == "loo")
  }

  @Test(arguments: ["\n", "\r\n", "\r"])
  func lineBreaksDoNotMatter(lineBreak: String) throws {
    let text = Self.text.split(separator: "\n").joined(separator: lineBreak)
    #expect(try MimicCatalogue.read(text) == MimicCatalogue.read(Self.text))
    #expect(try MimicCatalogue.read("\u{FEFF}---\(lineBreak)\(text)") == MimicCatalogue.read(text))
  }

  @Test(arguments: ["\n", "\r\n", "\r"])
  func placesDoNotDependOnLineBreaks(lineBreak: String) {
    let text = ["format: 1", "name: s", "problems:", "  - kind: x", "estimators:", "  - kind: st"]
    let findings = MimicCatalogue.findings(text.joined(separator: lineBreak))
    #expect(findings.map(\.line) == [4])
    #expect(findings.map(\.column) == [11])
    #expect(findings.map(\.sourceLine) == ["  - kind: x"])
  }

  @Test func keepsRepeatedSettingsOnce() throws {
    let study = try MimicCatalogue.read(
      """
      format: 1
      name: s
      problems:
        - kind: bernoulli-toy
          t: [0.1, 0.2]
        - kind: categorical-vae
        - kind: categorical-vae
          states: [checkpoint: a, initial]
        - kind: bernoulli-toy
          t: [0.2, 1.0e-1]
      estimators:
        - kind: st
          tau: [1, 2, 1.0]
        - kind: st
      """)
    #expect(study.estimators.map(\.parameters.summary) == ["tau=1.0", "tau=2.0"])
    #expect(
      study.problems.map(\.kind) == [
        "bernoulli-toy", "bernoulli-toy", "categorical-vae", "categorical-vae",
      ])
    #expect(study.problems.map(\.allWeights).suffix(2) == [[.initial], [.checkpoint("a")]])
    #expect(
      study.warnings.map(\.code) == [
        "duplicate-cell", "duplicate-cell", "repeated-value", "duplicate-cell",
      ])
  }

  @Test func takesStudiesAtTheLimit() throws {
    let hundred = (1...100).map(String.init).joined(separator: ", ")
    let ten = (1...10).map(String.init).joined(separator: ", ")
    let text = """
      format: 1
      name: s
      problems:
        - {kind: bernoulli-toy, t: [\(ten)]}
      estimators:
        - {kind: decoupled-st, tau-forward: [\(hundred)], tau-backward: [\(hundred)]}
      """
    #expect(try MimicCatalogue.read(text).estimators.count == 10_000)
    let over = MimicCatalogue.findings(text + "\n  - kind: st\n")
    #expect(over.map(\.code) == ["too-many-cells"])
  }
}
