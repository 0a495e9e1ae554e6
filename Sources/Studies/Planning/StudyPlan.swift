import Discrete
import Fidelity
import Tensors

/// What a run of a study would take, one row per problem state. Nothing is measured or stored.
public struct StudyPlan: Sendable {
  /// The forecast of one problem in one state.
  public struct Row: Sendable {
    public let problem: String
    public let state: String
    public let cells: Int
    public let shape: LayerShape
    public let forecast: FidelityForecast
    /// Seconds of training before the measurement; 0 for weights that are there.
    public let trainingSeconds: Double
  }

  public let rows: [Row]

  /// Runs a pilot of about two seconds on every problem state of a study.
  ///
  /// - Throws: `StudyRunError.infeasible` with all refusals of the study; `DiscreteError` of an
  ///   oracle.
  public init(_ study: ResolvedStudy, environment: ProblemEnvironment, jobs: Int) throws {
    guard study.refusals.isEmpty else { throw StudyRunError.infeasible(study.refusals) }
    let states = ModelStates(
      environment: environment, catalogue: study.catalogue, progress: { _ in })
    rows = try study.groups.map { group in
      let kept = try states.frozen(group)
      var training = 0.0
      if kept == nil, case .trained(let entry) = group.state {
        training = try states.secondsPerStep(group) * Double(entry.steps)
      }
      let pilot = FidelityPilot(
        problem: kept ?? group.initial, target: study.file.target, measure: study.file.measure,
        key: RandomKey(seed: study.file.seed).derived(group.identity), jobs: jobs)
      var forecast = try pilot.forecast(
        group.cells.map { try $0.request(group.initial.shape, study.catalogue) })
      forecast.seconds += training
      if kept == nil { forecast.notes.append("pilot with the initial weights") }
      if let rule = study.file.measure.precision, !forecast.isPrecise {
        forecast.notes.append("max-draws \(rule.maxDraws) ends before se \(rule.errorBelow)")
      }
      let label = group.cells.first?.record
      return Row(
        problem: label?.problem ?? group.problem.kind, state: label?.modelState ?? "initial",
        cells: group.cells.count, shape: group.initial.shape, forecast: forecast,
        trainingSeconds: training)
    }
  }
}
