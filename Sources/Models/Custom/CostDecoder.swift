import Discrete
import Tensors

/// Builds a cost from the `cost` object of a problem file.
enum CostDecoder {
  /// A decoded cost: its oracle and, where all rows share one, the cost behind it.
  struct Decoded {
    let oracle: any CostOracle
    let sharedCost: (any SharedCost)?
  }

  private typealias Builder = @Sendable (JSONField, LayerShape) throws -> Decoded

  private static let builders: [(type: String, fields: [String], build: Builder)] = [
    ("linear", ["a", "b"], linear), ("quadratic", ["A", "b"], quadratic),
    ("cubic", ["A", "W"], cubic), ("abspow", ["p", "v", "c"], absolutePower),
    ("mlp", ["W1", "b1", "w2", "b2"], tanhNetwork),
    ("table", ["values", "gradients"], table),
  ]

  /// - Throws: `ModelFileError` naming the field that is missing, unknown or of a wrong shape.
  static func decode(_ field: JSONField, shape: LayerShape) throws -> Decoded {
    let types = builders.map(\.type)
    let title = "known types"
    let typeField = try field.member("type", hint: "\(title): \(types.joined(separator: ", "))")
    let type = try typeField.text()
    guard let builder = builders.first(where: { $0.type == type }) else {
      throw typeField.failure(
        "unknown cost type '\(type)'",
        hint: NearestName.advice(for: type, among: types, title: title))
    }
    try field.allowOnly(["type"] + builder.fields)
    do {
      return try builder.build(field, shape)
    } catch let error as DiscreteError {
      throw field.failure("\(error)")
    }
  }

  private static func shared(_ cost: any SharedCost, _ shape: LayerShape) throws -> Decoded {
    Decoded(oracle: try SharedCostOracle(shape: shape, cost: cost), sharedCost: cost)
  }

  private static func reason(_ shape: LayerShape) -> String {
    "D = \(shape.latents), K = \(shape.levelsText)"
  }

  private static func columnHint(_ shape: LayerShape) -> String {
    shape.isRagged
      ? "columns are the entries of y, latent after latent, \(shape.packedWidth) in all"
      : "columns are the entries of y, index d*K + k"
  }

  /// A list of vectors over the categories that there are, with 0 in the padding.
  private static func vectors(
    _ field: JSONField, _ lengths: [Int], _ shape: LayerShape
  ) throws -> [Double] {
    shape.padded(
      try field.numbers(
        lengths + [shape.packedWidth], reason: reason(shape), hint: columnHint(shape)),
      filling: 0)
  }

  private static func square(_ field: JSONField, _ shape: LayerShape) throws -> [Double] {
    let rows = try vectors(field.member("A"), [shape.packedWidth], shape)
    guard shape.isRagged else { return rows }
    var matrix = [Double](repeating: 0, count: shape.width * shape.width)
    for (row, place) in shape.places.enumerated() {
      for column in 0..<shape.width {
        matrix[place * shape.width + column] = rows[row * shape.width + column]
      }
    }
    return matrix
  }

  /// Numbers `[outer][D][K]` of every latent's own categories, with 0 in the padding.
  private static func tables(
    _ field: JSONField, _ outer: [Int], _ shape: LayerShape, reason: String, hint: String
  ) throws -> [Double] {
    guard shape.isRagged else {
      return try field.numbers(
        outer + [shape.latents, shape.categories], reason: reason, hint: hint)
    }
    return shape.padded(
      try field.numbers(outer, latents: shape.levels, reason: reason, hint: hint), filling: 0)
  }

  @Sendable private static func linear(_ field: JSONField, _ shape: LayerShape) throws -> Decoded {
    try shared(
      LinearCost(
        latents: shape.latents, categories: shape.categories,
        weights: tables(
          field.member("a"), [], shape, reason: reason(shape),
          hint: "give one row of K weights per latent"),
        constant: field.optional("b")?.number() ?? 0), shape)
  }

  @Sendable private static func quadratic(_ field: JSONField, _ shape: LayerShape) throws -> Decoded
  {
    try shared(
      QuadraticCost(
        latents: shape.latents, categories: shape.categories, matrix: square(field, shape),
        weights: field.optional("b").map { try vectors($0, [], shape) }
          ?? [Double](repeating: 0, count: shape.width)), shape)
  }

  @Sendable private static func cubic(_ field: JSONField, _ shape: LayerShape) throws -> Decoded {
    let factors = try field.member("W")
    return try shared(
      CubicCost(
        latents: shape.latents, categories: shape.categories, matrix: square(field, shape),
        factors: vectors(factors, [factors.elements().count], shape)), shape)
  }

  @Sendable private static func absolutePower(_ field: JSONField, _ shape: LayerShape) throws
    -> Decoded
  {
    let power = try field.member("p")
    let p = try power.number()
    guard p >= 1, p <= 64 else {
      throw power.failure("expected a power from 1 to 64, found \(p)")
    }
    return try shared(
      AbsolutePowerCost(
        power: p,
        levels: field.member("v").numbers(
          [shape.categories], reason: reason(shape),
          hint: shape.isRagged
            ? "give one level per category of the latent of most; others take the first of them"
            : "give one level per category"),
        centres: field.member("c").numbers(
          [shape.latents], reason: reason(shape), hint: "give one centre per latent")), shape)
  }

  @Sendable private static func tanhNetwork(_ field: JSONField, _ shape: LayerShape) throws
    -> Decoded
  {
    let input = try field.member("W1")
    let hidden = try input.elements().count
    let units = "the \(hidden) rows of W1"
    return try shared(
      TanhNetworkCost(
        latents: shape.latents, categories: shape.categories,
        inputWeights: vectors(input, [hidden], shape),
        inputOffset: field.member("b1").numbers([hidden], reason: units),
        outputWeights: field.member("w2").numbers([hidden], reason: units),
        constant: field.optional("b2")?.number() ?? 0), shape)
  }

  @Sendable private static func table(_ field: JSONField, _ shape: LayerShape) throws -> Decoded {
    guard let jointCodes = shape.jointCodes(limit: TableOracle.jointCodeLimit) else {
      throw field.failure(
        "\(shape.jointCodesText) joint codes are more than a table may have",
        hint: "at most \(TableOracle.jointCodeLimit)")
    }
    let hint = "one per joint code, first latent slowest"
    let reason = "\(reason(shape)), B = \(shape.rows)"
    let values = try field.member("values")
    let gradients = try field.optional("gradients")
    return Decoded(
      oracle: try TableOracle(
        shape: shape,
        values: values.numbers(
          (values.depth > 1 ? [shape.rows] : []) + [jointCodes], reason: reason, hint: hint),
        gradients: gradients.map {
          try tables(
            $0, ($0.depth > 3 ? [shape.rows] : []) + [jointCodes], shape, reason: reason, hint: hint
          )
        } ?? []), sharedCost: nil)
  }
}
