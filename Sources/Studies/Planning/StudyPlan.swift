import Discrete
import Fidelity
import Tensors

/// What a run of the missing cells of a study would take, one row per problem and weights. Nothing is
/// measured or stored.
public struct StudyPlan: Sendable {
  /// The forecast of one problem with one set of weights.
  public struct Row: Sendable {
    public let problem: String
    public let weights: String
    public let cells: Int
    /// Those of `cells` that are stored already.
    public let stored: Int
    public let shape: LayerShape
    /// What the missing cells take; nil where none is missing.
    public let forecast: FidelityForecast?
    /// Steps of training that lead here from the weights that are there, or from the row before
    /// where one pass reaches both.
    public let trainingSteps: Int
    /// Seconds of training before the measurement; 0 for weights that are there, and where no cell
    /// is missing.
    public let trainingSeconds: Double
  }

  public let rows: [Row]

  /// Runs a pilot of about two seconds on every problem and weights of which cells are missing.
  ///
  /// - Parameter stored: hashes of the cells that a run would leave out.
  /// - Throws: `StudyRunError.infeasible` with all refusals of the study; `DiscreteError` of an
  ///   oracle.
  public init(
    _ study: ResolvedStudy, environment: ProblemEnvironment, jobs: Int, stored: Set<String> = []
  ) throws {
    guard study.refusals.isEmpty else { throw StudyRunError.infeasible(study.refusals) }
    let weights = ModelWeights(
      environment: environment, catalogue: study.catalogue, progress: { _ in })
    let passes = Set(study.trainings.map(\.record.hash))
    // The last step behind which a pass over all checkpoints of a training goes on.
    var reached: [String: Int] = [:]
    rows = try study.groups.map { group in
      let missing = group.cells.filter { !stored.contains($0.hash) }
      let kept = missing.isEmpty ? nil : try weights.frozen(group)
      var (steps, training) = (0, 0.0)
      if case .trained(let entry) = group.weights, let hash = group.training {
        if !missing.isEmpty, kept == nil {
          steps = max(0, entry.steps - (reached[hash] ?? 0))
          training = try weights.secondsPerStep(group) * Double(steps)
        }
        if passes.contains(hash) { reached[hash] = max(reached[hash] ?? 0, entry.steps) }
      }
      let forecast = try StudyPlan.forecast(
        of: missing, in: group, study, kept: kept, jobs: jobs, training: training)
      let label = group.cells.first?.record
      return Row(
        problem: label?.problem ?? group.problem.kind, weights: label?.weights ?? "initial",
        cells: group.cells.count, stored: group.cells.count - missing.count,
        shape: group.initial.shape, forecast: forecast, trainingSteps: steps,
        trainingSeconds: training)
    }
  }

  /// - Parameters:
  ///   - kept: the problem with its weights; nil where it has yet to be trained.
  ///   - training: seconds of training, which the forecast includes.
  private static func forecast(
    of cells: [StudyCell], in group: StudyGroup, _ study: ResolvedStudy,
    kept: (any DiscreteProblem)?, jobs: Int, training: Double
  ) throws -> FidelityForecast? {
    guard !cells.isEmpty else { return nil }
    let pilot = FidelityPilot(
      problem: kept ?? group.initial, target: study.file.target, measure: study.file.measure,
      key: RandomKey(seed: study.file.seed).derived(group.identity), jobs: jobs)
    var forecast = try pilot.forecast(
      cells.map { try $0.request(group.initial.shape, study.catalogue) })
    forecast.seconds += training
    if kept == nil { forecast.notes.append("pilot with the initial weights") }
    if kept == nil, let problem = group.initial.trainable {
      forecast.peakBytes = max(forecast.peakBytes, TrainingMemory.peak(problem))
      if let refusal = TrainingMemory.refusal(problem) { forecast.notes.append(refusal) }
    }
    let sizes = ParameterSizes(group.initial, measure: study.file.measure, workers: jobs)
    if let text = sizes.filesText(cells: cells.count) { forecast.notes.append(text) }
    if let rule = study.file.measure.precision, !forecast.isPrecise {
      forecast.notes.append("max-draws \(rule.maxDraws) ends before se \(rule.errorBelow)")
    }
    return forecast
  }
}
