import Discrete
import Estimators
import Models

/// A problem of the coverage study with the estimators that are measured on it.
struct CoverageSetting: Sendable {
  typealias Kind = (kind: String, parameters: [String: ParameterValue])

  let name: String
  let problem: any DiscreteProblem
  let estimators: [Kind]
  /// Whether the target is sampled too, with four times the draws.
  var hasSampledTarget = false
  /// Whether means over single draws are held against a long run.
  var perDraw = true

  static func label(_ kind: String, _ parameters: [String: ParameterValue]) -> String {
    ([kind] + parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })
      .joined(separator: " ")
  }

  /// Twelve problems: six kinds of toys, one of them once more against a sampled target, and five that
  /// are hard by themselves: rare categories and joint codes with large costs, a constant of 1e5 in the
  /// cost, logits far apart, and temperatures and estimators with heavy tails.
  static func all() throws -> [CoverageSetting] {
    let toys = try toyKinds.map { kind -> CoverageSetting in
      CoverageSetting(
        name: label(kind.kind, kind.parameters), problem: try problem(kind),
        estimators: toyEstimators)
    }
    var sampled = CoverageSetting(
      name: toys[3].name + ", sampled target", problem: toys[3].problem,
      estimators: toyEstimators)
    sampled.hasSampledTarget = true
    return try toys + [sampled]
      + hard().map { setting in
        var setting = setting
        setting.perDraw = false
        return setting
      }
  }

  private static let toyKinds: [Kind] = [
    ("bernoulli-toy", [:]),
    ("three-bernoullis", [:]),
    ("carms-linear", [:]),
    ("test-problem", ["latents": .integer(2), "categories": .integer(3)]),
    ("test-problem", ["latents": .integer(3), "categories": .integer(2)]),
    ("quadratic-cubic", ["latents": .integer(3), "categories": .integer(4)]),
  ]
  private static let toyEstimators: [Kind] = [
    ("reinforce", [:]), ("reinforce-loo", ["samples": .integer(2)]), ("identity-st", [:]),
    ("st", ["tau": .number(1)]), ("st", ["tau": .number(2)]), ("st-gs", ["tau": .number(1)]),
    ("decoupled-st", ["tau-forward": .number(0.5), "tau-backward": .number(1)]),
    ("reinmax", ["tau": .number(1)]),
  ]

  private static func problem(_ kind: Kind) throws -> any DiscreteProblem {
    guard let descriptor = ProblemRegistry.named(kind.kind) else {
      throw DiscreteError.parameter("unknown problem kind '\(kind.kind)'")
    }
    return try descriptor.make(
      ResolvedParameters(kind.parameters, specs: descriptor.parameters),
      ProblemEnvironment(baseDirectory: ".", dataDirectories: [], checkpointDirectory: "."))
  }

  // MARK: Hard ones

  private static func hard() throws -> [CoverageSetting] {
    let plain: [Kind] = [
      ("reinforce", [:]), ("reinforce-loo", ["samples": .integer(2)]), ("st", ["tau": .number(1)]),
      ("st-gs", ["tau": .number(1)]),
    ]
    let levels = [0.3, -0.8, 0.5, 1.1]
    return [
      CoverageSetting(
        name: "rare category",
        problem: try quadratic(
          [[0, 0.8, -5.5, -0.5], [0.2, -0.4, 0.1, 0.3]], weights: [0, 1, 4, -1] + levels),
        estimators: plain + [
          ("spa", [:]), ("reinforce-importance", ["proposal-temperature": .number(2)]),
        ]),
      CoverageSetting(
        name: "rare joint code",
        problem: try quadratic(
          [[2.5, -0.5, 0.3, 0.1], [-0.4, 0.2, 2.9, 0.5]], weights: levels + levels.reversed(),
          joint: (1, 4, 60)),
        estimators: plain),
      CoverageSetting(
        name: "constant 1e5",
        problem: try quadratic(
          [[0.4, -0.3, 0.9], [-0.2, 0.6, 0.1]], weights: [0.3, -0.7, 0.2, 0.5, 1.1, -0.4],
          constant: 1e5),
        // REINFORCE without a baseline is nothing but the constant.
        estimators: Array(plain.dropFirst()) + [("reinmax", ["tau": .number(1)])]),
      CoverageSetting(
        name: "logits far apart",
        problem: try quadratic(
          [[8, 0, -4], [-5, 3, 0.5]], weights: [0.3, -0.7, 0.2, 0.5, 1.1, -0.4]),
        estimators: plain),
      CoverageSetting(
        name: "temperatures and tails",
        problem: try problem(toyKinds[3]),
        estimators: [
          ("st-gs", ["tau": .number(0.1)]), ("st-gs", ["tau": .number(0.001)]),
          ("gumbel-softmax", ["tau": .number(0.1)]), ("st", ["tau": .number(0.1)]),
          ("reinforce-wor", ["k": .integer(4)]), ("reinforce-wor", ["k": .integer(8)]),
          ("reinforce-importance", ["proposal-temperature": .number(4)]),
        ]),
    ]
  }

  /// `f(y) = y' A y + b . y + constant` of two latents with few entries in `A`.
  ///
  /// - Parameter joint: two coordinates and what a joint code that has both costs more.
  private static func quadratic(
    _ logits: [[Double]], weights: [Double], joint: (Int, Int, Double)? = nil,
    constant: Double = 0
  ) throws -> CostProblem {
    let categories = logits[0].count
    let width = logits.count * categories
    var matrix = [Double](repeating: 0, count: width * width)
    for index in matrix.indices {
      let step: Int = (index * 7 + 3) % 11 - 5
      matrix[index] = 0.06 * Double(step)
    }
    if let (first, second, value) = joint { matrix[first * width + second] += value }
    // The coordinates of a latent sum to 1.
    let shifted = weights.enumerated().map { $0 < categories ? $1 + constant : $1 }
    return try CostProblem(
      logits: Logits(
        shape: LayerShape(rows: 1, latents: logits.count, categories: categories),
        values: logits.flatMap { $0 }),
      cost: QuadraticCost(
        latents: logits.count, categories: categories, matrix: matrix, weights: shifted))
  }
}
