import GradientFidelity

/// Evaluations that repeated codes save: an untrained network and one after 500 steps, each with a
/// call's worth of draws of its own logits.
struct SharingWorkload {
  let rounds: Int

  func run() throws {
    for (latents, categories) in [(8, 4), (16, 12)] {
      let plain = try NetworkWorkloads.problem(latents: latents, categories: categories)
      let trained = try plain.trained(
        TrainingSettings(
          estimator: EstimatorRegistry.make("st"), steps: 500, learningRate: 1e-3, batch: 100,
          seed: 1)
      ) { _, _ in }
      try measure(plain, "\(latents)x\(categories) as built")
      try measure(trained, "\(latents)x\(categories) after 500 steps")
    }
  }

  private func measure(_ problem: any DiscreteProblem, _ name: String) throws {
    let draws = 40
    let shape = problem.shape
    let indices = (0..<shape.rows).flatMap { row in
      CategoricalSampler.codes(
        probabilities: problem.logits.row(row).probabilities(), latents: shape.latents,
        categories: shape.categories,
        uniforms: RandomStream(key: RandomKey(seed: 2), row: row, site: 0)
          .uniforms(from: 0, count: draws * shape.latents))
    }
    let block = CodeBlock(shape: shape, draws: draws, indices: indices)
    let distinct = DistinctCodes(block)
    var result = BenchmarkResult(workload: "sharing", case: name)
    result.estimates = shape.rows * draws
    result.oracleCalls = distinct.pairCount
    result.check = [
      "points": Double(shape.rows * draws), "codes": Double(distinct.count),
      "pairs of a row and a code": Double(distinct.pairCount),
    ]
    try result.time(rounds: rounds) { _ = try problem.oracle.costs(at: block, gradients: true) }
    result.show()
  }
}
