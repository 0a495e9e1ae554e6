import Discrete
import Fidelity
import Tensors

/// What a run of the missing cells of a study would take, one row per problem state. Nothing is
/// measured or stored.
public struct StudyPlan: Sendable {
  /// The forecast of one problem in one state.
  public struct Row: Sendable {
    public let problem: String
    public let state: String
    public let cells: Int
    /// Those of `cells` that are stored already.
    public let stored: Int
    public let shape: LayerShape
    /// What the missing cells take; nil where none is missing.
    public let forecast: FidelityForecast?
    /// Seconds of training before the measurement; 0 for weights that are there, and where no cell
    /// is missing.
    public let trainingSeconds: Double
  }

  public let rows: [Row]

  /// Runs a pilot of about two seconds on every problem state of which cells are missing.
  ///
  /// - Parameter stored: hashes of the cells that a run would leave out.
  /// - Throws: `StudyRunError.infeasible` with all refusals of the study; `DiscreteError` of an
  ///   oracle.
  public init(
    _ study: ResolvedStudy, environment: ProblemEnvironment, jobs: Int, stored: Set<String> = []
  ) throws {
    guard study.refusals.isEmpty else { throw StudyRunError.infeasible(study.refusals) }
    let states = ModelStates(
      environment: environment, catalogue: study.catalogue, progress: { _ in })
    rows = try study.groups.map { group in
      let missing = group.cells.filter { !stored.contains($0.hash) }
      var training = 0.0
      let forecast = try StudyPlan.forecast(
        of: missing, in: group, study, states: states, jobs: jobs, training: &training)
      let label = group.cells.first?.record
      return Row(
        problem: label?.problem ?? group.problem.kind, state: label?.modelState ?? "initial",
        cells: group.cells.count, stored: group.cells.count - missing.count,
        shape: group.initial.shape, forecast: forecast, trainingSeconds: training)
    }
  }

  /// - Parameter training: seconds of training, which the forecast includes.
  private static func forecast(
    of cells: [StudyCell], in group: StudyGroup, _ study: ResolvedStudy, states: ModelStates,
    jobs: Int, training: inout Double
  ) throws -> FidelityForecast? {
    guard !cells.isEmpty else { return nil }
    let kept = try states.frozen(group)
    if kept == nil, case .trained(let entry) = group.state {
      training = try states.secondsPerStep(group) * Double(entry.steps)
    }
    let pilot = FidelityPilot(
      problem: kept ?? group.initial, target: study.file.target, measure: study.file.measure,
      key: RandomKey(seed: study.file.seed).derived(group.identity), jobs: jobs)
    var forecast = try pilot.forecast(
      cells.map { try $0.request(group.initial.shape, study.catalogue) })
    forecast.seconds += training
    if kept == nil { forecast.notes.append("pilot with the initial weights") }
    if let rule = study.file.measure.precision, !forecast.isPrecise {
      forecast.notes.append("max-draws \(rule.maxDraws) ends before se \(rule.errorBelow)")
    }
    return forecast
  }
}
