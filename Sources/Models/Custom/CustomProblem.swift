import Discrete
import Tensors

/// A problem read from a JSON file: logits and a cost.
enum CustomProblem {
  static let descriptor = ProblemDescriptor(
    name: "json",
    summary: "Logits, or a quantiser and its tokens, and a cost from a JSON file",
    formula: """
      {"phi": [D][K] or [B][D][K], "cost": {"type": ...}}, latents of different K by rows of \
      different length; linear (a, b): a . y + b; quadratic \
      (A, b): y' A y + b . y; cubic (A, W): y' A y + sum_r ((W y)_r)^3; abspow (p, v, c): \
      mean_d |v . y_d - c_d|^p; mlp (W1, b1, w2, b2): w2 . tanh(W1 y + b1) + b2; table (values, \
      gradients): one value per joint code, first latent slowest. Or {"kind": "vq", "codebook": [K][d], "z_e": \
      [tokens][d], "cost": of z_q}: a quantiser, measured under a smoothing of its codes
      """,
    source: "the file",
    parameters: [
      ParameterSpec("file", .path, "JSON file, relative to the study file"),
      smoothing,
      ParameterSpec(
        "s", .temperature, default: .number(0.5), "Width of a quantiser's smoothing", isLater: true),
      ParameterSpec(
        "s-unit", .choice(["cell", "absolute"]), default: .text("cell"),
        "Whether s is a multiple of the quantiser's cells", isLater: true),
    ],
    numbersFormat: 2
  ) { parameters, environment in
    let path = resolvedPath(parameters.text("file"), in: environment.baseDirectory)
    let document = try document(path)
    guard try document.optional("kind") != nil else {
      if let name = parameters.identifying.first(where: { $0 != "file" }) {
        throw ModelFileError(
          file: path, what: "'\(name)' belongs to files of a quantiser, and this one has logits",
          hint: "leave '\(name)' out")
      }
      try document.allowOnly(["name", "phi", "cost"])
      return try decode(document)
    }
    return try QuantiserProblem(
      QuantiserDecoder.decode(document),
      smoothing: Smoothing(rawValue: parameters.text("smoothing")) ?? .soft,
      width: parameters.number("s"), isRelative: parameters.text("s-unit") == "cell",
      key: RandomKey(seed: 1).derived("assignment"))
  }

  private static let smoothing = ParameterSpec(
    "smoothing", .choice(Smoothing.allCases.map(\.rawValue)), default: .text("soft"),
    "How a quantiser's code is made random: softmax of distances, or Gaussian noise", isLater: true)

  /// - Throws: `ModelFileError` naming file, place, what was found and what to do.
  private static func document(_ path: String) throws -> JSONField {
    try JSONField.read(
      path, hint: "'file' is taken relative to the folder of the study file",
      known: ["phi"] + QuantiserDecoder.fields)
  }

  /// The problem of an object with the members `phi` and `cost`.
  static func decode(_ document: JSONField) throws -> CostProblem {
    let logits = try logits(document.member("phi", hint: "add \"phi\": [D][K] or [B][D][K]"))
    let cost = try CostDecoder.decode(
      document.member("cost", hint: "add \"cost\": {\"type\": ...}"), shape: logits.shape)
    return try CostProblem(logits: logits, oracle: cost.oracle, sharedCost: cost.sharedCost)
  }

  /// The layer of latents of different numbers of categories; nil where they have the same, or something else
  /// than lists of numbers stands there.
  private static func raggedShape(_ row: JSONField, rows: Int) throws -> LayerShape? {
    let latents = try row.elements()
    let levels = latents.compactMap { $0.depth == 1 || $0.length == 0 ? $0.length : nil }
    guard levels.count == latents.count, Set(levels).count > 1 else { return nil }
    for (latent, level) in zip(latents, levels) where level < 2 {
      throw latent.failure(
        "a latent needs at least 2 categories, found \(level)",
        hint: "a Bernoulli logit l is the pair [0, l]")
    }
    return LayerShape(rows: rows, categories: levels)
  }

  private static func logits(_ field: JSONField) throws -> Logits {
    let depth = field.depth
    guard depth == 2 || depth == 3 else {
      throw field.failure(
        "expected [D][K] or [B][D][K] numbers, found \(depth == 0 ? field.value.kind : "\(depth) list levels")",
        hint: "write one list of K logits per latent")
    }
    let row = depth == 3 ? try field.elements()[0] : field
    if let shape = try raggedShape(row, rows: depth == 3 ? field.length ?? 0 : 1) {
      return try Logits(
        shape: shape,
        values: field.numbers(
          depth == 3 ? [shape.rows] : [], latents: shape.levels,
          reason: "D = \(shape.latents), K = \(shape.levelsText)",
          hint: "all data rows must have the lengths of the first"))
    }
    let latents = row.length ?? 0
    let categories = try row.elements().first?.length ?? 0
    guard categories >= 2 else {
      throw field.failure(
        "a latent needs at least 2 categories, found \(categories)",
        hint: "a Bernoulli logit l is the pair [0, l]")
    }
    let rows = depth == 3 ? field.length ?? 0 : 1
    let values = try field.numbers(
      (depth == 3 ? [rows] : []) + [latents, categories],
      reason: "\(depth == 3 ? "B = \(rows), " : "")D = \(latents), K = \(categories)",
      hint: "all rows must have the lengths of the first")
    return try Logits(
      shape: LayerShape(rows: rows, latents: latents, categories: categories), values: values)
  }
}
