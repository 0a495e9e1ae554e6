import Discrete
import Fidelity
import Tensors

/// Paired comparison of cells of one study: the same problem and weights, the same target, common
/// draws where estimates are sampled. Nothing is stored.
public struct StudyComparison: Sendable {
  /// One compared pair.
  public struct Row: Sendable {
    public let problem: String
    public let weights: String
    public let distribution: String
    public let first: String
    public let second: String
    public let difference: PairedDifference
    /// The p-value corrected by Holm's method over all rows; nil where nothing was drawn.
    public var correctedP: Double?

    /// Whether the difference is told from zero after the correction.
    public var isResolved: Bool { difference.isResolved(pValue: correctedP) }

    /// Whether the first is resolved to be worse: larger, or smaller where larger is better.
    public var firstIsWorse: Bool {
      guard isResolved else { return false }
      return difference.metric.largerIsBetter
        ? difference.difference < 0 : difference.difference > 0
    }
  }

  public let study: ResolvedStudy
  public let environment: ProblemEnvironment
  public let jobs: Int
  public let progress: @Sendable (StudyProgress) -> Void

  public init(
    study: ResolvedStudy, environment: ProblemEnvironment, jobs: Int,
    progress: @escaping @Sendable (StudyProgress) -> Void
  ) {
    self.study = study
    self.environment = environment
    self.jobs = jobs
    self.progress = progress
  }

  /// Compares every cell whose estimator the first text means with every one of the second: a kind,
  /// or part of a label.
  ///
  /// - Throws: `StudyRunError.selection` where there is no such pair; `DiscreteError` where one
  ///   cannot be measured.
  public func compare(
    _ first: String, _ second: String, metrics: [Metric], scope: String?
  ) throws -> [Row] {
    for text in [first, second] { try checkEstimator(text) }
    let rows = try rows(metrics: metrics, scope: scope) { cells in
      let a = cells.filter { $0.isEstimator(first, study.catalogue) }
      let b = cells.filter { $0.isEstimator(second, study.catalogue) }
      return a.flatMap { one in b.filter { $0.hash != one.hash }.map { (one, $0) } }
    }
    guard !rows.isEmpty else {
      throw StudyRunError.selection(
        "no problem has both an estimator '\(first)' and another '\(second)'; "
          + "give kinds, or parts of the labels that `gradfid run` shows")
    }
    return rows
  }

  /// Compares every estimator with every other: those of logits with each other, and surrogates.
  public func matrix(metric: Metric, scope: String?) throws -> [Row] {
    let rows = try rows(metrics: [metric], scope: scope) { cells in
      let isSurrogate = cells.map { $0.isSurrogate(study.catalogue) }
      return cells.indices.flatMap { i in
        (i + 1..<cells.count).filter { isSurrogate[$0] == isSurrogate[i] }
          .map { (cells[i], cells[$0]) }
      }
    }
    guard !rows.isEmpty else {
      throw StudyRunError.selection(
        "no problem has two estimators to compare; add one to the study's `estimators`")
    }
    return rows
  }

  /// Refuses a text that means no estimator of the study, with the nearest kind.
  private func checkEstimator(_ text: String) throws {
    guard !study.cells.contains(where: { $0.isEstimator(text, study.catalogue) }) else { return }
    let kinds = Set(study.cells.map(\.record.estimator)).sorted()
    throw StudyRunError.selection(
      "the study has no estimator '\(text)'; "
        + NearestName.advice(for: text, among: kinds, title: "its kinds"))
  }

  /// Refuses a scope that no problem of the study is measured on.
  private func checkScope(_ scope: String?) throws {
    guard let scope else { return }
    var known: [String] = []
    for group in study.groups {
      let geometry = ScopeGeometry(problem: group.initial, scopes: study.file.measure.scopes)
      var own = geometry.scopes
      if group.cells.contains(where: { $0.isSurrogate(study.catalogue) }) {
        own +=
          ScopeGeometry(atFeaturesOf: group.initial, scopes: study.file.measure.scopes)?.scopes
          ?? []
      }
      for name in own.map(\.name) where !known.contains(name) { known.append(name) }
    }
    guard !known.contains(scope) else { return }
    throw StudyRunError.selection(
      "the study is not measured on a scope '\(scope)'; "
        + NearestName.advice(for: scope, among: known, title: "scopes"))
  }

  private func rows(
    metrics: [Metric], scope: String?, pairs: ([StudyCell]) -> [(StudyCell, StudyCell)]
  ) throws -> [Row] {
    try checkScope(scope)
    var rows: [Row] = []
    for group in study.groups {
      let wanted = study.file.target.distributions.flatMap { distribution in
        pairs(group.cells.filter { $0.distribution == distribution })
      }
      guard let label = wanted.first?.0.record else { continue }
      let problem = try ModelWeights(
        environment: environment, catalogue: study.catalogue, progress: progress
      ).problem(group, label: label.weights)
      progress(.measuring(problem: label.problem, weights: label.weights))
      let session = FidelitySession(
        problem: problem, target: study.file.target, measure: study.file.measure,
        key: RandomKey(seed: study.file.seed).derived(group.identity), workers: jobs)
      for (first, second) in wanted {
        let differences = try session.compare(
          first.request(problem.shape, study.catalogue),
          second.request(problem.shape, study.catalogue), metrics: metrics)
        for difference in differences where scope == nil || difference.scope == scope {
          rows.append(
            Row(
              problem: label.problem, weights: label.weights,
              distribution: first.distribution.rawValue,
              first: first.record.estimatorLabel, second: second.record.estimatorLabel,
              difference: difference))
        }
      }
    }
    let corrected = Multiplicity.holm(rows.map { $0.difference.pValue ?? .nan })
    for index in rows.indices where rows[index].difference.pValue != nil {
      rows[index].correctedP = corrected[index]
    }
    return rows
  }
}
