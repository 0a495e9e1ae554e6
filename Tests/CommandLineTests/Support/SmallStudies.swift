/// Study files that take a fraction of a second.
enum SmallStudies {
  static let measure = "measure: {draws: 64, blocks: 8, per-draw-samples: 8}\n"

  /// One toy, two estimators: 2 cells.
  static func toy(name: String = "toy", estimators: [String] = ["st", "reinforce"]) -> String {
    """
    format: 1
    name: \(name)
    problems:
      - kind: bernoulli-toy
    estimators:

    """ + estimators.map { "  - kind: \($0)\n" }.joined() + measure
  }

  static let tinyVAE = """
      - kind: categorical-vae
        hidden-1: 32
        hidden-2: 16
        rows: 4
        categories: 3
        latents: 2
        data: procedural

    """

  /// A tiny autoencoder in the states given as lines of the list `states`.
  static func vae(name: String, states: [String], estimators: [String] = ["st"]) -> String {
    "format: 1\nname: \(name)\nproblems:\n" + tinyVAE + "    states:\n"
      + states.map { "      - \($0)\n" }.joined() + "estimators:\n"
      + estimators.map { "  - kind: \($0)\n" }.joined() + measure
  }

  /// Exact, quadrature and trained cells, 18 in all; `reversed` lists everything the other way. One latent:
  /// integrals behind a network over more take many seconds.
  static func mixed(reversed: Bool, moments: String = "auto", target: String = "auto") -> String {
    func ordered(_ entries: [String]) -> String {
      (reversed ? entries.reversed() : entries).joined()
    }
    let states = ["      - initial\n", "      - train: {estimator: st, steps: 5, batch: 10}\n"]
    return "format: 1\nname: mixed\nseed: 11\nproblems:\n"
      + ordered([
        "  - kind: bernoulli-toy\n",
        tinyVAE.replacing("latents: 2", with: "latents: 1") + "    states:\n" + ordered(states),
      ]) + "estimators:\n"
      + ordered([
        "  - kind: reinforce-loo\n    samples: 2\n", "  - kind: st\n", "  - kind: reinmax\n",
        "  - kind: decoupled-st-gs\n    tau-forward: \(reversed ? "[1.0, 0.5]" : "[0.5, 1.0]")\n"
          + "    tau-backward: 1.0\n",
        "  - kind: gumbel-softmax\n    tau: 1.0\n",
      ]) + "target: {kind: \(target), draws: 64}\n"
      + "measure: {moments: \(moments), draws: 64, blocks: 8, per-draw-samples: 8}\n"
  }

  /// 48 Monte Carlo cells in 24 batches of one forward distribution each: a second or two of work.
  static let long = """
    format: 1
    name: long
    problems:
      - kind: quadratic-cubic
        latents: 6
        categories: 4
    target: {kind: monte-carlo, draws: 64}
    estimators:
      - kind: decoupled-st
        tau-forward: [0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6,
          1.7, 1.8, 1.9, 2.0, 2.1, 2.2, 2.3, 2.4, 2.5, 2.6, 2.7, 2.8]
        tau-backward: [1.0, 2.0]
    measure: {moments: monte-carlo, draws: 524288, blocks: 8, per-draw-samples: 8}

    """
  static let longCells = 48

  /// 4,000 of the smallest cells: they finish faster than they can be saved one by one.
  static let many: String = {
    let values = (0..<200).map { "\(0.1 + 0.02 * Double($0))" }.joined(separator: ", ")
    return "format: 1\nname: many\nproblems:\n  - kind: bernoulli-toy\n    t: ["
      + (1...20).map { "\(Double($0) / 21)" }.joined(separator: ", ")
      + "]\nestimators:\n  - kind: st\n    tau: [\(values)]\nmeasure: {moments: exact}\n"
  }()
  static let manyCells = 4000
}
