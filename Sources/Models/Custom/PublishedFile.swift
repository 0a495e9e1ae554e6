import Discrete
import Tensors

/// Numbers of estimators on small problems as a publication gives them, and as an independent program
/// recomputed them, read from a JSON file.
///
/// `{"source", "problems": [{"name", "problem", "rows": [{"estimator", "parameters", "published": {metric:
/// number}, "recomputed": {...}}]}]}`. A problem is `{"phi", "cost"}` as in problem files, with `"subset": k`
/// where the expectation is over `k`-subsets, or `{"kind", "parameters"}` of a registered kind. A file may
/// have a `name`, and say how many `digits` or `decimals` its numbers are given with.
public struct PublishedFile: Sendable {
  /// `name`, else the file's own name without its ending.
  public let name: String
  /// Path as given.
  public let file: String
  public let source: String
  /// Significant digits of all numbers, where the file says so.
  public let digits: Int?
  /// Decimals of all numbers, where the file says so.
  public let decimals: Int?
  public let problems: [PublishedProblem]

  /// - Throws: `ModelFileError` naming file, place, what was found and what to do.
  public init(path: String) throws {
    try self.init(JSONField.read(path, hint: "give the path of a file of published numbers"))
  }

  /// A file that is held in memory.
  /// - Throws: as for files.
  package init(bytes: [UInt8], file: String) throws {
    try self.init(
      JSONField(file: file, place: "", value: JSONParser.parse(bytes, file: file)))
  }

  private init(_ document: JSONField) throws {
    try document.allowOnly([
      "name", "source", "scaled", "recomputed", "digits", "decimals", "problems",
    ])
    file = document.file
    let own = document.file.split(separator: "/").last.map(String.init) ?? document.file
    name =
      try document.optional("name")?.text()
      ?? (own.hasSuffix(".json") ? String(own.dropLast(5)) : own)
    source = try document.optional("source")?.text() ?? ""
    digits = try document.optional("digits")?.integer(1...17)
    decimals = try document.optional("decimals")?.integer(0...17)
    let list = try document.member("problems")
    problems = try list.elements().map(PublishedProblem.init)
    guard !problems.isEmpty else { throw list.failure("the list is empty; name a problem") }
  }
}

/// One problem with its rows.
public struct PublishedProblem: Sendable {
  public let name: String
  public let problem: any DiscreteProblem
  /// `k`, where the expectation is over `k`-subsets of the binary latents.
  public let subset: Int?
  public let rows: [PublishedRow]

  init(_ field: JSONField) throws {
    try field.allowOnly(["name", "problem", "rows"])
    name = try field.member("name").text()
    let problem = try field.member("problem")
    (self.problem, subset) = try Self.problem(problem)
    let list = try field.member("rows")
    rows = try list.elements().map(PublishedRow.init)
    guard !rows.isEmpty else { throw list.failure("the list is empty; name an estimator") }
  }

  private static func problem(_ field: JSONField) throws -> (any DiscreteProblem, Int?) {
    if let kind = try field.optional("kind") { return (try registered(kind, field), nil) }
    try field.allowOnly(["name", "phi", "cost", "subset"])
    let custom = try CustomProblem.decode(field)
    guard !custom.shape.isRagged else {
      throw try field.member("phi").failure(
        "published numbers are read for latents of one number of categories, found \(custom.shape.levelsText)"
      )
    }
    guard let subset = try field.optional("subset") else { return (custom, nil) }
    let shape = custom.shape
    let size = try subset.integer(1...64)
    guard shape.categories == 2, shape.rows == 1 else {
      throw subset.failure("subsets are of binary latents in one row, found \(shape)")
    }
    guard size <= shape.latents,
      SubsetProblem.subsetCount(of: shape.latents, size: size) != nil
    else {
      throw subset.failure(
        "expected at most the \(shape.latents) latents and \(SubsetProblem.subsetLimit) subsets")
    }
    guard let shared = custom.oracle as? SharedCostOracle else {
      throw subset.failure("a table has no cost of subsets; use another type of cost")
    }
    return (
      SubsetProblem(logits: custom.logits, oracle: shared, cost: shared.cost, size: size), size
    )
  }

  private static func registered(
    _ kind: JSONField, _ field: JSONField
  ) throws -> any DiscreteProblem {
    try field.allowOnly(["name", "kind", "parameters"])
    let name = try kind.text()
    guard let descriptor = ProblemRegistry.named(name) else {
      throw kind.failure(
        "unknown problem kind '\(name)'",
        hint: NearestName.advice(
          for: name, among: ProblemRegistry.all.map(\.name), title: "known kinds"))
    }
    let given = try field.optional("parameters")
    do {
      return try descriptor.make(
        ResolvedParameters(
          try given?.parameters(descriptor.parameters) ?? [:], specs: descriptor.parameters),
        ProblemEnvironment(baseDirectory: ".", dataDirectories: [], checkpointDirectory: "."))
    } catch let error as DiscreteError {
      throw (given ?? kind).failure("\(error)")
    }
  }
}

/// One estimator setting with its numbers.
public struct PublishedRow: Sendable {
  /// Where the row stands, for messages about it.
  package let field: JSONField
  public let estimator: String
  /// Scope of the numbers; nil for the logits.
  public let scope: String?
  /// Given by the publication.
  public let published: [PublishedNumber]
  /// Recomputed in double precision by an independent program.
  public let recomputed: [PublishedNumber]

  init(_ field: JSONField) throws {
    try field.allowOnly(["estimator", "parameters", "scope", "published", "recomputed"])
    self.field = field
    estimator = try field.member("estimator").text()
    scope = try field.optional("scope")?.text()
    func numbers(_ block: String) throws -> [PublishedNumber] {
      guard let block = try field.optional(block) else { return [] }
      return try block.names().map { name in
        let number = try block.member(name)
        return PublishedNumber(field: number, metric: name, value: try number.number())
      }
    }
    published = try numbers("published")
    recomputed = try numbers("recomputed")
    guard !(published + recomputed).isEmpty else {
      throw field.failure("there is no number; give \"published\" or \"recomputed\"")
    }
  }

  /// The parameters as a kind of these specs takes them.
  /// - Throws: `ModelFileError` naming the parameter.
  package func parameters(_ specs: [ParameterSpec]) throws -> [String: ParameterValue] {
    try field.optional("parameters")?.parameters(specs) ?? [:]
  }
}

/// One number of a row.
public struct PublishedNumber: Sendable {
  package let field: JSONField
  public let metric: String
  public let value: Double

  /// Significant digits of a number's shortest form.
  public var significantDigits: Int {
    let mantissa = "\(value)".prefix { $0 != "e" && $0 != "E" }.filter(\.isWholeNumber)
    let digits = mantissa.drop { $0 == "0" }
    return digits.count - digits.reversed().prefix { $0 == "0" }.count
  }
}

extension JSONField {
  /// The members of an object as parameters of these specs, each checked for itself.
  /// - Throws: `ModelFileError` naming the parameter and the nearest known one.
  func parameters(_ specs: [ParameterSpec]) throws -> [String: ParameterValue] {
    var parameters: [String: ParameterValue] = [:]
    for name in try names() {
      let field = try member(name)
      guard let spec = specs.first(where: { $0.name == name }) else {
        throw field.failure(
          "unknown parameter '\(name)'",
          hint: specs.isEmpty
            ? "there are none"
            : NearestName.advice(for: name, among: specs.map(\.name), title: "known parameters"))
      }
      let value: ParameterValue
      switch (field.value, spec.kind) {
      case (.number(let number), .integer):
        guard let whole = Int(exactly: number) else {
          throw field.failure("expected \(spec.kind.allowed), found \(number)")
        }
        value = .integer(whole)
      case (.number(let number), _): value = .number(number)
      case (.flag(let flag), _): value = .flag(flag)
      case (.text(let text), _): value = .text(text)
      default: throw field.failure("expected \(spec.kind.allowed), found \(field.value.kind)")
      }
      guard spec.kind.accepts(value) else {
        throw field.failure("expected \(spec.kind.allowed), found \(value)")
      }
      parameters[name] = value
    }
    return parameters
  }
}
