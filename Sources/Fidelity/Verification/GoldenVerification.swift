import Discrete
import Estimators
import Foundation
import Models
import Tensors

/// Recomputes every problem and estimator of a reference file by the exact-moments path.
///
/// A finite sum must agree to `relativeTolerance` of the problem's scale; integrals to the stated
/// errors of both sides.
public struct GoldenVerification: Sendable {
  /// Deviation of one estimator setting of one problem.
  public struct Row: Sendable {
    public let problem: String
    public let estimator: String
    public let parameters: String
    public let method: String
    /// Largest deviation of a mean or variance in units of its tolerance; above 1 is a failure.
    public let worst: Double
    /// What deviates most, for people.
    public let place: String
    public var passed: Bool { worst <= 1 }
  }

  public static let relativeTolerance = 1e-9
  /// Most joint codes of a problem.
  public static let maxJointCodes = 1 << 20
  /// Standard errors allowed to randomised references.
  public static let randomisedLimit = 5.0

  public let rows: [Row]
  public var passed: Bool { rows.allSatisfy(\.passed) }

  /// - Throws: errors of the oracle; `DiscreteError.unsupported` for an unknown estimator id.
  public init(
    _ file: GoldenFile, workers: Int, progress: @Sendable (Int, Int) -> Void = { _, _ in }
  ) throws {
    var rows: [Row] = []
    let total = file.problems.reduce(0) { $0 + $1.estimators.count }
    for problem in file.problems {
      let check = try ProblemCheck(problem)
      rows.append(check.gradientRow())
      let done = rows.count
      let estimators = problem.estimators
      rows += try parallelMap(estimators.count, workers: workers) { index in
        let row = try check.row(estimators[index])
        progress(done + index, total)
        return row
      }
    }
    rows += try parallelMap(file.quantisers.count, workers: workers) { index in
      try QuantiserCheck(file.quantisers[index]).rows()
    }.flatMap(\.self)
    self.rows = rows
  }

  /// The worst row of each estimator, in order of first appearance.
  public var worstByEstimator: [Row] {
    var order: [String] = []
    var worst: [String: Row] = [:]
    for row in rows {
      if worst[row.estimator] == nil { order.append(row.estimator) }
      if let held = worst[row.estimator], held.worst >= row.worst { continue }
      worst[row.estimator] = row
    }
    return order.compactMap { worst[$0] }
  }
}

/// The checks of one problem.
private struct ProblemCheck: Sendable {
  let golden: GoldenProblem
  let table: OracleTable
  let geometry: ScopeGeometry
  let target: TargetGradient

  init(_ golden: GoldenProblem) throws {
    self.golden = golden
    table = try OracleTable(
      oracle: golden.problem.oracle, limit: GoldenVerification.maxJointCodes,
      gradients: golden.problem.oracle.capabilities.gradients)
    geometry = ScopeGeometry(problem: golden.problem, scopes: [.logits])
    target = try TargetGradient.exact(
      problem: golden.problem, table: table, temperature: 1, workers: 1)
  }

  /// The exact gradient and the cost's own moments.
  func gradientRow() -> GoldenVerification.Row {
    let row = golden.problem.logits.row(0)
    let weights = JointCodes(row.shape).weights(
      row.probabilities())
    let values = table.values(row: 0)
    let mean = zip(weights, values).reduce(0) { $0 + $1.0 * $1.1 }
    let variance = zip(weights, values).reduce(0) { $0 + $1.0 * ($1.1 - mean) * ($1.1 - mean) }
    let scale = golden.exact.gradient.map(abs).max() ?? 0
    var worst = Worst()
    let limit = GoldenVerification.relativeTolerance
    for index in target.gradient.indices {
      worst.add(
        "gradient \(index)", target.gradient[index] - golden.exact.gradient[index], limit * scale)
    }
    worst.add("value", mean - golden.exact.value, limit * max(abs(mean), variance.squareRoot()))
    worst.add("value variance", variance - golden.exact.valueVariance, limit * max(variance, 1e-12))
    worst.add(
      "gradient norm", norm(target.gradient) - golden.exact.gradientNorm,
      limit * golden.exact.gradientNorm)
    return GoldenVerification.Row(
      problem: golden.name, estimator: "exact", parameters: "", method: "enumeration",
      worst: worst.ratio, place: worst.place)
  }

  func row(_ reference: GoldenEstimator) throws -> GoldenVerification.Row {
    let parameters = reference.parameters.sorted { $0.key < $1.key }
      .map { "\($0.key)=\($0.value)" }.joined(separator: ", ")
    let estimator = try GoldenNames.estimator(reference)
    let moments = try exactMoments(estimator)
    var worst = Worst()
    guard let moments else {
      return GoldenVerification.Row(
        problem: golden.name, estimator: reference.id, parameters: parameters,
        method: reference.method, worst: .infinity, place: "no exact moments at this size")
    }
    compare(moments, reference, &worst)
    return GoldenVerification.Row(
      problem: golden.name, estimator: reference.id, parameters: parameters,
      method: reference.method, worst: worst.ratio, place: worst.place)
  }

  private func exactMoments(_ estimator: any GradientEstimator) throws -> ExactMoments? {
    let row = golden.problem.logits.row(0)
    if estimator.plan.relaxed {
      return try RelaxedQuadrature(oracle: golden.problem.oracle, row: row, key: 1)
        .moments(estimator)
    }
    return try estimator.exact?.exactMoments(
      row,
      RowJointCodes(
        row: row, distribution: estimator.plan.distribution, codes: table.codes,
        values: table.values(row: 0),
        gradients: table.gradients(row: 0), quadratureStep: 0.2))
  }

  private func compare(
    _ exact: ExactMoments, _ reference: GoldenEstimator, _ worst: inout Worst
  ) {
    let width = reference.mean.count
    let limit = GoldenVerification.relativeTolerance
    let mean = exact.moments.mean
    let variance = (0..<width).map { exact.moments.covariance[$0 * width + $0] }
    let scale = max(norm(mean), norm(reference.mean), 1e-12)
    // A variance is a difference of second moments: its rounding scale includes the mean's square.
    let varianceScale = max(reference.traceVariance, variance.reduce(0, +), 1e-6 * scale * scale)
    let stated = reference.quadratureError ?? 0
    for index in 0..<width {
      worst.add(
        "mean \(index)", mean[index] - reference.mean[index],
        limit * scale + stated + errors(exact, reference, index, mean: true))
      worst.add(
        "variance \(index)", variance[index] - reference.variance[index],
        limit * varianceScale + stated + errors(exact, reference, index, mean: false))
    }
    // Derived fields of the reference must fit its own mean and variance.
    let bias = norm(zip(reference.mean, golden.exact.gradient).map { $0 - $1 })
    worst.add("bias_norm", bias - reference.biasNorm, limit * scale)
    worst.add(
      "rel_bias", bias / golden.exact.gradientNorm - reference.relativeBias,
      limit * max(scale / golden.exact.gradientNorm, 1))
    worst.add(
      "trace_var", reference.variance.reduce(0, +) - reference.traceVariance,
      limit * varianceScale)
    if let cosine = reference.cosine {
      let dot = zip(reference.mean, golden.exact.gradient).reduce(0) { $0 + $1.0 * $1.1 }
      worst.add(
        "cosine", dot / (norm(reference.mean) * golden.exact.gradientNorm) - cosine, limit)
    }
  }

  /// Stated errors of both sides of one coordinate.
  private func errors(
    _ exact: ExactMoments, _ reference: GoldenEstimator, _ index: Int, mean: Bool
  ) -> Double {
    let width = reference.mean.count
    let theirs = (mean ? reference.meanError : reference.varianceError)?[index] ?? 0
    var ours = 0.0
    if let errors = exact.standardErrors {
      ours = mean ? errors.mean[index] : errors.covariance[index * width + index]
    }
    return GoldenVerification.randomisedLimit * (theirs * theirs + ours * ours).squareRoot()
  }

  private func norm(_ vector: [Double]) -> Double {
    vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }
}

/// The largest deviation in units of its tolerance.
struct Worst {
  var ratio = 0.0
  var place = ""

  mutating func add(_ place: String, _ deviation: Double, _ tolerance: Double) {
    let ratio = deviation == 0 ? 0 : abs(deviation) / tolerance
    guard !(ratio <= self.ratio) else { return }
    self.ratio = ratio.isNaN ? .infinity : ratio
    self.place = place
  }
}

/// The estimators behind the ids of reference files.
package enum GoldenNames {
  /// - Throws: `DiscreteError.unsupported` for an unknown id, `DiscreteError.parameter` for a
  ///   missing or impossible parameter.
  package static func estimator(_ reference: GoldenEstimator) throws -> any GradientEstimator {
    try estimator(reference.id, reference.parameters)
  }

  /// - Throws: as above.
  static func estimator(
    _ id: String, _ parameters: [String: Double]
  ) throws -> any GradientEstimator {
    func number(_ name: String) throws -> ParameterValue {
      guard let value = parameters[name] else {
        throw DiscreteError.parameter("estimator '\(id)' needs the parameter '\(name)'")
      }
      return .number(value)
    }
    func temperatures(_ more: [String: String]) throws -> [String: ParameterValue] {
      var parameters = more.mapValues { ParameterValue.text($0) }
      parameters["tau-forward"] = try number("tau_f")
      parameters["tau-backward"] = try number("tau_b")
      return parameters
    }
    switch id {
    case "reinforce": return try EstimatorRegistry.make("reinforce")
    case "reinforce_loo":
      guard case .number(let n) = try number("n"), let samples = Int(exactly: n) else {
        throw DiscreteError.parameter("estimator 'reinforce_loo': n must be a whole number")
      }
      return try EstimatorRegistry.make("reinforce-loo", ["samples": .integer(samples)])
    case "st": return try EstimatorRegistry.make("st", ["tau": number("tau")])
    case "reinmax": return try EstimatorRegistry.make("reinmax", ["tau": number("tau")])
    case "gs": return try EstimatorRegistry.make("gumbel-softmax", ["tau": number("tau")])
    case "stgs": return try EstimatorRegistry.make("st-gs", ["tau": number("tau")])
    case "dst": return try EstimatorRegistry.make("decoupled-st", temperatures([:]))
    case "dstgs":
      return try EstimatorRegistry.make(
        "decoupled-st-gs", temperatures(["placement": "scaled-sum"]))
    case "dgs":
      return try EstimatorRegistry.make(
        "decoupled-st-gs", temperatures(["placement": "scaled-sum", "forward": "soft"]))
    case "dstgs_scaled_logits":
      return try EstimatorRegistry.make("decoupled-st-gs", temperatures([:]))
    default:
      throw DiscreteError.unsupported(
        "unknown estimator id '\(id)'; known ids: dgs, dst, dstgs, dstgs_scaled_logits, gs, reinforce, reinforce_loo, reinmax, st, stgs"
      )
    }
  }
}
