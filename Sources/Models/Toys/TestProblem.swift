import Discrete
import Foundation

/// A small smooth problem without random numbers, for checks across implementations.
enum TestProblem {
  /// Largest `D K`.
  static let widthLimit = 65536

  static let descriptor = ProblemDescriptor(
    name: "test-problem",
    summary: "A fixed smooth cost that couples latents, for checks across implementations",
    formula: """
      f(y) = s + 0.5 s^2 + 0.3 sin(2 s) + 0.4 sum_d t_d^3, s = <a, y>, t_d = <c, y_d>, \
      phi = 1.2 sin(1 + 2 d + 0.7 k), a = cos(0.9 + 1.7 d + 0.6 k), c_k = (k + 1) / K; d, k from 0
      """,
    source: "GradientFidelity",
    parameters: [
      ParameterSpec("latents", .integer(1...65536), default: .integer(2), "Number of latents D"),
      ParameterSpec("categories", .integer(2...4096), default: .integer(3), "Categories K"),
    ],
    identifying: ["latents", "categories"]
  ) { parameters, _ in
    let width = parameters.integer("latents") * parameters.integer("categories")
    guard width <= widthLimit else {
      throw DiscreteError.parameter(
        "latents x categories must be at most \(widthLimit), found \(width)")
    }
    let cost = TestProblemCost(
      latents: parameters.integer("latents"), categories: parameters.integer("categories"))
    let logits = grid(cost.latents, cost.categories) { d, k in 1.2 * sin(1 + 2 * d + 0.7 * k) }
    return try CostProblem(
      logits: Logits(
        shape: LayerShape(rows: 1, latents: cost.latents, categories: cost.categories),
        values: logits),
      cost: cost)
  }
}

/// `f(y) = s + 0.5 s^2 + 0.3 sin(2 s) + 0.4 sum_d t_d^3`; gradient
/// `a (1 + s + 0.6 cos(2 s)) + 1.2 t_d^2 c`.
struct TestProblemCost: SharedCost {
  let latents: Int
  let categories: Int
  private let weights: [Double]
  private let levels: [Double]

  init(latents: Int, categories: Int) {
    self.latents = latents
    self.categories = categories
    weights = grid(latents, categories) { d, k in cos(0.9 + 1.7 * d + 0.6 * k) }
    levels = (0..<categories).map { Double($0 + 1) / Double(categories) }
  }

  func evaluate(_ points: CostPoints, count: Int, gradients: Bool) -> CostBlock {
    var block = CostBlock(values: [])
    block.values.reserveCapacity(count)
    if gradients { block.gradients.reserveCapacity(count * width) }
    for point in 0..<count {
      var s = 0.0
      var t = [Double](repeating: 0, count: latents)
      for latent in 0..<latents {
        switch points {
        case .hard(let codes):
          let category = Int(codes[point * latents + latent])
          s += weights[latent * categories + category]
          t[latent] = levels[category]
        case .soft(let soft):
          for category in 0..<categories {
            let y = soft[(point * latents + latent) * categories + category]
            s += weights[latent * categories + category] * y
            t[latent] += levels[category] * y
          }
        }
      }
      let cubes = t.reduce(0.0) { $0 + $1 * $1 * $1 }
      block.values.append(s + 0.5 * s * s + 0.3 * sin(2 * s) + 0.4 * cubes)
      guard gradients else { continue }
      let derivative = 1 + s + 0.6 * cos(2 * s)
      for latent in 0..<latents {
        for category in 0..<categories {
          block.gradients.append(
            weights[latent * categories + category] * derivative
              + 1.2 * t[latent] * t[latent] * levels[category])
        }
      }
    }
    return block
  }
}

/// `entry(d, k)` for all latents and categories, `[D][K]`.
private func grid(
  _ latents: Int, _ categories: Int, _ entry: (Double, Double) -> Double
) -> [Double] {
  var values: [Double] = []
  for latent in 0..<latents {
    for category in 0..<categories { values.append(entry(Double(latent), Double(category))) }
  }
  return values
}
