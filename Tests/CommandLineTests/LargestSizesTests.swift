import Estimators
import Foundation
import Testing

/// Every estimator at the largest layers that problems have, with a billion draws, in a gibibyte of address
/// space: `check`, `plan` and a second of `run` end by themselves or by a clean stop, with an answer or one
/// refusal, and within the memory that `plan` foretells.
///
/// A few in the suite, all with GRADFID_HEAVY.
@Suite(.serialized) struct LargestSizesTests {
  static let isHeavy = ProcessInfo.processInfo.environment["GRADFID_HEAVY"] != nil

  /// Problems as lines of a study file, at the largest sizes of their descriptors or their own limits.
  static let problems = [
    "{kind: polynomial-programming, latents: 65536}",
    "{kind: polynomial-programming, latents: 4096}",
    "{kind: test-problem, latents: 32768, categories: 2}",
    "{kind: test-problem, latents: 64, categories: 1024}",
    "{kind: test-problem, latents: 1, categories: 4096}",
    "{kind: test-problem, latents: 16, categories: 4096}",
    "{kind: quadratic-cubic, latents: 1024, categories: 2, terms: 1024}",
    "{kind: quadratic-cubic, latents: 2, categories: 1024, terms: 4}",
    "{kind: quadratic-cubic, latents: 1, categories: 1024, terms: 4}",
    "{kind: k-subset, latents: 16, k: 8}",
    "{kind: categorical-vae, latents: 16, categories: 1024, rows: 2, hidden-1: 32, hidden-2: 32, data: procedural}",
    "{kind: categorical-vae, latents: 8192, categories: 2, rows: 1, hidden-1: 32, hidden-2: 32, data: procedural}",
    "{kind: categorical-vae, latents: 1, categories: 8192, rows: 1, hidden-1: 8192, hidden-2: 8192, data: procedural}",
    "{kind: vq-autoencoder, latents: 16, categories: 1024, dimension: 4, rows: 2, hidden-1: 32, hidden-2: 32, data: procedural}",
    "{kind: vq-autoencoder, latents: 1, categories: 8192, dimension: 8192, rows: 1, data: procedural}",
  ]

  /// In the suite: points that grow with the square of the layer, sums of squares of it, noise in the
  /// surrogate, a soft forward.
  static let some = ["spa", "gumbel-softmax", "reinforce-loo", "st-gs"]

  private static func study(_ problem: String, _ kind: String) -> String {
    """
    format: 1
    name: large
    problems:
      - \(problem)
    target: {kind: auto, draws: 32}
    estimators:
      - {kind: \(kind)}
    measure: {draws: 1000000000, blocks: 8, per-draw-samples: 16}

    """
  }

  @Test(arguments: problems.indices) func nothingCrashes(_ index: Int) throws {
    let chosen =
      Self.isHeavy
      ? EstimatorRegistry.all.map(\.name)
      : index == 0 ? Self.some : index % 4 == 3 ? [Self.some[index % 3]] : []
    for kind in chosen { try holds(Self.problems[index], kind) }
  }

  /// Integrals over the noise of a thousand categories: what their threads take of the address space counts.
  @Test(arguments: ["gumbel-sparsemax", "gumbel-entmax"])
  func wideSoftForwardsAreRefused(_ kind: String) throws {
    let place = try Workplace()
    try place.write(Self.study(Self.problems[8], kind), to: "large.yaml")
    let run = try MemoryLimit(place: place).run(["run", "large", "--jobs", "2"])
    #expect(run.code == 3 && run.errors.contains("memory"), "\(run)")
  }

  /// Surrogates on wide codes, long codes and many of both, at their features alone and upstream: the same promises.
  @Test(
    arguments: [
      "latents: 16, categories: 1024, dimension: 4", "latents: 1, categories: 8192, dimension: 16",
      "latents: 2, categories: 2, dimension: 2048", "latents: 1, categories: 8192, dimension: 2048",
    ]) func surrogatesAreBounded(_ sizes: String) throws
  {
    for (kind, scopes) in [("rotation", "logits"), ("nsvq", "logits"), ("rotation", "all")] {
      try holds(
        "{kind: vq-autoencoder, \(sizes), rows: 2, hidden-1: 32, hidden-2: 32, data: procedural}",
        kind, scopes: scopes)
    }
  }

  private func holds(_ problem: String, _ kind: String, scopes: String? = nil) throws {
    let place = try Workplace()
    let study = Self.study(problem, kind)
    try place.write(
      scopes.map { study.replacing("measure: {", with: "measure: {at: [\($0)], ") } ?? study,
      to: "large.yaml")
    // Beside other work a plan of the largest may take minutes.
    let limited = MemoryLimit(place: place, seconds: Self.isHeavy ? 300 : 60)
    let name = "\(kind) on \(problem)"
    let check = try limited.run(["check", "large"])
    #expect(check.code == 0 || check.code == 65, "check of \(name): \(check)")
    let plan = try limited.run(["plan", "large", "--format", "json", "--jobs", "2"])
    #expect(plan.code == check.code, "plan of \(name): \(plan)")
    // What is refused ends by itself.
    let run = try limited.run(
      ["run", "large", "--jobs", "2"], stopAfter: check.code == 0 ? 1 : nil)
    guard check.code == 0 else {
      // A study without any possible cell is refused; sizes that a session refuses fail its cells.
      #expect([3, 65].contains(run.code), "run of \(name): \(run)")
      #expect(
        check.errors.contains("at most") || check.errors.contains("works on")
          || check.errors.contains("fewer"), "\(name): \(check.errors)")
      return
    }
    // Measured, refused for this process, or stopped.
    #expect([0, 3, 143].contains(run.code), "run of \(name): \(run)")
    if run.code == 3 {
      #expect(
        run.errors.contains("memory") || run.errors.contains("not finite"), "\(name): \(run.errors)"
      )
      return
    }
    guard let start = plan.output.range(of: "\"peak_mib\":"),
      let foretold = Double(
        plan.output[start.upperBound...].drop { $0 == " " }.prefix { "0123456789.e+".contains($0) })
    else {
      Issue.record("plan of \(name) has no memory: \(plan.output)")
      return
    }
    // A plan that sees no room for the cell foretells nothing: the run is refused, or was stopped before.
    guard !(foretold == 0 && plan.output.contains("takes about")) else { return }
    #expect(
      run.peak <= 2 * foretold * 1_048_576,
      "\(name): \(run.peak / 1_048_576) MiB, foretold \(foretold)")
  }
}
