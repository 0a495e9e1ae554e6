import Discrete

/// Reference means and variances of estimators on small problems, read from a JSON file.
public struct GoldenFile: Sendable {
  public static let supportedFormat = "discrete-gradient-golden/1"

  /// Name of the set.
  public let split: String
  /// Layers of categories with a cost; empty in a file of quantisers.
  public let problems: [GoldenProblem]
  /// Empty in a file of layers.
  package let quantisers: [GoldenQuantiser]

  /// - Throws: `ModelFileError` naming file, place, what was found and what to do.
  public init(path: String) throws {
    let document = try JSONField.read(path, hint: "give the path of a reference file")
    let format = try document.member("format")
    let known = [Self.supportedFormat, GoldenQuantiser.format]
    let name = try format.text()
    guard known.contains(name) else {
      throw format.failure(
        "unknown format '\(name)'", hint: "known formats: \(known.joined(separator: ", "))")
    }
    split = try document.member("split").text()
    let elements = try document.member("problems").elements()
    let hasLayers = name == Self.supportedFormat
    problems = hasLayers ? try elements.map(GoldenProblem.init) : []
    quantisers = hasLayers ? [] : try elements.map(GoldenQuantiser.init)
  }
}

/// One problem of a reference file.
public struct GoldenProblem: Sendable {
  /// Exact moments and gradient of the cost under `softmax(phi)`.
  public struct Exact: Sendable {
    /// `E f`.
    public let value: Double
    /// `Var f`.
    public let valueVariance: Double
    /// `dE f/dphi`, `[D][K]`.
    public let gradient: [Double]
    public let gradientNorm: Double
  }

  public let name: String
  public let problem: CostProblem
  public let exact: Exact
  public let estimators: [GoldenEstimator]

  init(_ field: JSONField) throws {
    try field.allowOnly(["name", "D", "K", "phi", "cost", "exact", "estimators"])
    name = try field.member("name").text()
    let problem = try CustomProblem.decode(field)
    let shape = problem.shape
    guard !shape.isRagged else {
      throw try field.member("phi").failure(
        "reference values are read for latents of one number of categories, found \(shape.levelsText)"
      )
    }
    for (member, found) in [("D", shape.latents), ("K", shape.categories)] {
      let stated = try field.member(member)
      guard try stated.integer(1...Int(Int32.max)) == found else {
        throw stated.failure(
          "expected \(found), the size of phi, found \(try stated.integer(1...Int(Int32.max)))")
      }
    }
    let reason = "D = \(shape.latents), K = \(shape.categories)"
    let exact = try field.member("exact")
    self.problem = problem
    self.exact = Exact(
      value: try exact.member("value").number(),
      valueVariance: try exact.member("value_var").number(),
      gradient: try exact.member("grad").numbers(
        [shape.latents, shape.categories], reason: reason),
      gradientNorm: try exact.member("grad_norm").number())
    estimators = try field.member("estimators").elements().map {
      try GoldenEstimator($0, shape: shape)
    }
  }
}

/// Reference moments of one estimate of one estimator setting.
public struct GoldenEstimator: Sendable {
  public let id: String
  /// Hyper-parameters by the file's names (`tau`, `n`, `tau_f`, `tau_b`).
  public let parameters: [String: Double]
  /// How the moments were computed: `enumeration`, `quadrature` or `rqmc`.
  public let method: String
  /// Expectation, `[D][K]`.
  public let mean: [Double]
  /// Population variance per coordinate, `[D][K]`.
  public let variance: [Double]
  public let traceVariance: Double
  /// `||mean - exact gradient||`.
  public let biasNorm: Double
  /// `biasNorm` over the norm of the exact gradient.
  public let relativeBias: Double
  /// Cosine between mean and exact gradient, where given.
  public let cosine: Double?
  /// Largest change on doubling the quadrature step, where the method is quadrature.
  public let quadratureError: Double?
  /// Standard errors of `mean`, `[D][K]`, where the method is randomised.
  public let meanError: [Double]?
  /// Standard errors of `variance`, `[D][K]`, where the method is randomised.
  public let varianceError: [Double]?
  /// Evaluations of a randomised method.
  public let points: Double?

  init(_ field: JSONField, shape: LayerShape) throws {
    func table(_ field: JSONField) throws -> [Double] {
      try field.numbers(
        [shape.latents, shape.categories],
        reason: "D = \(shape.latents), K = \(shape.categories)")
    }
    try field.allowOnly([
      "id", "params", "method", "mean", "var", "mean_se", "var_se", "points", "quad_err",
      "bias_norm", "rel_bias", "cosine", "trace_var",
    ])
    id = try field.member("id").text()
    let params = try field.member("params")
    var parameters: [String: Double] = [:]
    for name in try params.names() { parameters[name] = try params.member(name).number() }
    self.parameters = parameters
    method = try field.member("method").text()
    mean = try table(field.member("mean"))
    variance = try table(field.member("var"))
    traceVariance = try field.member("trace_var").number()
    biasNorm = try field.member("bias_norm").number()
    relativeBias = try field.member("rel_bias").number()
    cosine = try field.optional("cosine")?.number()
    quadratureError = try field.optional("quad_err")?.number()
    meanError = try field.optional("mean_se").map(table)
    varianceError = try field.optional("var_se").map(table)
    points = try field.optional("points")?.number()
  }
}
