import Discrete
import Tensors

/// The targets of one frozen problem, each made once.
///
/// Sampled targets of growing size are prefixes of one stream of draws: cells that need the same
/// size share it, and a cell that needs more goes on from there.
final class TargetStock {
  /// How precise a target has to be for one cell.
  enum Need {
    /// `tr(S)/n` of the cell's sampled mean, on every scope.
    case noise([Double])
    /// The cell's moments are exact: what counts is the target's own norm.
    case norm
  }

  /// A target with what is needed to hold a cell against it.
  struct Choice {
    let gradient: TargetGradient
    let assembly: MeasurementAssembly
    /// False where the limit of draws came before the precision asked for.
    let isPrecise: Bool
  }

  private let problem: any DiscreteProblem
  private let settings: TargetSettings
  private let measure: MeasureSettings
  private let geometry: ScopeGeometry
  private let key: RandomKey
  private let workers: Int
  private let planner: MeasurementPlanner
  private let schedule: DrawSchedule
  private var engine: MonteCarloEngine?
  private var sampled: [Double: [Int: SizedTarget]] = [:]
  private var exact: [Double: TargetGradient] = [:]
  private var assemblies: [AssemblyKey: MeasurementAssembly] = [:]
  private var sizes: CostSizes?

  /// A sampled target with its squared error and squared norm on every scope.
  private struct SizedTarget {
    let gradient: TargetGradient
    let sums: SampledMeasurement
    let noise: [Double]
    let squares: [Double]
  }

  private struct AssemblyKey: Hashable {
    let temperature: Double
    /// Draws per block; nil for exact targets.
    let size: Int?
  }

  /// - Parameter key: key of the target's draws, independent of the estimates'.
  init(
    problem: any DiscreteProblem, settings: TargetSettings, measure: MeasureSettings,
    geometry: ScopeGeometry, key: RandomKey, workers: Int, planner: MeasurementPlanner
  ) {
    self.planner = planner
    self.problem = problem
    self.settings = settings
    self.measure = measure
    self.geometry = geometry
    self.key = key
    self.workers = workers
    func perBlock(_ draws: Int) -> Int { max(2, draws / measure.blocks) }
    schedule =
      settings.draws.map { DrawSchedule(perBlock($0)) }
      ?? {
        let limit = perBlock(settings.maxDraws(problem.shape))
        return DrawSchedule(first: min(perBlock(TargetStock.pilot), limit), limit: limit)
      }()
  }

  /// Draws of the smallest target whose size is found by itself.
  static let pilot = 1024

  /// The target at a temperature for a cell.
  ///
  /// - Parameter table: for exact targets; nil where the joint codes are not enumerated.
  /// - Throws: `DiscreteError`.
  func choose(_ temperature: Double, table: OracleTable?, for need: Need) throws -> Choice {
    if let made = exact[temperature] {
      return Choice(
        gradient: made, assembly: try assembly(temperature, made, size: nil, table: table),
        isPrecise: true)
    }
    if let made = try makeExact(temperature, table: table) {
      exact[temperature] = made
      return Choice(
        gradient: made, assembly: try assembly(temperature, made, size: nil, table: table),
        isPrecise: true)
    }
    var size = schedule.first
    var target = try sized(temperature, size, after: nil)
    // A target of a given size is as it is.
    let isSized = settings.draws == nil
    while isSized, !isPrecise(target, for: need), let next = schedule.next(size) {
      target = try sized(temperature, next, after: target)
      size = next
    }
    return Choice(
      gradient: target.gradient,
      assembly: try assembly(temperature, target.gradient, size: size, table: table),
      isPrecise: !isSized || isPrecise(target, for: need))
  }

  private func isPrecise(_ target: SizedTarget, for need: Need) -> Bool {
    let fraction = settings.errorFraction * settings.errorFraction
    return target.noise.indices.allSatisfy { scope in
      let square = target.squares[scope] - target.noise[scope]
      let byNorm = target.noise[scope] <= fraction / 100 * square
      guard case .noise(let noise) = need else { return byNorm }
      // A mean without noise beyond rounding: only the norm is left to compare with.
      guard noise[scope] > 1e-18 * target.squares[scope] else { return byNorm }
      return target.noise[scope] <= fraction * noise[scope]
    }
  }

  /// Nil where the plan is to draw.
  private func makeExact(_ temperature: Double, table: OracleTable?) throws -> TargetGradient? {
    try makeExact(temperature, table, planner.target(hasTable: table != nil))
  }

  private func makeExact(
    _ temperature: Double, _ table: OracleTable?, _ plan: TargetPlan
  ) throws -> TargetGradient? {
    switch plan.method {
    case .monteCarlo: return nil
    case .closedForm:
      if var closed = TargetGradient.closedForm(problem: problem, temperature: temperature) {
        closed.rounding = try costSizes(table).rows.enumerated().map { index, size in
          RowRounding(closedForm: problem.logits.row(index), size, temperature, problem.shape)
        }
        return closed
      }
      // Not finite at this temperature.
      let other = TargetPlan(problem, settings, hasClosedForm: false, hasTable: table != nil)
      return try makeExact(temperature, table, other)
    case .exact:
      guard let table else { break }
      return try TargetGradient.exact(
        problem: problem, table: table, temperature: temperature, workers: workers)
    case nil: break
    }
    throw DiscreteError.unsupported(plan.refusal ?? "there is no exact target here")
  }

  private func sized(
    _ temperature: Double, _ size: Int, after smaller: SizedTarget?
  ) throws -> SizedTarget {
    if let made = sampled[temperature]?[size] { return made }
    let engine = try sampling()
    let drawn = smaller?.sums.drawsPerBlock ?? 0
    let added = try TargetGradient.monteCarlo(
      engine: engine, samples: settings.samples, temperature: temperature,
      blocks: measure.blocks, drawsPerBlock: size - drawn, after: smaller?.sums)
    guard let sums = added.sampled else {
      throw DiscreteError.unsupported("a sampled target has no sums")
    }
    let parts = geometry.parts(of: added.gradient)
    let target = SizedTarget(
      gradient: added, sums: sums, noise: sums.noise(engine),
      squares: geometry.scopeSums(ScopeGeometry.dots(parts, parts)))
    sampled[temperature, default: [:]][size] = target
    return target
  }

  /// Sizes of the costs, found once.
  private func costSizes(_ table: OracleTable?) throws -> CostSizes {
    if let sizes { return sizes }
    let found = try CostSizes(problem, table: table)
    sizes = found
    return found
  }

  private func assembly(
    _ temperature: Double, _ gradient: TargetGradient, size: Int?, table: OracleTable?
  ) throws -> MeasurementAssembly {
    let key = AssemblyKey(temperature: temperature, size: size)
    if let assembly = assemblies[key] { return assembly }
    var assembly = MeasurementAssembly(
      geometry: geometry, target: gradient, engine: size == nil ? nil : try sampling(),
      level: measure.level)
    assembly.sizes = try costSizes(table)
    assemblies[key] = assembly
    return assembly
  }

  private func sampling() throws -> MonteCarloEngine {
    if let engine { return engine }
    let made = try MonteCarloEngine(
      source: DrawSource(problem: problem, key: key), geometry: geometry, workers: workers)
    engine = made
    return made
  }
}
