import Discrete
import Foundation

/// ReDGE: draws by a few deterministic diffusion steps from normal noise, and the gradient back
/// through them.
///
/// `alpha = (1, linspace(1 - t_1, 1e-4, n - 1))`, `sigma = 1 - alpha`, `x ~ N(0, I)`; for
/// `t = n-1 ... 1`: `y_t = softmax(phi + alpha_t x/sigma_t^2)`, and where `t > 1`
/// `x <- alpha_{t-1} y_t + (sigma_{t-1}/sigma_t) (x - alpha_t y_t)`. Forward `z ~ Cat(y_1)`; the
/// gradient `h(z)` is carried through all `y_t` to `phi`. `n = 2`, `t_1 = 1` is softmax
/// straight-through. The distribution of `z` is not `softmax(phi)`; the difference counts as bias.
/// Complexity: `O(n D K)` beside one oracle gradient.
struct ReDGE: ProbingEstimator {
  private let alphas: [Double]
  private let sigmas: [Double]

  init(steps: Int, first: Double) {
    var alphas = [1.0]
    for index in 0..<steps - 1 {
      let share = steps > 2 ? Double(index) / Double(steps - 2) : 0
      alphas.append((1 - first) * (1 - share) + 1e-4 * share)
    }
    self.alphas = alphas
    sigmas = alphas.map { 1 - $0 }
  }

  var plan: EvaluationPlan {
    EvaluationPlan(
      samples: 0, probes: ProbePlan(latentUniforms: 2, codes: 1, codeGradients: true))
  }

  func plan(for shape: LayerShape) -> EvaluationPlan {
    var plan = plan
    plan.probes?.latentUniforms = BoxMuller.uniforms(shape.categories) + 1
    return plan
  }

  func probes(_ row: RowLogits, _ draws: RowDraws) -> Probes {
    let size = row.categories
    let uniforms = BoxMuller.uniforms(size) + 1
    return Probes(
      codes: (0..<draws.count * row.latents).map { place in
        let distribution = denoised(row, draws, place)[1]
        var rest = draws.uniforms[(place + 1) * uniforms - 1]
        for k in 0..<size - 1 {
          if rest < distribution[k] { return Int32(k) }
          rest -= distribution[k]
        }
        return Int32(distribution.lastIndex { $0 > 0 } ?? 0)
      })
  }

  /// `y_t` of one latent of one draw for `t = 0..<n`; the first is empty.
  private func denoised(_ row: RowLogits, _ draws: RowDraws, _ place: Int) -> [[Double]] {
    let size = row.categories
    let local = place % row.latents * size
    var x = BoxMuller.normals(
      size, from: draws.uniforms, at: place * (BoxMuller.uniforms(size) + 1))
    var points = [[Double]](repeating: [], count: alphas.count)
    for t in stride(from: alphas.count - 1, through: 1, by: -1) {
      let pull = alphas[t] / (sigmas[t] * sigmas[t])
      points[t] = softmax(
        (0..<size).map { row.values[local + $0] + pull * x[$0] }, categories: size)
      guard t > 1 else { continue }
      let ratio = sigmas[t - 1] / sigmas[t]
      for k in 0..<size {
        x[k] = alphas[t - 1] * points[t][k] + ratio * (x[k] - alphas[t] * points[t][k])
      }
    }
    return points
  }
  var traits: EstimatorTraits {
    EstimatorTraits(ignoredConstants: [.level, .gradients], ragged: .servedByLatent)
  }

  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    let size = row.categories
    for place in 0..<draws.count * row.latents {
      let base = place * size
      let points = denoised(row, draws, place)
      var gradient = Array(draws.probes.codeGradients[base..<base + size])
      var through = [Double](repeating: 0, count: size)
      for k in 0..<size { estimates[base + k] = 0 }
      for t in 1..<alphas.count {
        let pull = alphas[t] / (sigmas[t] * sigmas[t])
        var mean = 0.0
        for k in 0..<size { mean += points[t][k] * gradient[k] }
        for k in 0..<size {
          let part = points[t][k] * (gradient[k] - mean)
          estimates[base + k] += part
          through[k] += pull * part
        }
        guard t + 1 < alphas.count else { continue }
        let ratio = sigmas[t] / sigmas[t + 1]
        let weight = alphas[t] - ratio * alphas[t + 1]
        for k in 0..<size {
          gradient[k] = weight * through[k]
          through[k] *= ratio
        }
      }
    }
  }
}

extension EstimatorDescriptor {
  static let reDGE = EstimatorDescriptor(
    name: "redge", family: .relaxation, bias: .biased,
    summary: "Draws by a few diffusion steps from noise; the gradient back through them.",
    formula:
      "y_t = softmax(phi + alpha_t x_t/sigma_t^2), x_{t-1} = alpha_{t-1} y_t + (sigma_{t-1}/sigma_t)(x_t - alpha_t y_t), z ~ Cat(y_1), g = (dy_1/dphi)^T h(z)",
    exactOn: "no class of costs; linear costs with 2 steps and t1 = 1", cost: "1 gradient",
    source: "arXiv 2601.00781",
    traps: [
      "The distribution of its draws is not softmax(phi): within 0.1 in total variation at 2 steps, 0.004 at 5."
    ],
    parameters: [
      ParameterSpec("steps", .integer(2...100), default: .integer(3), "diffusion steps, n"),
      ParameterSpec(
        "t1", .number(minimum: 0.01, maximum: 1, exclusive: false), default: .number(0.5),
        "noise level of the last step"),
    ],
    make: { ReDGE(steps: $0.integer("steps"), first: $0.number("t1")) })
}
