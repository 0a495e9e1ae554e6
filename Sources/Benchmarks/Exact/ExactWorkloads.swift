import Discrete
import Estimators
import Fidelity
import Models
import Tensors

/// Timed studies of exact moments on the categorical VAE with 8 categories and 4 latents, 4,096
/// joint states: float32 network, means and `tr Cov` at the logits and at every encoder layer, no
/// per-draw statistics.
public enum ExactWorkload {
  /// The temperatures of `studies/decoupled-temperatures`.
  static let temperatures = [0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0]

  /// Twenty-three estimators at `tau_f = 1`: the decoupled pair at nine backward temperatures and
  /// five others.
  public static func w5(rows: Int = 100, workers: Int = 1) throws -> ExactTiming {
    try measure(
      decoupled(forward: [1])
        + [
          ("reinforce-loo", ["samples": .integer(2)]), ("st", [:]), ("reinmax", [:]), ("gst", [:]),
          ("darn", [:]),
        ], rows: rows, workers: workers)
  }

  /// The decoupled pair on the full grid of forward and backward temperatures: 162 cells.
  public static func w6(rows: Int = 100, workers: Int = 1) throws -> ExactTiming {
    try measure(decoupled(forward: temperatures), rows: rows, workers: workers)
  }

  private typealias Kind = (name: String, parameters: [String: ParameterValue])

  private static func decoupled(forward: [Double]) -> [Kind] {
    ["decoupled-st", "decoupled-st-gs"].flatMap { name in
      forward.flatMap { forward in
        temperatures.map {
          (name, ["tau-forward": .number(forward), "tau-backward": .number($0)])
        }
      }
    }
  }

  static func problem(rows: Int) throws -> any DiscreteProblem {
    guard let descriptor = ProblemRegistry.named("categorical-vae") else {
      throw DiscreteError.unsupported("there is no categorical VAE")
    }
    return try descriptor.make(
      ResolvedParameters(
        ["categories": .integer(8), "latents": .integer(4), "rows": .integer(rows)],
        specs: descriptor.parameters),
      ProblemEnvironment(baseDirectory: "", dataDirectories: [], checkpointDirectory: ""))
  }

  private static func measure(_ kinds: [Kind], rows: Int, workers: Int) throws -> ExactTiming {
    _ = BLASRuntime.useOneThread()
    let problem = try problem(rows: rows)
    let requests = try kinds.map {
      FidelityRequest(estimator: try EstimatorRegistry.make($0.name, $0.parameters), law: .own)
    }
    let clock = ContinuousClock()
    let start = clock.now
    let session = FidelitySession(
      problem: problem, target: TargetSettings(kind: .exact),
      measure: MeasureSettings(moments: .exact, perDrawSamples: 0, gap: false),
      key: RandomKey(seed: 1), workers: workers)
    var sum = 0.0
    var largest = 0.0
    for result in try session.run(requests) {
      for number in try result.get().numbers where number.metric == .mse {
        sum += number.value
        largest = max(largest, number.standardError / number.value)
      }
    }
    return ExactTiming(
      cells: requests.count, seconds: (clock.now - start) / .seconds(1), checksum: sum,
      largestError: largest)
  }
}

/// What one run of a workload took.
public struct ExactTiming: Sendable {
  public var cells: Int
  /// Wall-clock time of the session: oracle table, moments, target and numbers.
  public var seconds: Double
  /// Sum of `mse` over cells and scopes.
  public var checksum: Double
  /// Largest stated relative error of an `mse`.
  public var largestError: Double
}
