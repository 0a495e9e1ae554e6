import Discrete
import Foundation
import Models
import Tensors

/// The numbers of one problem by the names that certified rows use.
///
/// Everything that studies store comes from the session that studies take. Beside it stand numbers that
/// tables of others have and stores have not, from the same moments `m`, `tr Cov` and target `g*`:
///
/// | name | formula |
/// |---|---|
/// | `bias_sq_scaled` | `\|\|s m - g*\|\|^2`, `s = \|\|g*\|\| / \|\|m\|\|` |
/// | `variance_scaled` | `s^2 tr Cov` |
/// | `bias_norm` | `\|\|m - g*\|\|` |
/// | `mean_over_truth` | `<m, g*> / \|\|g*\|\|^2` |
/// | `value`, `value_var` | `E f`, `Var f` |
/// | `grad[i]` | entry `i` of `g*`, pulled back to the row's scope |
struct CertifiedNumbers {
  /// What the numbers of a row are made of, and how large they are by nature.
  struct Row {
    var numbers: [String: Double]
    /// Root of the second moment of one estimate, `sqrt(||m||^2 + tr Cov)`; of the cost's spread for rows of
    /// the problem itself. What rounding of a mean is a part of.
    var size: Double
    var targetNorm: Double
    /// `s`.
    var scale: Double
  }

  /// Most joint codes of a problem.
  static let maxJointCodes = 1 << 20

  private let item: PublishedProblem
  private let session: FidelitySession
  private let geometry: ScopeGeometry
  private let engine: ExactEngine
  private let table: OracleTable
  private let distribution: [Double]

  /// - Throws: errors of the oracle.
  init(_ item: PublishedProblem) throws {
    self.item = item
    let problem = item.problem
    session = FidelitySession(
      problem: problem, target: TargetSettings(maxJointCodes: Self.maxJointCodes),
      measure: MeasureSettings(moments: .exact, perDrawSamples: 0, gap: false),
      key: RandomKey(seed: 1))
    geometry = ScopeGeometry(problem: problem, scopes: [.logits, .layers, .all])
    table = try OracleTable(
      oracle: problem.oracle, limit: Self.maxJointCodes,
      gradients: problem.oracle.capabilities.gradients)
    engine = ExactEngine(
      problem: problem, table: table,
      geometry: ScopeGeometry(problem: problem, scopes: [.logits]), quadratureStep: 0.2, key: 1,
      workers: 1, moments: .exact)
    let row = problem.logits.row(0)
    if let size = item.subset {
      let distribution = SubsetDistribution(
        logOdds: (0..<row.latents).map { row.values[2 * $0 + 1] - row.values[2 * $0] }, size: size)
      let codes = table.codes
      self.distribution = (0..<table.jointCodes).map {
        distribution.probability(codes[$0 * row.latents..<($0 + 1) * row.latents])
      }
    } else {
      distribution = JointCodes(latents: row.latents, categories: row.categories)
        .weights(row.probabilities())
    }
  }

  /// Names that a row of the problem itself may have, and names of all other rows.
  static let ofProblem = ["value", "value_var", "target_norm", "grad[i]"]
  static let ofEstimators =
    ["bias_sq_scaled", "variance_scaled", "bias_norm", "mean_over_truth"]
    + Metric.ofMoments.map(\.rawValue)

  /// - Parameter estimator: nil for a row of the problem itself.
  /// - Throws: `DiscreteError` where there are no exact moments, or a scope is unknown.
  func numbers(_ estimator: (any GradientEstimator)?, scope: String?) throws -> Row {
    guard let estimator else { return try ofProblem(scope) }
    let request = FidelityRequest(estimator: estimator, distribution: .own)
    let target = try gradient(temperature: request.targetTemperature)
    guard let exact = try engine.measure([estimator])[0] else {
      throw DiscreteError.unsupported("this estimator has no exact moments on this problem")
    }
    var numbers: [String: Double] = [:]
    let trace = exact.traces[0] * (item.subset == nil ? 1 : 0.5)
    let (mean, truth) = (coordinates(exact.mean), coordinates(target))
    func norm(_ v: [Double]) -> Double { v.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    func gap(_ scale: Double) -> Double { norm(zip(mean, truth).map { scale * $0 - $1 }) }
    let scale = norm(truth) / norm(mean)
    numbers["bias_sq_scaled"] = gap(scale) * gap(scale)
    numbers["variance_scaled"] = scale * scale * trace
    numbers["bias_norm"] = gap(1)
    numbers["mean_over_truth"] =
      zip(mean, truth).reduce(0) { $0 + $1.0 * $1.1 } / (norm(truth) * norm(truth))
    if item.subset != nil {
      numbers["variance"] = trace
    } else {
      let name = scope ?? "logits"
      let report = try session.run([request])[0].get()
      let own = report.numbers.filter { $0.scope == name }
      guard !own.isEmpty else {
        throw DiscreteError.parameter(
          "unknown scope '\(name)'; known scopes: \(geometry.scopes.map(\.name).joined(separator: ", "))"
        )
      }
      for number in own where Metric.ofMoments.contains(number.metric) {
        numbers[number.metric.rawValue] = number.value
      }
    }
    return Row(
      numbers: numbers, size: (norm(mean) * norm(mean) + trace).squareRoot(),
      targetNorm: norm(truth), scale: scale)
  }

  private func ofProblem(_ scope: String?) throws -> Row {
    let values = table.values(row: 0)
    let mean = zip(distribution, values).reduce(0) { $0 + $1.0 * $1.1 }
    let variance = zip(distribution, values).reduce(0) { $0 + $1.0 * ($1.1 - mean) * ($1.1 - mean) }
    var vector = coordinates(try gradient(temperature: 1))
    if let scope {
      guard let found = geometry.scopes.first(where: { $0.name == scope }) else {
        throw DiscreteError.parameter(
          "unknown scope '\(scope)'; known scopes: \(geometry.scopes.map(\.name).joined(separator: ", "))"
        )
      }
      let parts = geometry.parts(of: vector)
      vector = found.parts.flatMap { parts[$0] }
    }
    let norm = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
    var numbers = ["value": mean, "value_var": variance, "target_norm": norm]
    for (index, entry) in vector.enumerated() { numbers["grad[\(index)]"] = entry }
    return Row(
      numbers: numbers, size: max(norm, variance.squareRoot(), abs(mean)), targetNorm: norm,
      scale: 1)
  }

  private func gradient(temperature: Double) throws -> [Double] {
    try TargetGradient.closedForm(problem: item.problem, temperature: temperature)?.gradient
      ?? TargetGradient.exact(
        problem: item.problem, table: table, temperature: temperature, workers: 1
      ).gradient
  }

  /// Subset problems are counted in their log-odds, `psi = phi_1 - phi_0`.
  private func coordinates(_ vector: [Double]) -> [Double] {
    item.subset == nil ? vector : stride(from: 1, to: vector.count, by: 2).map { vector[$0] }
  }
}
