import Discrete
import Foundation
import Tensors

/// What surrogates of one run were measured as, by request. The replicates of a problem have the same tokens and the
/// same decoder: they share it.
final class SurrogateMemo {
  var made: [Int: (measurement: SurrogateMeasurement, seconds: Double)] = [:]
}

/// The surrogates of one session: measured at `z_e` and on the parameters upstream of it, against the same targets as
/// the estimators of the session.
final class SurrogateCells {
  /// A surrogate held against its target.
  struct Cell {
    let target: TargetStock.Choice
    let numbers: [FidelityNumber]
    let method: MomentMethod
    /// What measuring took.
    let seconds: Double
  }

  private let problem: any DiscreteProblem
  private let target: TargetSettings
  private let measure: MeasureSettings
  private let key: RandomKey
  private let workers: Int
  private let planner: MeasurementPlanner
  private var engine: SurrogateEngine?
  private var targets: (stock: TargetStock, grams: [[Double]])?
  /// Of the run.
  var memo = SurrogateMemo()

  /// - Parameter key: that of the session.
  init(
    problem: any DiscreteProblem, target: TargetSettings, measure: MeasureSettings, key: RandomKey,
    workers: Int, planner: MeasurementPlanner
  ) {
    self.problem = problem
    self.target = target
    self.measure = measure
    self.key = key
    self.workers = workers
    self.planner = planner
  }

  /// Why a request cannot be served; nil where it can, or is no surrogate.
  func refusal(_ request: FidelityRequest) -> String? {
    guard let surrogate = request.estimator.surrogate else { return nil }
    if let refusal = surrogate.refusal(on: problem) { return "'\(request.name)' \(refusal)" }
    return measure.refusal(ofSurrogate: request.name)
  }

  /// - Parameters:
  ///   - index: of the request in its run.
  ///   - table: for exact targets; nil where the joint codes are not enumerated.
  func cell(_ request: FidelityRequest, _ index: Int, table: OracleTable?) throws -> Cell {
    let own = try measured(request, index)
    let (choice, grams) = try target(of: request, table)
    return Cell(
      target: choice,
      numbers: try choice.assembly.numbers(
        own.measurement, encoder: encoder(), grams: grams),
      method: own.measurement.replicates.isEmpty ? .exact : .quadrature, seconds: own.seconds)
  }

  /// The same as what paired differences are made of.
  func replicates(
    _ request: FidelityRequest, _ index: Int, table: OracleTable?
  ) throws -> (intervals: IntervalForming, scopes: [ScopeReplicates]) {
    let own = try measured(request, index)
    let (choice, grams) = try target(of: request, table)
    return (
      choice.assembly.intervals,
      try choice.assembly.replicates(
        own.measurement, encoder: encoder(), grams: grams)
    )
  }

  private func measured(
    _ request: FidelityRequest, _ index: Int
  ) throws -> (measurement: SurrogateMeasurement, seconds: Double) {
    if let known = memo.made[index] { return known }
    if let refusal = refusal(request) { throw DiscreteError.unsupported(refusal) }
    guard let surrogate = request.estimator.surrogate else {
      throw DiscreteError.unsupported("'\(request.name)' stands at logits")
    }
    let began = Date()
    let measurement = try measuring().measure(surrogate)
    let made = (measurement, Date().timeIntervalSince(began))
    memo.made[index] = made
    return made
  }

  private func measuring() throws -> SurrogateEngine {
    if let engine { return engine }
    guard let quantised = problem.quantiser else { throw Self.noQuantiser }
    let made = try SurrogateEngine(
      quantised, geometry: geometry(), key: key.derived("surrogate").value, workers: workers)
    engine = made
    return made
  }

  private func target(
    of request: FidelityRequest, _ table: OracleTable?
  ) throws -> (TargetStock.Choice, grams: [[Double]]) {
    let (stock, grams): (TargetStock, [[Double]])
    if let targets {
      (stock, grams) = targets
    } else {
      let geometry = try geometry()
      stock = TargetStock(
        problem: problem, settings: target, measure: measure, geometry: geometry,
        key: key.derived("target"), workers: workers, planner: planner)
      grams = try parallelMap(problem.shape.rows, workers: workers) {
        try RowGrams(geometry, row: $0).bounds
      }
      targets = (stock, grams)
    }
    return (try stock.choose(request.targetTemperature, table: table, for: .norm), grams)
  }

  private func encoder() throws -> (any ParameterPullback)? {
    try problem.quantiser.flatMap { try geometry().encoder(of: $0) }
  }

  private lazy var features = ScopeGeometry(atFeaturesOf: problem, scopes: measure.scopes)

  private func geometry() throws -> ScopeGeometry {
    guard let features else { throw Self.noQuantiser }
    return features
  }

  private static var noQuantiser: DiscreteError {
    .unsupported("this problem does not hand over its quantiser")
  }
}

extension MeasureSettings {
  /// Why a surrogate is not measured so, with the remedy; nil where it is.
  public func refusal(ofSurrogate name: String) -> String? {
    guard parameters else { return nil }
    return
      "single parameters are not measured of '\(name)', which stands at the input of a quantiser: leave 'parameters' or the surrogates out"
  }
}
