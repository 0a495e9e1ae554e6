import Discrete
import Tensors

/// Draws with the estimator's own uniforms, points and their costs, as the engine would serve them.
func drawsWithOwnPoints(
  _ estimator: any GradientEstimator, _ row: RowLogits, _ cost: SmallCost, count: Int,
  seed: UInt64
) -> RowDraws {
  let plan = estimator.plan(
    for: LayerShape(rows: 1, latents: row.latents, categories: row.categories))
  var draws = draws(plan, row, cost, count: count, seed: seed)
  if plan.relaxed, let points = estimator.coupled?.softPoints(row, draws) {
    draws.softGradients = runs(points, cost.width).flatMap { cost.gradient($0) }
  }
  guard let probes = plan.probes else { return draws }
  draws.uniforms = RandomStream(key: RandomKey(seed: seed + 1000), row: 0, site: 0)
    .preciseUniforms(from: 0, count: count * probes.uniforms(latents: row.latents))
  draws.probes = estimator.probing?.probes(row, draws) ?? Probes()
  for codes in runs(draws.probes.codes, row.latents) {
    let point = cost.oneHot(codes)
    draws.probes.codeValues.append(cost.value(point))
    if probes.codeGradients { draws.probes.codeGradients += cost.gradient(point) }
  }
  for point in runs(draws.probes.soft, cost.width) {
    draws.probes.softValues.append(cost.value(point))
    if probes.softGradients { draws.probes.softGradients += cost.gradient(point) }
  }
  return draws
}

/// Consecutive runs of `length` elements.
func runs<Element>(_ values: [Element], _ length: Int) -> [[Element]] {
  stride(from: 0, to: values.count, by: length).map { Array(values[$0..<$0 + length]) }
}

/// Mean of each coordinate and its standard error.
func coordinateMeans(_ estimates: [Double], width: Int) -> [(mean: Double, error: Double)] {
  let rows = runs(estimates, width)
  let count = Double(rows.count)
  return (0..<width).map { index in
    let mean = rows.reduce(0) { $0 + $1[index] } / count
    let squares = rows.reduce(0) { $0 + ($1[index] - mean) * ($1[index] - mean) }
    return (mean, (squares / (count - 1) / count).squareRoot())
  }
}
