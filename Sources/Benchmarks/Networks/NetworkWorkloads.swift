import ArgumentParser
import GradientFidelity

/// Workloads on the 784-512-256 categorical VAE with a batch of 100 rows.
struct NetworkWorkloads {
  let rounds: Int
  let workers: Int
  /// One case only.
  var only: String?

  static func problem(
    latents: Int, categories: Int, rows: Int = 100
  ) throws -> CategoricalVAE<Float> {
    try CategoricalVAE<Float>(
      settings: VAESettings(latents: latents, categories: categories, rows: rows),
      images: ImageData.procedural())
  }

  /// Mean and variance of every coordinate with their errors, as a study with `parameters: true` measures them: from
  /// 100 estimates of each of the six in ten blocks, by itself and with the others on common draws.
  func sampled(shape: String) throws {
    let sizes = shape.split(separator: "x").compactMap { Int($0) }
    guard sizes.count == 2 else {
      throw ValidationError("a shape is latents x categories, as in 8x4; found '\(shape)'")
    }
    let problem = try Self.problem(latents: sizes[0], categories: sizes[1])
    let six = try ComparedEstimators.six()
    for entry in six where only.map({ $0 == entry.name }) ?? true {
      try sweep(problem, [entry.estimator], shape: shape, name: entry.name)
    }
    if only == nil || only == "suite" {
      try sweep(problem, six.map(\.estimator), shape: shape, name: "suite")
    }
  }

  /// The exact gradient of 10 rows, over 65,536 codes.
  func exact() throws {
    let problem = try Self.problem(latents: 8, categories: 4, rows: 10)
    var result = BenchmarkResult(workload: "w4", case: "exact")
    result.workers = workers
    let jointCodes = 65_536
    result.oracleCalls = jointCodes
    result.flops = 2 * Double(jointCodes) * Double(256 * 512 + 512 * 784)
    var gradient: [Double] = []
    try result.time(rounds: rounds) {
      let table = try OracleTable(oracle: problem.oracle, limit: jointCodes, gradients: false)
      gradient = try TargetGradient.exact(
        problem: problem, table: table, temperature: 1, workers: workers
      ).gradient
    }
    result.check["norm"] = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
    result.show()
  }

  private func sweep(
    _ problem: CategoricalVAE<Float>, _ estimators: [any GradientEstimator], shape: String,
    name: String
  ) throws {
    let draws = 100
    var moments: [PartNumbers] = []
    var result = BenchmarkResult(workload: "w3 \(shape)", case: name)
    result.workers = workers
    result.estimates = draws
    try result.time(rounds: rounds) {
      moments = try MomentSweep(problem: problem, key: RandomKey(seed: 1), workers: workers)
        .measure(estimators, draws: draws, blocks: 10)
    }
    for (index, moment) in moments.enumerated() {
      let prefix = moments.count == 1 ? "" : "\(index)."
      result.check[prefix + "trace logits"] = moment.logits.variance.reduce(0, +)
      for (group, values) in moment.groups.enumerated() {
        result.check[prefix + "trace encoder.\(group + 1)"] = values.variance.reduce(0, +)
      }
    }
    result.show()
  }
}
