import Discrete
import Tensors

/// A random quadratic plus low-rank cubic cost of a layer of any size.
enum QuadraticCubic {
  /// Largest `D K`: the matrix `A` has `(D K)^2` entries.
  static let widthLimit = 2048

  static let descriptor = ProblemDescriptor(
    name: "quadratic-cubic",
    summary: "A random quadratic plus low-rank cubic cost that couples all latents",
    formula: """
      f(y) = y' A y + sum_r ((W y)_r)^3, A ~ N(0, 1) / sqrt(D K), W[terms][D K] ~ N(0, 1) / \
      sqrt(D), phi ~ logit-scale N(0, 1)
      """,
    source: "GradientFidelity",
    parameters: [
      ParameterSpec("latents", .integer(1...1024), default: .integer(8), "Number of latents D"),
      ParameterSpec("categories", .integer(2...1024), default: .integer(4), "Categories K"),
      ParameterSpec("terms", .integer(0...1024), default: .integer(16), "Number of cubic terms"),
      ParameterSpec(
        "logit-scale", .number(minimum: 0, maximum: 100, exclusive: false), default: .number(1),
        "Standard deviation of the logits"),
      .problemSeed,
    ],
    identifying: ["latents", "categories"]
  ) { parameters, _ in
    let latents = parameters.integer("latents")
    let categories = parameters.integer("categories")
    let width = latents * categories
    guard width <= widthLimit else {
      throw DiscreteError.parameter(
        "latents x categories must be at most \(widthLimit), found \(width)")
    }
    let key = RandomKey(seed: UInt64(parameters.integer("seed"))).derived("quadratic-cubic")
    func normals(_ name: String, _ count: Int, scale: Double) -> [Double] {
      RandomStream(key: key.derived(name), row: 0, site: 0).normals(from: 0, count: count)
        .map { Double($0) * scale }
    }
    let shape = LayerShape(rows: 1, latents: latents, categories: categories)
    return try CostProblem(
      logits: Logits(
        shape: shape,
        values: normals("phi", width, scale: parameters.number("logit-scale"))),
      cost: CubicCost(
        latents: latents, categories: categories,
        matrix: normals("A", width * width, scale: 1 / Double(width).squareRoot()),
        factors: normals(
          "W", parameters.integer("terms") * width, scale: 1 / Double(latents).squareRoot())))
  }
}
