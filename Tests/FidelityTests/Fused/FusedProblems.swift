import Discrete
import Estimators
import Fidelity
import Foundation
import Models
import Tensors
import TestSupport
import Testing

/// A pair of problem and estimator that a kernel serves.
struct FusedCase: Sendable, CustomTestStringConvertible {
  let problem: String
  let estimator: String
  let parameters: [String: ParameterValue]

  init(_ problem: String, _ estimator: String, _ parameters: [String: ParameterValue] = [:]) {
    self.problem = problem
    self.estimator = estimator
    self.parameters = parameters
  }

  var testDescription: String { "\(estimator) \(parameters) on \(problem)" }

  func make() throws -> (problem: CostProblem, estimator: any GradientEstimator) {
    (try fusedProblem(problem), try EstimatorRegistry.make(estimator, parameters))
  }

  func fused() throws -> FusedMoments {
    let (problem, estimator) = try make()
    return try #require(FusedMoments(problem: problem, estimator: estimator))
  }

  static let all: [FusedCase] = {
    let half: [String: ParameterValue] = ["tau": .number(0.5)]
    let odd: [String: ParameterValue] = ["tau": .number(0.7)]
    let decoupled: [String: ParameterValue] = [
      "tau-forward": .number(0.8), "tau-backward": .number(0.6),
    ]
    let three: [String: ParameterValue] = ["samples": .integer(3)]
    let polynomials = ["cubic 5x2", "cubic 3x3", "cubic 8x4", "cubic 3x5", "cubic 2x16"]
    let binary = ["powers 1.5", "powers 2", "powers 3", "powers 2.6", "powers 1"]
    var cases: [FusedCase] = []
    for problem in polynomials + binary + ["linear 6x3"] {
      cases += [
        FusedCase(problem, "reinforce-loo"), FusedCase(problem, "st"),
        FusedCase(problem, "st", odd),
        FusedCase(problem, "st-gs"), FusedCase(problem, "reinmax"),
        FusedCase(problem, "gumbel-softmax"),
      ]
    }
    for problem in ["cubic 5x2", "cubic 8x4", "quadratic 3x3", "powers 1.5", "linear 3x2"] {
      cases += [
        FusedCase(problem, "st-gs", half), FusedCase(problem, "st-gs", odd),
        FusedCase(problem, "gumbel-softmax", half), FusedCase(problem, "gumbel-softmax", odd),
        FusedCase(problem, "decoupled-st-gs", decoupled),
        FusedCase(problem, "reinforce-loo", three), FusedCase(problem, "identity-st"),
      ]
    }
    return cases + [FusedCase("table-like powers 7x3", "st"), FusedCase("two rows", "st-gs")]
      + [FusedCase("two rows", "reinforce-loo"), FusedCase("two rows", "reinmax")]
  }()
}

/// Problems by name: `cubic DxK`, `quadratic DxK`, `linear DxK` with random coefficients, `powers p`
/// on 67 binary latents, `two rows` of a cubic cost.
func fusedProblem(_ name: String) throws -> CostProblem {
  _ = oneThread
  let parts = name.split(separator: " ")
  let sizes = (parts.last ?? "").split(separator: "x").compactMap { Int($0) }
  func numbers(_ label: String, _ count: Int, _ scale: Double) -> [Double] {
    RandomStream(key: RandomKey(seed: 3).derived(label), row: 0, site: 0)
      .normals(from: 0, count: count).map { scale * Double($0) }
  }
  func problem(
    rows: Int = 1, _ latents: Int, _ categories: Int, _ cost: any SharedCost
  ) throws -> CostProblem {
    let shape = LayerShape(rows: rows, latents: latents, categories: categories)
    return try CostProblem(
      logits: Logits(shape: shape, values: numbers("logits", shape.count, 1)), cost: cost)
  }
  func cubic(_ latents: Int, _ categories: Int) throws -> CubicCost {
    let width = latents * categories
    return try CubicCost(
      latents: latents, categories: categories, matrix: numbers("A", width * width, 0.4),
      factors: numbers("W", 5 * width, 0.5))
  }
  switch parts[0] {
  case "cubic": return try problem(sizes[0], sizes[1], cubic(sizes[0], sizes[1]))
  case "two": return try problem(rows: 2, 3, 4, cubic(3, 4))
  case "quadratic":
    let width = sizes[0] * sizes[1]
    return try problem(
      sizes[0], sizes[1],
      QuadraticCost(
        latents: sizes[0], categories: sizes[1], matrix: numbers("A", width * width, 1e-3),
        weights: numbers("b", width, 1e-3)))
  case "linear":
    return try problem(
      sizes[0], sizes[1],
      LinearCost(
        latents: sizes[0], categories: sizes[1], weights: numbers("a", sizes[0] * sizes[1], 1e6)))
  case "powers":
    return try problem(
      67, 2,
      AbsolutePowerCost(
        power: Double(parts[1]) ?? 2, levels: [0.2, 1.3], centres: numbers("c", 67, 1)))
  default:
    return try problem(
      sizes[0], sizes[1],
      AbsolutePowerCost(
        power: 1.7, levels: numbers("v", sizes[1], 1), centres: numbers("c", sizes[0], 1)))
  }
}

/// Moments by the estimator's own combine step on the draws that the kernels say they use.
func generalMoments(
  _ problem: CostProblem, _ estimator: any GradientEstimator, draws: Range<Int>, key: RandomKey
) throws -> CoordinateMoments {
  let source = DrawSource(problem: problem, key: key)
  let shape = problem.shape
  let plan = estimator.plan(for: shape)
  var rows = try source.draw(draws, distribution: plan.distribution, needs: GroupNeeds([plan]))
  if plan.perturbed, shape.categories == 2 {
    for row in 0..<shape.rows {
      rows[row].perturbed = binaryNoise(
        problem.logits.row(row), plan.distribution, row: row, draws: draws, key: key)
    }
  }
  rows = try source.prepared(estimator, rows, range: draws)
  var mean: [Double] = []
  var variance: [Double] = []
  for row in 0..<shape.rows {
    var estimates = [Double](repeating: 0, count: draws.count * shape.width)
    estimator.combine(problem.logits.row(row), rows[row], into: &estimates)
    for index in 0..<shape.width {
      let column = stride(from: index, to: estimates.count, by: shape.width).map {
        estimates[$0] / Double(shape.rows)
      }
      let average = column.reduce(0, +) / Double(draws.count)
      mean.append(average)
      variance.append(
        column.reduce(0) { $0 + ($1 - average) * ($1 - average) } / Double(draws.count - 1))
    }
  }
  return CoordinateMoments(draws: draws.count, mean: mean, variance: variance)
}

/// Perturbed values `(0, logit(u) + log(p_1 / p_0))` of binary latents, with the codes' uniforms.
private func binaryNoise(
  _ row: RowLogits, _ distribution: ForwardDistribution, row index: Int, draws: Range<Int>,
  key: RandomKey
) -> [Double] {
  let p = distribution.probabilities(row)
  let uniforms = RandomStream(key: key, row: index, site: 0).uniforms(
    from: UInt64(draws.lowerBound * row.latents), count: draws.count * row.latents)
  return uniforms.enumerated().flatMap { position, uniform -> [Double] in
    let u = Double(uniform)
    let latent = position % row.latents
    return [0, log(u / (1 - u)) + log(p[2 * latent + 1] / p[2 * latent])]
  }
}
