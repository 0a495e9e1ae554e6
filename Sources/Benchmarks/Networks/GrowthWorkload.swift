import GradientFidelity

/// Seconds against the sizes of a workload, each over a factor of 16 or more.
struct GrowthWorkload {
  let rounds: Int

  func run(only: String?) throws {
    let one = [try EstimatorRegistry.make("st-gs")]
    for draws in [64, 256, 1024] where only ?? "draws" == "draws" {
      try sweep("draws", draws, latents: 8, categories: 8, one, draws: draws)
    }
    for rows in [25, 100, 400] where only ?? "rows" == "rows" {
      try sweep("rows", rows, latents: 8, categories: 8, rows: rows, one, draws: 200)
    }
    for latents in [4, 16, 64] where only ?? "latents" == "latents" {
      try sweep("latents", latents, latents: latents, categories: 8, one, draws: 200)
    }
    for categories in [4, 16, 64] where only ?? "categories" == "categories" {
      try sweep("categories", categories, latents: 8, categories: categories, one, draws: 200)
    }
    for count in [1, 4, 16] where only ?? "estimators" == "estimators" {
      let many = try (0..<count).map {
        try EstimatorRegistry.make(
          "decoupled-st-gs", ["tau-backward": .number(0.2 + 0.1 * Double($0))])
      }
      try sweep("estimators", count, latents: 8, categories: 8, many, draws: 200)
    }
  }

  private func sweep(
    _ name: String, _ size: Int, latents: Int, categories: Int, rows: Int = 100,
    _ estimators: [any GradientEstimator], draws: Int
  ) throws {
    let problem = try NetworkWorkloads.problem(
      latents: latents, categories: categories, rows: rows)
    var result = BenchmarkResult(workload: "growth", case: "\(name) \(size)")
    result.estimates = draws * estimators.count
    try result.time(rounds: rounds) {
      _ = try MomentSweep(problem: problem, key: RandomKey(seed: 1)).measure(
        estimators, draws: draws)
    }
    result.show()
  }
}
