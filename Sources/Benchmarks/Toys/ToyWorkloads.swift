import GradientFidelity

/// Sampling and enumeration on toy problems. `w1` is polynomial programming (128 binary latents,
/// centre 0.45), `w2` a random quadratic plus cubic cost (8 latents, 4 categories, 16 cubic terms),
/// both with standard normal logits.
struct ToyWorkloads {
  let rounds: Int
  let workers: Int
  /// One case only.
  let only: String?

  /// 10,000 estimates of each of the six; the building of tables included.
  func polynomialProgramming(power: Double) throws {
    let shape = LayerShape(rows: 1, latents: 128, categories: 2)
    let problem = try CostProblem(
      logits: Logits(shape: shape, values: normals("w1", shape.width, scale: 1)),
      cost: AbsolutePowerCost(
        power: power, levels: [1, 0], centres: [Double](repeating: 0.45, count: shape.latents)))
    try sampled("w1 p=\(power == power.rounded() ? "\(Int(power))" : "\(power)")", problem, 10_000)
  }

  /// 100,000 estimates of each of the six.
  func quadraticCubic() throws { try sampled("w2", quadraticCubicProblem(), 100_000) }

  /// The gradient by all 65,536 joint codes, and by the moments of each latent.
  func exact() throws {
    let problem = try quadraticCubicProblem()
    try exact("exact", oracleCalls: 65_536) {
      let table = try OracleTable(oracle: problem.oracle, limit: 65_536, gradients: false)
      return try TargetGradient.exact(
        problem: problem, table: table, temperature: 1, workers: workers)
    }
    try exact("closed-form", oracleCalls: 0) {
      TargetGradient.closedForm(problem: problem, temperature: 1)
    }
  }

  private func exact(
    _ name: String, oracleCalls: Int, _ target: () throws -> TargetGradient?
  ) throws {
    guard only ?? name == name else { return }
    var result = BenchmarkResult(workload: "w2-exact", case: name)
    result.workers = workers
    result.oracleCalls = oracleCalls
    var gradient: [Double] = []
    try result.time(rounds: rounds) { gradient = try target()?.gradient ?? [] }
    result.check["norm"] = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
    result.show()
  }

  private func quadraticCubicProblem() throws -> CostProblem {
    let shape = LayerShape(rows: 1, latents: 8, categories: 4)
    let width = shape.width
    return try CostProblem(
      logits: Logits(shape: shape, values: normals("w2 logits", width, scale: 1)),
      cost: CubicCost(
        latents: shape.latents, categories: shape.categories,
        matrix: normals("w2 A", width * width, scale: 1 / Double(width).squareRoot()),
        factors: normals("w2 W", 16 * width, scale: 1 / Double(shape.latents).squareRoot())))
  }

  private func normals(_ name: String, _ count: Int, scale: Double) -> [Double] {
    RandomStream(key: RandomKey(seed: 101).derived(name), row: 0, site: 0)
      .normals(from: 0, count: count).map { scale * Double($0) }
  }

  private func sampled(_ workload: String, _ problem: CostProblem, _ estimates: Int) throws {
    for (name, estimator) in try ComparedEstimators.six() where only ?? name == name {
      var result = BenchmarkResult(workload: workload, case: name)
      result.workers = workers
      result.estimates = estimates
      result.oracleCalls = estimates * (estimator.plan.valueCalls + estimator.plan.gradientCalls)
      var variance = 0.0
      try result.time(rounds: rounds) {
        variance = try MomentSweep(problem: problem, key: RandomKey(seed: 1), workers: workers)
          .measure([estimator], draws: estimates)[0].logits.variance.reduce(0, +)
      }
      result.check["trace logits"] = variance
      result.show()
    }
  }
}
