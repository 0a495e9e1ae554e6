/// Studies that take a fraction of a second.
enum StudyTexts {
  static func toy(
    name: String = "toy", seed: Int = 1, estimators: [String] = ["st", "reinforce"],
    distributions: String = "own", measure: String = "draws: 64, blocks: 8, per-draw-samples: 8"
  ) -> String {
    "format: 1\nname: \(name)\nseed: \(seed)\nproblems:\n  - kind: bernoulli-toy\nestimators:\n"
      + estimators.map { $0.hasPrefix("{") ? "  - \($0)\n" : "  - kind: \($0)\n" }.joined()
      + "target: {law: \(distributions)}\nmeasure: {\(measure)}\n"
  }

  static func vae(states: [String], estimators: [String] = ["st"], rows: Int = 4) -> String {
    """
    format: 1
    name: vae
    problems:
      - kind: categorical-vae
        hidden-1: 32
        hidden-2: 16
        rows: \(rows)
        categories: 3
        latents: 2
        data: procedural
        states:

    """ + states.map { "      - \($0)\n" }.joined() + "estimators:\n"
      + estimators.map { "  - kind: \($0)\n" }.joined()
      + "measure: {draws: 64, blocks: 8, per-draw-samples: 8}\n"
  }

  static let training = "train: {estimator: st, steps: 5, batch: 10}"
  static let saving = "train: {estimator: st, steps: 5, batch: 10, save: five}"
}
