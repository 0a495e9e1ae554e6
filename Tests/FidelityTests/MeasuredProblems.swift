import Discrete
import Estimators
import Fidelity
import Foundation
import Models
import Tensors
import TestSupport
import Testing

/// A problem of the registry.
func registered(
  _ kind: String, _ parameters: [String: ParameterValue] = [:], directory: String = "",
  data: [String] = []
) throws -> any DiscreteProblem {
  _ = oneThread
  let descriptor = try #require(ProblemRegistry.named(kind))
  return try descriptor.make(
    ResolvedParameters(parameters, specs: descriptor.parameters),
    ProblemEnvironment(
      baseDirectory: directory, dataDirectories: data, checkpointDirectory: directory))
}

/// A problem from the text of a problem file.
func fromText(_ text: String) throws -> any DiscreteProblem {
  try withFolder { folder in
    try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/problem.json"))
    return try registered("json", ["file": .text("problem.json")], directory: folder)
  }
}

/// Runs `body` with a new folder that is removed afterwards.
func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
    "gradfid-fidelity-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder.path)
}

/// A categorical VAE of the registry after some training with straight-through.
func trainedVAE(
  _ sizes: [String: Int], data: String = "procedural", folders: [String] = [], steps: Int
) throws -> any DiscreteProblem {
  var parameters = sizes.mapValues { ParameterValue.integer($0) }
  parameters["data"] = .text(data)
  let problem = try #require(
    registered("categorical-vae", parameters, data: folders).trainable)
  return try problem.trained(
    TrainingSettings(
      estimator: EstimatorRegistry.make("st"), steps: steps, learningRate: 1e-3, batch: 100,
      seed: 5)
  ) { _, _ in }
}

/// The same on images of 16 pixels: integrals over soft points evaluate the decoder millions of times.
func trainedVAE(_ settings: VAESettings, steps: Int) throws -> any DiscreteProblem {
  _ = oneThread
  let (images, pixels) = (100, 16)
  let bytes = RandomStream(key: RandomKey(seed: 8), row: 0, site: 0)
    .uniforms(from: 0, count: images * pixels).map { UInt8(255 * $0) }
  return try CategoricalVAE<Float>(
    settings: settings, images: ImageData(name: "small", pixelCount: pixels, bytes: bytes)
  ).trained(
    TrainingSettings(
      estimator: EstimatorRegistry.make("st"), steps: steps, learningRate: 1e-3, batch: 100,
      seed: 5)
  ) { _, _ in }
}

let smallSizes = [
  "categories": 4, "latents": 3, "rows": 6, "hidden-1": 64, "hidden-2": 32,
]

/// Settings of all nine estimators, at several temperatures.
enum Zoo {
  typealias Setting = (kind: String, parameters: [String: ParameterValue])

  static let settings: [Setting] = [
    ("reinforce", [:]),
    ("reinforce-loo", ["samples": .integer(2)]),
    ("reinforce-loo", ["samples": .integer(5)]),
    ("identity-st", [:]),
    ("st", ["tau": .number(0.5)]),
    ("st", ["tau": .number(2)]),
    ("st-gs", ["tau": .number(0.5)]),
    ("st-gs", ["tau": .number(1)]),
    ("decoupled-st", ["tau-forward": .number(2), "tau-backward": .number(0.5)]),
    ("decoupled-st", ["tau-forward": .number(0.5), "tau-backward": .number(2)]),
    ("decoupled-st-gs", ["tau-forward": .number(0.5), "tau-backward": .number(1.5)]),
    (
      "decoupled-st-gs",
      ["tau-forward": .number(2), "tau-backward": .number(0.7), "placement": .text("scaled-sum")]
    ),
    ("decoupled-st-gs", ["tau-backward": .number(0.8), "noise": .text("fresh")]),
    ("reinmax", ["tau": .number(1)]),
    ("reinmax", ["tau": .number(1.5)]),
    ("gumbel-softmax", ["tau": .number(0.7)]),
  ]

  /// Settings whose forward is hard: their moments are sums over joint codes for any batch.
  static var hard: [Setting] { settings.filter { $0.kind != "gumbel-softmax" } }

  static func requests(
    _ settings: [Setting] = settings, distribution: TargetDistribution = .own
  ) throws -> [FidelityRequest] {
    try settings.map {
      FidelityRequest(
        estimator: try EstimatorRegistry.make($0.kind, $0.parameters), distribution: distribution)
    }
  }
}

/// The number of one scope and metric.
func number(
  _ numbers: [FidelityNumber], _ metric: Metric, scope: String = "logits"
) throws -> FidelityNumber {
  try #require(numbers.first { $0.metric == metric && $0.scope == scope })
}

/// The standard error of 1,024 draws over the stated error of the integral, metric by metric.
func errorRatios(
  _ problem: any DiscreteProblem, _ estimator: any GradientEstimator,
  moments: MomentsChoice = .exact, without left: Set<Metric> = []
) throws -> [(metric: Metric, ratio: Double)] {
  func numbers(_ moments: MomentsChoice) throws -> [FidelityNumber] {
    try FidelitySession(
      problem: problem, target: TargetSettings(kind: .exact),
      measure: MeasureSettings(
        moments: moments, draws: 1024, blocks: 32, perDrawSamples: 0, gap: false),
      key: RandomKey(seed: 1)
    ).run([FidelityRequest(estimator: estimator, distribution: .own)])[0].get().numbers
  }
  let (integrated, sampled) = (try numbers(moments), try numbers(.monteCarlo))
  let targets: Set<Metric> = [.targetNorm, .targetErrorSquared]
  return try Metric.paired.filter { !targets.contains($0) && !left.contains($0) }.map { metric in
    let exact = try number(integrated, metric)
    #expect(exact.moments == .quadrature)
    return (metric, try number(sampled, metric).standardError / exact.standardError)
  }
}

/// Exact moments at the logits, where the joint codes are tabulated.
func exactMeasurement(
  _ estimator: any GradientEstimator, _ problem: any DiscreteProblem, key: UInt64 = 1,
  workers: Int = 1
) throws -> ExactMeasurement {
  let engine = ExactEngine(
    problem: problem, table: try OracleTable(oracle: problem.oracle, limit: 64, gradients: true),
    geometry: ScopeGeometry(problem: problem, scopes: [.logits]), quadratureStep: 0.2, key: key,
    workers: workers)
  return try #require(try engine.measure([estimator])[0])
}

/// Block sums of one estimator and the numbers made of them.
func sampledNumbers(
  _ problem: any DiscreteProblem, _ estimator: any GradientEstimator, target: TargetGradient,
  key: RandomKey, blocks: Int, drawsPerBlock: Int, targetEngine: MonteCarloEngine? = nil,
  scopes: [MeasureScope] = [.logits]
) throws -> (measurement: SampledMeasurement, numbers: [FidelityNumber]) {
  let geometry = ScopeGeometry(problem: problem, scopes: scopes)
  let engine = try MonteCarloEngine(
    source: DrawSource(problem: problem, key: key), geometry: geometry, workers: 1)
  let sampled = try engine.measure([estimator], blocks: blocks, drawsPerBlock: drawsPerBlock)[0]
  let assembly = MeasurementAssembly(
    geometry: geometry, target: target, engine: targetEngine, level: 0.95)
  return (sampled, try assembly.numbers(sampled, engine: engine))
}

/// The exact gradient of a problem whose joint codes can be enumerated.
func exactTarget(
  _ problem: any DiscreteProblem, temperature: Double = 1
) throws -> TargetGradient {
  let table = try OracleTable(oracle: problem.oracle, limit: 1 << 20, gradients: false)
  return try TargetGradient.exact(
    problem: problem, table: table, temperature: temperature, workers: 1)
}

func squaredNorm(_ vector: [Double]) -> Double { vector.reduce(0) { $0 + $1 * $1 } }

/// Largest difference of two lists over the largest entry of the second.
func relativeDifference(_ a: [Double], _ b: [Double]) -> Double {
  guard a.count == b.count else { return .infinity }
  let size = b.reduce(0.0) { max($0, abs($1)) }
  let difference = zip(a, b).reduce(0.0) { max($0, abs($1.0 - $1.1)) }
  return difference == 0 ? 0 : difference / size
}

/// Numbers as text: equal where the numbers are, missing ones included. A set of warnings has no order.
func text(of numbers: [FidelityNumber]) -> String {
  numbers.map { number in
    var plain = number
    plain.warnings = []
    return "\(plain) \(number.warnings.map(\.rawValue).sorted())"
  }.joined(separator: "\n")
}

/// Mean, unbiased variance and their standard errors over repeats.
struct RepeatMoments {
  let mean: Double
  let variance: Double
  let meanError: Double
  /// From the sample fourth moment.
  let varianceError: Double

  init(_ values: [Double]) {
    let n = Double(values.count)
    let mean = values.reduce(0, +) / n
    let squares = values.map { ($0 - mean) * ($0 - mean) }
    let variance = squares.reduce(0, +) / (n - 1)
    let fourth = squares.reduce(0) { $0 + $1 * $1 } / n
    self.mean = mean
    self.variance = variance
    meanError = (variance / n).squareRoot()
    varianceError = (max(fourth - variance * variance, 0) / n).squareRoot()
  }
}
