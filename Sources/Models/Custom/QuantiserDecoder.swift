import Discrete
import Tensors

/// Reads a quantiser, its tokens and its cost from an object of a problem file.
enum QuantiserDecoder {
  /// Fields of all kinds, and those of some.
  static let fields = [
    "name", "kind", "tokens", "d", "z_e", "cost", "levels", "walls", "level_counts", "eps",
    "codebook", "codebooks", "groups", "heads",
  ]
  private static let common = ["name", "kind", "tokens", "d", "z_e", "cost"]

  private struct Kind: Sendable {
    let kind: Quantiser.Kind
    let fields: [String]
    let build: @Sendable (JSONField, _ dimension: Int) throws -> Quantiser
  }

  private static let kinds = [
    Kind(kind: .scalar, fields: ["levels", "walls"], build: scalar),
    Kind(kind: .fsq, fields: ["level_counts", "eps"], build: fsq),
    Kind(kind: .sign, fields: ["levels", "walls"], build: sign),
    Kind(kind: .vq, fields: ["codebook"], build: vectorQuantiser),
    Kind(kind: .residual, fields: ["codebooks"], build: residual),
    Kind(kind: .product, fields: ["codebooks", "groups"], build: product),
    Kind(kind: .multiHead, fields: ["codebook", "heads"], build: multiHead),
  ]

  /// - Parameter more: fields that belong to something else, and are left alone.
  /// - Throws: `ModelFileError` naming the field that is missing, unknown or of a wrong shape.
  static func decode(_ document: JSONField, ignoring more: [String] = []) throws -> TokenFile {
    let field = try document.member("kind")
    let name = try field.text()
    let names = kinds.map(\.kind.rawValue)
    guard let kind = kinds.first(where: { $0.kind.rawValue == name }) else {
      throw field.failure(
        "unknown quantiser '\(name)'",
        hint: NearestName.advice(for: name, among: names, title: "known quantisers"))
    }
    try document.allowOnly(common + kind.fields + more)
    let tokensField = try document.member("z_e", hint: "add \"z_e\": [tokens][d]")
    let tokens = tokensField.length ?? 0
    guard tokens > 0, let dimension = try tokensField.elements()[0].length, dimension > 0 else {
      throw tokensField.failure(
        "expected [tokens][d] numbers, found \(tokensField.value.kind)",
        hint: "write one list of coordinates per token")
    }
    for (member, found) in [("tokens", tokens), ("d", dimension)] {
      if let stated = try document.optional(member), try stated.integer(1...Int(Int32.max)) != found
      {
        throw stated.failure("expected \(found), the size of z_e, found \(try stated.number())")
      }
    }
    let points = try tokensField.numbers(
      [tokens, dimension], reason: "tokens = \(tokens), d = \(dimension)",
      hint: "all tokens must have the coordinates of the first")
    let quantiser = try kind.build(document, dimension)
    return TokenFile(
      quantiser: quantiser, points: points,
      cost: try cost(document.member("cost", hint: "add \"cost\": {\"type\": ...}"), points.count))
  }

  // MARK: Kinds

  private static func levels(_ field: JSONField, _ dimension: Int) throws -> [[Double]] {
    let axes = try field.elements()
    guard axes.count == dimension else {
      throw field.failure(
        "expected \(dimension) lists, one per coordinate, found \(axes.count)")
    }
    return try axes.map { axis in
      let count = axis.length ?? 0
      guard count >= 2 else {
        throw axis.failure("a quantiser needs at least 2 levels, found \(count)")
      }
      return try rising(axis, count: count, reason: "one coordinate")
    }
  }

  private static func rising(_ field: JSONField, count: Int, reason: String) throws -> [Double] {
    let values = try field.numbers([count], reason: reason)
    if let place = zip(values, values.dropFirst()).enumerated().first(where: { !($1.0 < $1.1) }) {
      throw field.failure(
        "expected rising numbers, found \(values[place.offset]) before \(values[place.offset + 1])")
    }
    return values
  }

  @Sendable private static func scalar(_ document: JSONField, _ dimension: Int) throws -> Quantiser
  {
    let levels = try levels(
      document.member("levels", hint: "add \"levels\": one rising list per coordinate"), dimension)
    return .scalar(levels: levels, walls: try walls(document, levels))
  }

  /// Those of the file, or the middles between levels.
  private static func walls(_ document: JSONField, _ levels: [[Double]]) throws -> [[Double]] {
    guard let field = try document.optional("walls") else {
      return levels.map { own in zip(own, own.dropFirst()).map { $0 + ($1 - $0) / 2 } }
    }
    let axes = try field.elements()
    guard axes.count == levels.count else {
      throw field.failure("expected \(levels.count) lists, one per coordinate, found \(axes.count)")
    }
    return try zip(axes, levels).map { axis, own in
      try rising(axis, count: own.count - 1, reason: "\(own.count) levels")
    }
  }

  @Sendable private static func sign(_ document: JSONField, _ dimension: Int) throws -> Quantiser {
    if let given = try document.optional("levels"),
      try levels(given, dimension).contains(where: { $0 != [-1, 1] })
    {
      throw given.failure("the levels of a sign are -1 and 1", hint: "use kind 'scalar' for others")
    }
    let quantiser = Quantiser.sign(dimension: dimension)
    if let given = try document.optional("walls"),
      try walls(document, quantiser.units.map(\.vectors)).contains(where: { $0 != [0] })
    {
      throw given.failure("the wall of a sign is 0", hint: "use kind 'scalar' for others")
    }
    return quantiser
  }

  @Sendable private static func fsq(_ document: JSONField, _ dimension: Int) throws -> Quantiser {
    let field = try document.member(
      "level_counts", hint: "add \"level_counts\": one number of levels per coordinate")
    let counts = try field.elements().map { try $0.integer(2...65536) }
    guard counts.count == dimension else {
      throw field.failure(
        "expected \(dimension) numbers, one per coordinate, found \(counts.count)")
    }
    let epsilon = try document.optional("eps")
    let value = try epsilon?.number() ?? 0.001
    guard value >= 0, value < 0.5 else {
      throw (epsilon ?? document).failure("expected eps from 0 to below 0.5, found \(value)")
    }
    return .fsq(levels: counts, epsilon: value)
  }

  private static func codebook(_ field: JSONField, _ width: Int) throws -> [Double] {
    let count = field.length ?? 0
    guard count >= 2 else {
      throw field.failure("a codebook needs at least 2 codes, found \(count)")
    }
    return try field.numbers(
      [count, width], reason: "codes of \(width) coordinate\(width == 1 ? "" : "s")",
      hint: "write one list of coordinates per code")
  }

  @Sendable private static func vectorQuantiser(_ document: JSONField, _ dimension: Int) throws
    -> Quantiser
  {
    .nearest(
      kind: .vq, dimension: dimension,
      codebooks: [
        try codebook(
          document.member("codebook", hint: "add \"codebook\": [K][d]"), dimension)
      ], groups: 1)
  }

  private static func codebooks(
    _ document: JSONField, _ width: Int, hint: String
  ) throws -> (field: JSONField, all: [[Double]]) {
    let field = try document.member("codebooks", hint: hint)
    let books = try field.elements()
    guard !books.isEmpty else { throw field.failure("expected at least one codebook, found none") }
    return (field, try books.map { try codebook($0, width) })
  }

  /// Joint codes of a token that are tabulated.
  private static let mostJointCodes = 65536

  @Sendable private static func residual(_ document: JSONField, _ dimension: Int) throws
    -> Quantiser
  {
    let (field, books) = try codebooks(
      document, dimension, hint: "add \"codebooks\": [stages][K][d]")
    var count = 1
    for book in books {
      count = count.multipliedReportingOverflow(by: book.count / dimension).partialValue
      guard count <= mostJointCodes else {
        throw field.failure(
          "more than \(mostJointCodes) joint codes of a token", hint: "use fewer stages or codes")
      }
    }
    return .residual(dimension: dimension, codebooks: books)
  }

  private static func parts(_ document: JSONField, _ name: String, _ dimension: Int) throws -> Int {
    let field = try document.member(name, hint: "add \"\(name)\": a divisor of d")
    let parts = try field.integer(1...dimension)
    guard dimension.isMultiple(of: parts) else {
      throw field.failure("expected a divisor of d = \(dimension), found \(parts)")
    }
    return parts
  }

  @Sendable private static func product(_ document: JSONField, _ dimension: Int) throws -> Quantiser
  {
    let groups = try parts(document, "groups", dimension)
    let (field, books) = try codebooks(
      document, dimension / groups, hint: "add \"codebooks\": [groups][K][d / groups]")
    guard books.count == groups else {
      throw field.failure("expected \(groups) codebooks, one per group, found \(books.count)")
    }
    return .nearest(kind: .product, dimension: dimension, codebooks: books, groups: groups)
  }

  @Sendable private static func multiHead(_ document: JSONField, _ dimension: Int) throws
    -> Quantiser
  {
    let heads = try parts(document, "heads", dimension)
    return .nearest(
      kind: .multiHead, dimension: dimension,
      codebooks: [
        try codebook(
          document.member("codebook", hint: "add \"codebook\": [K][d / heads]"), dimension / heads)
      ], groups: heads)
  }

  // MARK: Cost

  private static let costs: [(type: String, fields: [String])] = [
    ("linear", ["a", "b"]), ("quadratic", ["A", "b"]), ("cubic", ["A", "W"]),
    ("mlp", ["W1", "b1", "w2", "b2"]),
  ]

  /// A cost of `size` numbers, token after token.
  private static func cost(_ field: JSONField, _ size: Int) throws -> VectorCost {
    let types = costs.map(\.type)
    let typeField = try field.member("type", hint: "known types: \(types.joined(separator: ", "))")
    let type = try typeField.text()
    guard let known = costs.first(where: { $0.type == type }) else {
      throw typeField.failure(
        "unknown cost type '\(type)'",
        hint: NearestName.advice(for: type, among: types, title: "known types"))
    }
    try field.allowOnly(["type"] + known.fields)
    let reason = "the \(size) coordinates of all tokens"
    func vector(_ field: JSONField) throws -> [Double] {
      try field.numbers(
        field.depth == 2 && field.length.map { size.isMultiple(of: $0) && $0 > 0 } == true
          ? [field.length ?? 1, size / (field.length ?? 1)] : [size], reason: reason)
    }
    func matrix(_ name: String, rows: Int?) throws -> (values: [Double], rows: Int) {
      let own = try field.member(name)
      let count = try rows ?? own.elements().count
      return (
        try own.numbers(
          [count, size], reason: reason, hint: "columns are coordinates, index token*d + i"), count
      )
    }
    switch type {
    case "linear":
      return VectorCost(
        size: size,
        form: .linear(
          a: try vector(field.member("a")), b: try field.optional("b")?.number() ?? 0))
    case "quadratic":
      return VectorCost(
        size: size,
        form: .quadratic(
          matrix: try matrix("A", rows: size).values,
          b: try field.optional("b").map(vector) ?? [Double](repeating: 0, count: size)))
    case "cubic":
      return VectorCost(
        size: size,
        form: .cubic(
          matrix: try matrix("A", rows: size).values,
          factors: try matrix("W", rows: nil).values))
    default:
      let (weights, hidden) = try matrix("W1", rows: nil)
      let units = "the \(hidden) rows of W1"
      return VectorCost(
        size: size,
        form: .tanhNetwork(
          inputWeights: weights,
          offset: try field.member("b1").numbers([hidden], reason: units),
          output: try field.member("w2").numbers([hidden], reason: units),
          constant: try field.optional("b2")?.number() ?? 0))
    }
  }
}
