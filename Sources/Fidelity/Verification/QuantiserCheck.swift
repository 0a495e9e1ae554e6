import Discrete
import Estimators
import Foundation
import Models
import Tensors

/// The checks of one quantiser of a reference file: its forward, its four targets, its surrogates, and estimators on
/// its assignments.
struct QuantiserCheck: Sendable {
  let golden: GoldenQuantiser
  private var point: QuantisedPoint { golden.tokens.point }
  private var fields: JSONField { golden.fields }

  init(_ golden: GoldenQuantiser) { self.golden = golden }

  /// A target of the file, recomputed.
  private struct Target {
    let name: String
    let relativeWidth: Double
    let problem: QuantiserProblem
    let table: OracleTable
    let own: QuantiserTarget

    var assignment: Assignment { problem.assignment }
  }

  func rows() throws -> [GoldenVerification.Row] {
    var rows = [try forwardRow(), try gapRow()]
    var targets: [Target] = []
    for (name, smoothing) in [("T1", Smoothing.gaussian), ("T2", .soft)] {
      for field in try fields.optional(name)?.elements() ?? [] {
        let target = try target(name, smoothing, field)
        targets.append(target)
        rows.append(try row(target, field))
      }
    }
    rows += try fields.optional("T3")?.elements().map(secantRow) ?? []
    rows +=
      try fields.optional("surrogates")?.elements().map { try surrogateRow($0, targets) } ?? []
    rows +=
      try fields.optional("stochastic")?.elements().map { try stochasticRow($0, targets) } ?? []
    return rows
  }

  // MARK: Reading

  private var tokens: Int { point.points.count / point.quantiser.dimension }

  /// `[tokens][d]` of a field.
  private func vectors(_ field: JSONField, _ name: String) throws -> [Double] {
    try field.member(name).numbers(
      [tokens, point.quantiser.dimension], reason: "the coordinates of z_e")
  }

  private func text(_ parameters: JSONField) throws -> String {
    try parameters.names().sorted().map { name in
      let value = try parameters.member(name)
      if case .text(let text) = value.value { return "\(name)=\(text)" }
      return "\(name)=\(try value.number())"
    }.joined(separator: ", ")
  }

  private func row(
    _ estimator: String, _ parameters: String, _ method: String, _ worst: Worst
  ) -> GoldenVerification.Row {
    GoldenVerification.Row(
      problem: golden.name, estimator: estimator, parameters: parameters, method: method,
      worst: worst.ratio, place: worst.place)
  }

  private static func norm(_ vector: [Double]) -> Double {
    vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  private static func dot(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  }

  private static let limit = GoldenVerification.relativeTolerance

  /// Compares arrays: rounding of the largest entry, and both sides' standard errors.
  private static func compare(
    _ place: String, _ own: [Double], _ reference: [Double], own errors: [Double] = [],
    reference theirs: [Double] = [], into worst: inout Worst
  ) {
    let scale = max(reference.map(abs).max() ?? 0, 1e-300)
    guard own.count == reference.count else {
      worst.add("\(place): \(own.count) numbers for \(reference.count)", .infinity, 1)
      return
    }
    for index in own.indices {
      let ours = errors.isEmpty ? 0 : errors[index]
      let other = theirs.isEmpty ? 0 : theirs[index]
      worst.add(
        own.count == 1 ? place : "\(place) \(index)", own[index] - reference[index],
        limit * scale + GoldenVerification.randomisedLimit
          * (ours * ours + other * other).squareRoot())
    }
  }

  // MARK: Forward

  private func forwardRow() throws -> GoldenVerification.Row {
    let field = try fields.member("forward")
    var worst = Worst()
    let quantised = try point.decoded(point.quantised)
    let around = point.quantiser.bypassed(point.points)
    let bypassed = try point.decoded(around)
    Self.compare("z_q", point.quantised, try vectors(field, "z_q"), into: &worst)
    Self.compare("value", [quantised.value], [try field.member("value").number()], into: &worst)
    Self.compare(
      "grad_at_zq", quantised.gradient, try vectors(field, "grad_at_zq"), into: &worst)
    Self.compare("bypass_point", around, try vectors(field, "bypass_point"), into: &worst)
    Self.compare(
      "bypass_value", [bypassed.value], [try field.member("bypass_value").number()], into: &worst)
    Self.compare(
      "grad_at_bypass", bypassed.gradient, try vectors(field, "grad_at_bypass"), into: &worst)
    if try field.optional("bounded") != nil {
      Self.compare(
        "bounded", point.quantiser.bounded(point.points), try vectors(field, "bounded"),
        into: &worst)
      Self.compare(
        "bounded_derivative", point.quantiser.boundDerivatives(point.points),
        try vectors(field, "bounded_derivative"), into: &worst)
    }
    let cells = try fields.member("cell").numbers(
      [tokens * point.quantiser.units.count], reason: "one per unit")
    let widths = point.quantiser.widths(1, isRelative: true)
    Self.compare(
      "cell", cells.indices.map { widths[$0 % widths.count] }, cells, into: &worst)
    return row("forward", "", "closed-form", worst)
  }

  /// T4.
  private func gapRow() throws -> GoldenVerification.Row {
    let field = try fields.member("T4")
    let gradients = try point.decoded(point.quantised).gradient
    let bypassed = try point.decoded(point.quantiser.bypassed(point.points)).gradient
    let gap = Self.norm(zip(gradients, bypassed).map { $0 - $1 })
    var worst = Worst()
    Self.compare("abs", [gap], [try field.member("abs").number()], into: &worst)
    Self.compare(
      "rel", [gap / Self.norm(bypassed)], [try field.member("rel").number()], into: &worst)
    return row("T4", "", "closed-form", worst)
  }

  // MARK: Smoothed targets

  private func target(
    _ name: String, _ smoothing: Smoothing, _ field: JSONField
  ) throws -> Target {
    let width = try field.member("s_rel").number()
    let problem = try QuantiserProblem(
      golden.tokens,
      Assignment(
        point.quantiser, at: point.points, smoothing: smoothing, width: width, isRelative: true,
        key: RandomKey(seed: 1)))
    let table = try OracleTable(
      oracle: problem.oracle, limit: GoldenVerification.maxJointCodes, gradients: true)
    return Target(
      name: name, relativeWidth: width, problem: problem, table: table,
      own: try QuantiserTarget(problem, table: table))
  }

  /// The target that a field compares with.
  private func target(of field: JSONField, among targets: [Target]) throws -> Target {
    let (name, width) = (
      try field.member("target").text(), try field.member("s_rel").number()
    )
    guard let target = targets.first(where: { $0.name == name && $0.relativeWidth == width }) else {
      throw field.failure("there is no target \(name) with s_rel \(width)")
    }
    return target
  }

  private func row(_ target: Target, _ field: JSONField) throws -> GoldenVerification.Row {
    var worst = Worst()
    let units = point.quantiser.units
    let widths = point.quantiser.widths(target.relativeWidth, isRelative: true)
    Self.compare(
      "s", (0..<tokens * units.count).map { widths[$0 % units.count] },
      try field.member("s").numbers([tokens * units.count], reason: "one per unit"), into: &worst)
    Self.compare(
      "value", [target.own.value], [try field.member("value").number()],
      own: [target.own.valueError], reference: [try field.optional("value_se")?.number() ?? 0],
      into: &worst)
    let errors = target.own.gradient.indices.map { index in target.own.error { $0[index] } }
    Self.compare(
      "grad", target.own.gradient, try vectors(field, "grad"), own: errors,
      reference: try field.optional("grad_se") == nil ? [] : vectors(field, "grad_se"), into: &worst
    )
    Self.compare(
      "grad_norm", [Self.norm(target.own.gradient)], [try field.member("grad_norm").number()],
      own: [target.own.error(Self.norm)],
      reference: [try field.optional("grad_norm_se")?.number() ?? 0], into: &worst)
    let stated = try perUnit(field.member("p"))
    let statedErrors = try field.optional("p_se").map(perUnit)
    for (index, unit) in target.assignment.units.enumerated() {
      let lengths = [unit.logProbabilities.count]
      let errors = unit.logProbabilities.indices.map { category in
        Jackknife.error(
          target.assignment.replicates.map { exp($0[index].logProbabilities[category]) })
      }
      Self.compare(
        "p \(index)", unit.logProbabilities.map(exp),
        try stated[index].numbers(lengths, reason: "one per category"), own: errors,
        reference: try statedErrors?[index]
          .numbers(lengths, reason: "one per category") ?? [], into: &worst)
    }
    if target.name == "T2", try field.optional("codebook_grad") != nil {
      try compareCodebooks(target, field, into: &worst)
    }
    return row(
      target.name, "s_rel=\(target.relativeWidth)", try field.member("method").text(), worst)
  }

  /// The lists of a field, one a unit of each token.
  private func perUnit(_ field: JSONField) throws -> [JSONField] {
    let (lists, due) = (try field.elements(), tokens * point.quantiser.units.count)
    guard lists.count == due else {
      throw field.failure("expected \(due) lists, one per unit, found \(lists.count)")
    }
    return lists
  }

  /// Numbers of codebooks: `[K][d']` for one, `[books][K][d']` for several.
  private func codebooks(_ field: JSONField) throws -> [Double] {
    let books = point.quantiser.codebooks
    let width =
      point.quantiser.kind == .residual
      ? point.quantiser.dimension : point.quantiser.units[0].dimension
    guard !books.isEmpty else {
      throw field.failure("this quantiser has no codebook", hint: "leave the field out")
    }
    guard field.depth == 3 else {
      return try field.numbers([books[0].count / width, width], reason: "the codebook")
    }
    let parts = try field.elements()
    guard parts.count == books.count else {
      throw field.failure("expected \(books.count) codebooks, found \(parts.count)")
    }
    return try zip(parts, books).flatMap {
      try $0.numbers([$1.count / width, width], reason: "the codebook")
    }
  }

  /// The gradient of a soft target at the codes: through what the decoder sees, `E[1{code = k} dL/dz_q]`, and through
  /// the probabilities, `p_k (F_k - E L)(z - e_k)/s^2`.
  private func compareCodebooks(
    _ target: Target, _ field: JSONField, into worst: inout Worst
  ) throws {
    // Read first: a quantiser without codebooks has no sums for them.
    let stated = try ["codebook_grad_through_codes", "codebook_grad_through_p", "codebook_grad"]
      .map { ($0, try codebooks(field.member($0))) }
    let (problem, table) = (target.problem, target.table)
    let weights = JointCodes(problem.shape).weights(problem.logits.row(0).probabilities())
    let logitGradient = try TargetGradient.exact(
      problem: problem, table: table, temperature: 1, workers: 1
    ).gradient
    let codes = JointCodes(problem.shape).codes(0..<weights.count)
    var through = point.zeroCodebooks
    for (jointCode, weight) in weights.enumerated() where weight > 0 {
      let own = (0..<problem.shape.latents).map {
        Int(codes[jointCode * problem.shape.latents + $0])
      }
      let h = try point.decoded(point.quantiser.vectors(own)).gradient
      for (latent, category) in own.enumerated() {
        let (_, index, coordinates) = point.quantiser.unit(ofLatent: latent)
        point.add(
          h[coordinates].map { weight * $0 }, unit: index, category: category, to: &through)
      }
    }
    var probabilities = point.zeroCodebooks
    let widths = point.quantiser.widths(target.relativeWidth, isRelative: true)
    for latent in 0..<problem.shape.latents {
      let (unit, index, coordinates) = point.quantiser.unit(ofLatent: latent)
      for category in 0..<unit.count {
        let pull =
          logitGradient[latent * problem.shape.categories + category]
          / (widths[index] * widths[index])
        point.add(
          zip(point.points[coordinates], unit.vector(category)).map {
            pull * ($0 - $1)
          }, unit: index, category: category, to: &probabilities)
      }
    }
    let (codesPart, probabilityPart) = (through.flatMap(\.self), probabilities.flatMap(\.self))
    let own = [codesPart, probabilityPart, zip(codesPart, probabilityPart).map { $0 + $1 }]
    for ((name, stated), own) in zip(stated, own) {
      Self.compare(name, own, stated, into: &worst)
    }
  }

  // MARK: Secant

  /// T3.
  private func secantRow(_ field: JSONField) throws -> GoldenVerification.Row {
    let secant = try Secant(point, relativeStep: field.member("h_rel").number())
    var worst = Worst()
    Self.compare("h", [secant.step], [try field.member("h").number()], into: &worst)
    Self.compare("direction", secant.direction, try vectors(field, "direction"), into: &worst)
    Self.compare(
      "surrogate_slope", [secant.promised], [try field.member("surrogate_slope").number()],
      into: &worst)
    Self.compare("secant", [secant.slope], [try field.member("secant").number()], into: &worst)
    for (name, own) in [("unit_codes_plus", secant.ahead), ("unit_codes_minus", secant.behind)] {
      Self.compare(
        name, own.map(Double.init),
        try field.member(name).numbers([own.count], reason: "one per unit"), into: &worst)
    }
    return row(
      "T3", "h_rel=\(try field.member("h_rel").number())", "closed-form", worst)
  }

  // MARK: Surrogates

  private func surrogateRow(
    _ field: JSONField, _ targets: [Target]
  ) throws -> GoldenVerification.Row {
    let id = try field.member("id").text()
    let params = try field.member("params")
    let surrogate = try surrogate(id, params)
    let moments = try SurrogateMoments(surrogate, at: point, key: 1)
    var worst = Worst()
    func compare(_ name: String, _ part: (SurrogateMoments.Part) -> [Double]) throws {
      guard let member = try field.optional(name) else { return }
      let isCodebook = name.hasPrefix("codebook")
      func read(_ member: JSONField) throws -> [Double] {
        isCodebook
          ? try codebooks(member)
          : try member.numbers([tokens, point.quantiser.dimension], reason: "z_e")
      }
      Self.compare(
        name, part(moments.pooled), try read(member), own: moments.errors(part),
        reference: try field.optional("\(name)_se").map(read) ?? [], into: &worst)
    }
    try compare("grad") { $0.points }
    try compare("var") { $0.pointVariances }
    if try field.optional("codebook_grad") != nil, !point.quantiser.codebooks.isEmpty {
      try compare("codebook_grad") { $0.codebooks }
      try compare("codebook_var") { $0.codebookVariances }
    }
    for against in try field.member("against").elements() {
      try self.compare(moments, against, targets, into: &worst)
    }
    return row(id, try text(params), try field.member("method").text(), worst)
  }

  private func surrogate(_ id: String, _ params: JSONField) throws -> any Surrogate {
    let known = EstimatorRegistry.surrogates
    guard let kind = known.first(where: { $0.name == id }) else {
      throw DiscreteError.unsupported(
        "unknown surrogate '\(id)'; known: \(known.map(\.name).joined(separator: ", "))")
    }
    var given: [String: ParameterValue] = [:]
    // The bound belongs to the quantiser.
    for name in try params.names() where !["bound", "eps"].contains(name) {
      let value = try params.member(name)
      if case .text(let text) = value.value {
        given[name] = .text(text)
      } else {
        given[name] = .number(try value.number())
      }
    }
    let made = try kind.make(ResolvedParameters(given, specs: kind.parameters))
    guard let surrogate = made.surrogate else {
      throw DiscreteError.unsupported("'\(id)' stands at logits")
    }
    guard surrogate.quantisers.contains(point.quantiser.kind) else {
      throw DiscreteError.unsupported(
        "surrogate '\(id)' \(surrogate.purpose), and this quantiser is of kind \(point.quantiser.kind.rawValue)"
      )
    }
    return surrogate
  }

  /// Relative bias and cosine against one target.
  private func compare(
    _ moments: SurrogateMoments, _ field: JSONField, _ targets: [Target], into worst: inout Worst
  ) throws {
    let target = try target(of: field, among: targets)
    func relative(_ own: [Double], _ target: [Double]) -> Double {
      Self.norm(zip(own, target).map { $0 - $1 }) / Self.norm(target)
    }
    func cosine(_ own: [Double], _ target: [Double]) -> Double {
      Self.dot(own, target) / (Self.norm(own) * Self.norm(target))
    }
    for (member, function) in [("rel_bias", relative), ("cosine", cosine)] {
      guard let stated = try field.optional(member)?.number() else { continue }
      let own = moments.pooled.points
      let errors = [
        target.own.error { function(own, $0) },
        moments.error { function($0.points, target.own.gradient) },
      ]
      Self.compare(
        "\(member) against \(target.name)(\(target.relativeWidth))",
        [function(own, target.own.gradient)], [stated],
        own: [Self.norm(errors)], reference: [try field.optional("\(member)_se")?.number() ?? 0],
        into: &worst)
    }
  }

  // MARK: Estimators

  /// An estimator with logits `log p`, pulled back to `z_e`.
  private func stochasticRow(
    _ field: JSONField, _ targets: [Target]
  ) throws -> GoldenVerification.Row {
    let target = try target(of: field, among: targets)
    let params = try field.member("params")
    var parameters: [String: Double] = [:]
    for name in try params.names() { parameters[name] = try params.member(name).number() }
    let id = try field.member("id").text()
    let (problem, table) = (target.problem, target.table)
    let estimator = try GoldenNames.estimator(id, parameters).adapted(to: problem.shape)
    let logits = problem.logits.row(0)
    var worst = Worst()
    guard
      let moments = try estimator.exact?.exactMoments(
        logits,
        RowJointCodes(
          row: logits, distribution: estimator.plan.distribution, codes: table.codes,
          values: table.values(row: 0), gradients: table.gradients(row: 0), quadratureStep: 0.2)
      )?.moments, let pullback = problem.pullback
    else {
      worst.add("no exact moments at this size", .infinity, 1)
      return row(id, try text(params), "enumeration", worst)
    }
    let mean = pullback.pullBack(moments.mean)[0]
    let latents = problem.shape.width
    // J^T C J column by column: the pull-back of every row of the covariance, then once more.
    let half = (0..<latents).map {
      pullback.pullBack(Array(moments.covariance[$0 * latents..<($0 + 1) * latents]))[0]
    }
    let variance = mean.indices.map { coordinate in
      pullback.pullBack((0..<latents).map { half[$0][coordinate] })[0][coordinate]
    }
    let (statedMean, statedVariance) = (try vectors(field, "mean"), try vectors(field, "var"))
    Self.compare("mean", mean, statedMean, into: &worst)
    let scale = max(statedVariance.reduce(0, +), 1e-6 * Self.dot(statedMean, statedMean))
    for index in variance.indices {
      worst.add(
        "variance \(index)", variance[index] - statedVariance[index], Self.limit * scale)
    }
    worst.add(
      "trace_var", variance.reduce(0, +) - (try field.member("trace_var").number()),
      Self.limit * scale)
    let gradient = target.own.gradient
    let bias = Self.norm(zip(mean, gradient).map { $0 - $1 }) / Self.norm(gradient)
    worst.add(
      "rel_bias", bias - (try field.member("rel_bias").number()), Self.limit * max(1, bias))
    if let cosine = try field.optional("cosine")?.number() {
      worst.add(
        "cosine", Self.dot(mean, gradient) / (Self.norm(mean) * Self.norm(gradient)) - cosine,
        Self.limit)
    }
    let setting = [try text(params), "\(target.name)(\(target.relativeWidth))"].filter {
      !$0.isEmpty
    }
    return row(id, setting.joined(separator: ", "), try field.member("method").text(), worst)
  }
}
