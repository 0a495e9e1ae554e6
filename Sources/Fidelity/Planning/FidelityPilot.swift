import Discrete
import Foundation
import Tensors

/// Foretells what measuring requests on a problem takes: exact counts where sizes decide, timings
/// from a short pilot elsewhere. Nothing is measured that counts.
///
/// The pilot draws from keys of its own. It takes about `allowance` seconds; what it did not come
/// to is taken to cost what the like of it did.
public final class FidelityPilot {
  let problem: CountedProblem
  let target: TargetSettings
  let measure: MeasureSettings
  let key: RandomKey
  let jobs: Int
  let allowance: Double
  let geometry: ScopeGeometry
  /// Pilot draws are held against the logits alone: the Gram matrices of a layer take longer.
  let logits: ScopeGeometry
  var forecast: FidelityForecast
  private let began = Date()

  /// Draws of the pilot, in as many blocks as fit a jackknife.
  static let draws = 128
  static let blocks = 16

  public init(
    problem: any DiscreteProblem, target: TargetSettings, measure: MeasureSettings, key: RandomKey,
    jobs: Int, allowance: Double = 2
  ) {
    self.problem = CountedProblem(problem)
    self.target = target
    self.measure = measure
    self.key = key.derived("pilot")
    self.jobs = jobs
    self.allowance = allowance
    geometry = ScopeGeometry(problem: problem, scopes: measure.scopes)
    logits = ScopeGeometry(problem: problem, scopes: [.logits])
    forecast = FidelityForecast(routes: [], target: .exact)
  }

  /// - Throws: `DiscreteError` of the oracle.
  public func forecast(_ requests: [FidelityRequest]) throws -> FidelityForecast {
    let needs = MemoryNeeds(
      problem: problem.inner, measure: measure, target: target, workers: jobs)
    let requests = roomy(requests, needs)
    guard !requests.isEmpty else { return forecast }
    let hasTable = needs.planner.table(requests.map(\.estimator))
    let plans = requests.map { needs.planner.moments($0.estimator, table: hasTable) }
    forecast.routes = plans.map(\.route)
    noteReasons(requests, plans)
    forecast.target = needs.planner.target(hasTable: hasTable != nil).method ?? .monteCarlo
    if let hasTable { try addTable(gradients: hasTable) }
    let upstream = try timeUpstream()
    try addExactMoments(requests, upstream)
    try addTargets(requests, upstream)
    try addPerDraw(requests, upstream)
    try addParameters(requests)
    // Sizes of the costs, of which rounding is told: for the moments, for the target, and for its draws.
    let sizes = CostSizes.calls(problem.shape) * (forecast.target == .monteCarlo ? 3 : 2)
    if problem.oracle.capabilities.gradients {
      forecast.gradientCalls += sizes
    } else {
      forecast.valueCalls += sizes
    }
    // Each replicate is measured like the problem.
    let times = Double(1 + problem.inner.replicates.count)
    forecast.valueCalls *= times
    forecast.gradientCalls *= times
    forecast.seconds *= times
    return forecast
  }

  /// Notes that a run of an estimator will fail, and why.
  func note(_ error: any Error, of request: FidelityRequest) {
    let text = "\(request.name): \(error)"
    if !forecast.notes.contains(text) { forecast.notes.append(text) }
  }

  /// Whether the pilot's time is up.
  var isLate: Bool { Date().timeIntervalSince(began) > allowance }

  /// Workers that have something to do.
  func workers(_ tasks: Int) -> Double {
    Double(max(1, min(jobs, tasks, ProcessInfo.processInfo.activeProcessorCount)))
  }

  /// Wall-clock seconds of a task: the shorter of two where it is short, so that the first touch
  /// of memory does not count.
  func seconds(_ task: () throws -> Void) rethrows -> Double {
    func once() throws -> Double {
      let start = Date()
      try task()
      return Date().timeIntervalSince(start)
    }
    let first = try once()
    return first < 0.05 ? min(first, try once()) : first
  }

  /// The table, from the time of its first joint codes.
  private func addTable(gradients: Bool) throws {
    let shape = problem.shape
    guard let jointCodes = shape.jointCodes(limit: target.maxJointCodes) else { return }
    var chunk = min(jointCodes, 64)
    var time = 0.0
    while true {
      time = try seconds {
        _ = try problem.inner.oracle.costs(ofJointCodes: 0..<chunk, gradients: gradients)
      }
      if chunk == jointCodes || time > allowance / 20 { break }
      chunk = min(jointCodes, 4 * chunk)
    }
    forecast.seconds += time * Double(jointCodes) / Double(chunk)
    let calls = Double(jointCodes) * Double(shape.rows)
    if gradients { forecast.gradientCalls += calls } else { forecast.valueCalls += calls }
  }

  /// Seconds of what parameters upstream add.
  struct Upstream {
    /// The Gram matrices of all rows.
    var grams = 0.0
    /// One pull-back of a gradient.
    var pullback = 0.0
    /// `sum_b v_b^T G_b v_b`.
    var forms = 0.0
    /// `tr(C G_b)` of one row and one covariance.
    var traces = 0.0
    /// One Gram matrix of `draws` estimates of a row.
    var products = 0.0
  }

  private func timeUpstream() throws -> Upstream {
    let width = problem.shape.width
    let vector = problem.logits.values.map { 1e-3 * $0 + 1e-3 }
    var times = Upstream()
    times.pullback = seconds { _ = geometry.parts(of: vector) }
    guard geometry.partCount > 1 else { return times }
    var grams: [[Double]] = []
    let one = seconds { grams = geometry.rowGrams(0) }
    times.grams = one * Double(problem.shape.rows) / workers(problem.shape.rows)
    let forms = try RowGrams(geometry, row: 0)
    let vectors = [Double](repeating: 1e-3, count: (measure.blocks + 1) * width)
    times.forms =
      seconds { _ = forms.forms(vectors) } * Double(problem.shape.rows)
      / workers(problem.shape.rows)
    let matrix = [Double](repeating: 1e-3, count: width * width)
    times.traces = seconds { _ = geometry.traces(matrix, grams: grams) }
    let draws = min(
      MonteCarloEngine.drawsPerCall(problem.shape), max(1, measure.draws / measure.blocks))
    if LaneSource.serves(problem) {
      let lines = [Float](repeating: 1e-3, count: draws * width)
      var moments = [Float](repeating: 0, count: forms.needsMoments ? width * width : 0)
      times.products = seconds {
        _ = forms.traces(lines: lines, count: draws, stride: draws, square: 1, moments: &moments)
      }
    } else {
      let estimates = [Double](repeating: 1e-3, count: draws * width)
      times.products = seconds { _ = forms.traces(estimates) }
    }
    return times
  }

  /// Why exact moments that are open are not to be had, once for all settings of a kind.
  private func noteReasons(_ requests: [FidelityRequest], _ plans: [MomentPlan]) {
    var kinds: [String: [String]] = [:]
    for (request, plan) in zip(requests, plans) {
      guard let reason = plan.reason else { continue }
      if kinds[reason]?.contains(request.name) != true {
        kinds[reason, default: []].append(request.name)
      }
    }
    forecast.notes += kinds.sorted { $0.key < $1.key }.map { reason, kinds in
      "draws for \(kinds.joined(separator: ", ")): \(reason)"
    }
  }

  /// The requests that a run has memory for; why it has none for the others are notes.
  private func roomy(_ requests: [FidelityRequest], _ needs: MemoryNeeds) -> [FidelityRequest] {
    forecast.notes += needs.refusals
    guard needs.refusals.isEmpty else { return [] }
    let refusals = needs.refusals(of: requests)
    var seen: Set<String> = []
    forecast.notes += refusals.compactMap(\.self).filter { seen.insert($0).inserted }
    let kept = zip(requests, refusals).filter { $1 == nil }.map(\.0)
    if !kept.isEmpty { forecast.peakBytes = needs.peak(of: kept) }
    return kept
  }
}
