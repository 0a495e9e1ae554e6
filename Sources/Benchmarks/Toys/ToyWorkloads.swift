import Discrete
import Estimators
import Fidelity
import Foundation
import Models
import Tensors

/// Timed sampling and enumeration on toy problems, one core, in processor time.
///
/// Sizes and laws of the inputs are fixed: `W1` is polynomial programming (128 binary latents,
/// centre 0.45), `W2` a random quadratic plus cubic cost (8 latents, 4 categories, 16 cubic terms),
/// both with standard normal logits.
enum ToyWorkloads {
  /// One timed piece of work.
  struct Timing {
    var workload: String
    var estimator: String
    /// Estimates per round; 1 for a whole enumeration.
    var estimates: Int
    /// Processor seconds of every round, the building of tables included.
    var seconds: [Double]

    /// Microseconds per estimate, of the fastest round.
    var best: Double { (seconds.min() ?? .nan) / Double(estimates) * 1e6 }
    /// Microseconds per estimate, of the middle round.
    var median: Double { seconds.sorted()[seconds.count / 2] / Double(estimates) * 1e6 }
  }

  /// The estimators by the short names of the tables.
  static let estimators: [(name: String, kind: String, parameters: [String: ParameterValue])] = [
    ("reinforce_loo2", "reinforce-loo", ["samples": .integer(2)]),
    ("st", "st", [:]),
    ("gs", "gumbel-softmax", [:]),
    ("stgs", "st-gs", [:]),
    (
      "dstgs", "decoupled-st-gs",
      ["placement": .text("scaled-sum"), "tau-backward": .number(0.5)]
    ),
    ("reinmax", "reinmax", [:]),
  ]

  /// 10,000 estimates of each estimator.
  static func w1(power: Double, rounds: Int) throws -> [Timing] {
    try sampled("w1 p=\(power)", polynomialProgramming(power: power), 10_000, rounds: rounds)
  }

  /// 100,000 estimates of each estimator.
  static func w2(rounds: Int) throws -> [Timing] {
    try sampled("w2", quadraticCubic(), 100_000, rounds: rounds)
  }

  /// The gradient by all 65,536 joint states.
  static func w2Exact(rounds: Int) throws -> Timing {
    let problem = try quadraticCubic()
    let seconds = try timed(rounds: rounds) {
      let table = try OracleTable(oracle: problem.oracle, limit: 1 << 16, gradients: false)
      _ = try TargetGradient.exact(problem: problem, table: table, temperature: 1, workers: 1)
    }
    return Timing(workload: "w2", estimator: "exact", estimates: 1, seconds: seconds)
  }

  static func polynomialProgramming(power: Double) throws -> CostProblem {
    let shape = LayerShape(rows: 1, latents: 128, categories: 2)
    return try CostProblem(
      logits: Logits(shape: shape, values: normals("w1", shape.width, scale: 1)),
      cost: AbsolutePowerCost(
        power: power, levels: [1, 0], centres: [Double](repeating: 0.45, count: shape.latents)))
  }

  static func quadraticCubic() throws -> CostProblem {
    let shape = LayerShape(rows: 1, latents: 8, categories: 4)
    let width = shape.width
    return try CostProblem(
      logits: Logits(shape: shape, values: normals("w2 logits", width, scale: 1)),
      cost: CubicCost(
        latents: shape.latents, categories: shape.categories,
        matrix: normals("w2 A", width * width, scale: 1 / Double(width).squareRoot()),
        factors: normals("w2 W", 16 * width, scale: 1 / Double(shape.latents).squareRoot())))
  }

  private static func normals(_ name: String, _ count: Int, scale: Double) -> [Double] {
    RandomStream(key: RandomKey(seed: 101).derived(name), row: 0, site: 0)
      .normals(from: 0, count: count).map { scale * Double($0) }
  }

  private static func sampled(
    _ workload: String, _ problem: CostProblem, _ estimates: Int, rounds: Int
  ) throws -> [Timing] {
    let key = RandomKey(seed: 1)
    return try estimators.map { name, kind, parameters in
      let estimator = try EstimatorRegistry.make(kind, parameters)
      let seconds = try timed(rounds: rounds) {
        guard let fused = FusedMoments(problem: problem, estimator: estimator) else {
          throw DiscreteError.unsupported("no kernel serves \(kind) on \(workload)")
        }
        _ = try fused.moments(draws: 0..<estimates, key: key)
      }
      return Timing(
        workload: workload, estimator: name, estimates: estimates, seconds: seconds)
    }
  }

  /// Processor seconds of each round, after one round that is not counted.
  private static func timed(rounds: Int, _ work: () throws -> Void) throws -> [Double] {
    try work()
    return try (0..<rounds).map { _ in
      let start = processorSeconds()
      try work()
      return processorSeconds() - start
    }
  }

  private static func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
  }
}
