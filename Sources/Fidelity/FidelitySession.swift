import Discrete
import Foundation
import Tensors

/// Measures estimators on one frozen problem: the oracle is evaluated once, every estimator is
/// fed from it.
///
/// The report of a request depends on the problem, the request, the settings and the key alone:
/// not on the other requests, their order, or the number of workers. Not thread-safe itself.
public final class FidelitySession {
  public let problem: any DiscreteProblem
  public let target: TargetSettings
  public let measure: MeasureSettings
  public let key: RandomKey
  public let workers: Int
  private let geometry: ScopeGeometry
  private let targets: TargetStock
  private let tables: (any OracleTableCache)?
  private let memory: MemoryNeeds
  private let surrogates: SurrogateCells
  private var table: OracleTable?
  private var measureEngine: MonteCarloEngine?
  private var bypassNumbers: [FidelityNumber]?

  private var rowGrams: [[[Double]]]?

  /// Most requests measured together; the reports of a batch are handed over when it ends.
  private static let largestBatch = 32

  /// - Parameter tables: keeps oracle tables between runs; nil: they are evaluated every time.
  public init(
    problem: any DiscreteProblem, target: TargetSettings, measure: MeasureSettings, key: RandomKey,
    workers: Int = 1, tables: (any OracleTableCache)? = nil
  ) {
    self.problem = problem
    self.target = target
    self.measure = measure
    self.key = key
    self.workers = workers
    self.tables = tables
    geometry = ScopeGeometry(problem: problem, scopes: measure.scopes)
    memory = MemoryNeeds(problem: problem, measure: measure, target: target, workers: workers)
    surrogates = SurrogateCells(
      problem: problem, target: target, measure: measure, key: key, workers: workers,
      planner: memory.planner)
    // The target's draws are independent of the estimates'.
    targets = TargetStock(
      problem: problem, settings: target, measure: measure, geometry: geometry,
      key: key.derived("target"), workers: workers, planner: memory.planner)
  }

  /// Measures all requests and hands over each report, in batches, as soon as it is there.
  ///
  /// A request that cannot be served does not stop the others.
  /// - Parameter shouldStop: asked before each batch; the rest is left out once it says yes.
  /// - Throws: what concerns all requests alike, such as a cost that is not finite; errors that
  ///   `finished` throws.
  public func run(
    _ requests: [FidelityRequest], shouldStop: () -> Bool = { false },
    finished: (_ index: Int, Result<FidelityReport, DiscreteError>) throws -> Void
  ) throws {
    let replicates = try replicateSessions().map { session in
      var reports: [Int: Result<FidelityReport, DiscreteError>] = [:]
      try session.runAlone(requests, shouldStop: shouldStop) { reports[$0] = $1 }
      return reports
    }
    guard !replicates.isEmpty else {
      return try runAlone(requests, shouldStop: shouldStop, finished: finished)
    }
    let errors = ReplicateErrors(level: measure.level)
    try runAlone(requests, shouldStop: shouldStop) { index, result in
      try finished(
        index,
        Result {
          var report = errors.widened(
            try result.get(),
            by: try replicates.map {
              guard let report = $0[index] else {
                throw DiscreteError.unsupported("a replicate of the problem was not measured")
              }
              return try report.get()
            })
          // More draws do not make up for what the integral leaves open.
          if let rule = measure.precision, report.moments == .monteCarlo {
            report.hasPrecision =
              report.hasPrecision && rule.isMet(report.numbers, geometry: geometry)
          }
          return report
        }.mapError { DiscreteError($0) })
    }
  }

  /// One for each replicate of the problem, with its settings and the surrogates of the run.
  private func replicateSessions() throws -> [FidelitySession] {
    let replicates = problem.replicates
    guard replicates.isEmpty || !measure.parameters else {
      throw DiscreteError.unsupported(
        "single parameters are not measured where the probabilities of the codes are integrated: leave 'parameters' out"
      )
    }
    surrogates.memo = SurrogateMemo()
    return replicates.map {
      let session = FidelitySession(
        problem: $0, target: target, measure: measure, key: key, workers: workers)
      session.surrogates.memo = surrogates.memo
      return session
    }
  }

  /// The problem as it is, without what its replicates say.
  private func runAlone(
    _ requests: [FidelityRequest], shouldStop: () -> Bool,
    finished: (_ index: Int, Result<FidelityReport, DiscreteError>) throws -> Void
  ) throws {
    if let refusal = measure.precision?.refusal(geometry) {
      throw DiscreteError.unsupported(refusal)
    }
    if let refusal = memory.refusals.first { throw DiscreteError.unsupported(refusal) }
    var requests = requests
    var live: [Int] = []
    var served: [Int] = []
    for index in requests.indices {
      do {
        if let refusal = surrogates.refusal(requests[index]) {
          throw DiscreteError.unsupported(refusal)
        }
        requests[index] = try requests[index].adapted(to: problem.shape)
        served.append(index)
      } catch {
        try finished(index, .failure(DiscreteError(error)))
      }
    }
    let oversized = memory.refusals(of: served.map { requests[$0] })
    for (index, refusal) in zip(served, oversized) {
      do {
        if let refusal { throw DiscreteError.unsupported(refusal) }
        requests[index] = try fitted(requests[index])
        live.append(index)
      } catch {
        try finished(index, .failure(DiscreteError(error)))
      }
    }
    guard !live.isEmpty else { return }
    try makeTable(live.map { requests[$0] })
    for index in live where requests[index].estimator.surrogate != nil {
      if shouldStop() { return }
      try finished(index, surrogateReport(requests[index], index))
    }
    live.removeAll { requests[$0].estimator.surrogate != nil }
    guard !live.isEmpty else { return }
    var sampledLater: [Int] = []
    var reasons: [Int: String] = [:]
    for indices in FidelitySession.batches(
      live, distributions: requests.map(\.estimator.plan.distribution),
      size: min(Self.largestBatch, memory.exactTogether))
    {
      if shouldStop() { return }
      let began = Date()
      let plans = indices.map { plan(requests[$0].estimator) }
      let exact = try exactCells(indices.map { requests[$0] }, plans)
      let share = Date().timeIntervalSince(began) / Double(indices.count)
      for (index, (cell, plan)) in zip(indices, zip(exact, plans)) {
        if let cell {
          try finished(index, report(requests[index], cell, share: share))
        } else if measure.moments == .exact {
          try finished(index, .failure(.unsupported(shortfall(plan))))
        } else {
          sampledLater.append(index)
          reasons[index] = fallBack(plan)
        }
      }
    }
    // Estimators of one forward distribution share their draws, so a distribution is a batch, as far as there is room for
    // the sums of its cells.
    let distributions = Dictionary(grouping: sampledLater) {
      requests[$0].estimator.plan.distribution
    }
    let together = memory.cellsTogether
    let batches = distributions.values.sorted(by: { $0[0] < $1[0] }).flatMap { distribution in
      stride(from: 0, to: distribution.count, by: together).map {
        Array(distribution[$0..<min($0 + together, distribution.count)])
      }
    }
    for indices in batches {
      if shouldStop() { return }
      let began = Date()
      let held = try withParameters(
        sampledCells(indices.map { requests[$0] }), indices.map { requests[$0].estimator })
      let share = Date().timeIntervalSince(began) / Double(indices.count)
      for (index, cell) in zip(indices, held) {
        switch cell {
        case .success(let cell):
          try finished(
            index, report(requests[index], cell, reason: reasons[index], share: share))
        case .failure(let error): try finished(index, .failure(error))
        }
      }
    }
  }

  /// The requests of one distribution next to each other, as they share the joint codes under it: distributions in the
  /// order of their first request, a distribution in more than one batch only where it fills one.
  private static func batches(_ live: [Int], distributions: [ForwardDistribution], size batch: Int)
    -> [[Int]]
  {
    var order: [ForwardDistribution] = []
    var byDistribution: [ForwardDistribution: [Int]] = [:]
    for index in live {
      if byDistribution[distributions[index]] == nil { order.append(distributions[index]) }
      byDistribution[distributions[index], default: []].append(index)
    }
    var batches: [[Int]] = [[]]
    for distribution in order {
      var rest = (byDistribution[distribution] ?? [])[...]
      if batches[batches.count - 1].count + rest.count > batch { batches.append([]) }
      while !rest.isEmpty {
        if batches[batches.count - 1].count == batch { batches.append([]) }
        let room = batch - batches[batches.count - 1].count
        batches[batches.count - 1] += rest.prefix(room)
        rest = rest.dropFirst(room)
      }
    }
    return batches.filter { !$0.isEmpty }
  }

  /// All reports, in the order of the requests.
  public func run(
    _ requests: [FidelityRequest]
  ) throws -> [Result<FidelityReport, DiscreteError>] {
    var reports: [Int: Result<FidelityReport, DiscreteError>] = [:]
    try run(requests) { reports[$0] = $1 }
    return requests.indices.compactMap { reports[$0] }
  }

  /// Paired differences of two estimators on this problem: common draws where they are sampled, the
  /// same target.
  ///
  /// - Parameter metrics: metrics of the moments, or `mseTimesCost`; others have no paired form.
  /// - Throws: `DiscreteError.unsupported` where the targets differ or one cannot be measured.
  public func compare(
    _ first: FidelityRequest, _ second: FidelityRequest, metrics: [Metric]
  ) throws -> [PairedDifference] {
    let replicates = try replicateSessions().map {
      try $0.compareAlone(first, second, metrics: metrics)
    }
    let differences = try compareAlone(first, second, metrics: metrics)
    guard !replicates.isEmpty else { return differences }
    let errors = ReplicateErrors(level: measure.level)
    return differences.indices.map { index in
      errors.widened(differences[index], by: replicates.map { $0[index] })
    }
  }

  private func compareAlone(
    _ first: FidelityRequest, _ second: FidelityRequest, metrics: [Metric]
  ) throws -> [PairedDifference] {
    let temperature = first.targetTemperature
    guard temperature == second.targetTemperature else {
      throw DiscreteError.unsupported(
        "their targets differ (temperatures \(temperature) and \(second.targetTemperature)); compare under law 'unit'"
      )
    }
    if let refusal = measure.precision?.refusal(geometry) {
      throw DiscreteError.unsupported(refusal)
    }
    let pair = try [first, second].map { try $0.adapted(to: problem.shape) }
    if let refusal = memory.refusals(of: pair).compactMap(\.self).first {
      throw DiscreteError.unsupported(refusal)
    }
    let requests = try pair.map(fitted)
    try makeTable(requests)
    let carried = requests.filter { $0.estimator.surrogate != nil }
    guard carried.count != 1 else {
      throw DiscreteError.unsupported(
        "'\(carried[0].name)' stands at the input of a quantiser and the other estimator at logits: compare two surrogates, or two estimators of logits"
      )
    }
    if !carried.isEmpty {
      let sides = try requests.indices.map {
        try surrogates.replicates(requests[$0], $0, table: table)
      }
      return differences(
        requests, sides[0].scopes, sides[1].scopes, sides[0].intervals, metrics)
    }
    let plans = requests.map { plan($0.estimator) }
    let sides = try exactMeasurements(requests, plans).map { try $0.get() }
    let missing = requests.indices.filter { sides[$0] == nil }
    if measure.moments == .exact, let first = missing.first {
      throw DiscreteError.unsupported(shortfall(plans[first]))
    }
    // Both sides see the same draws and the same target: those of the side that needs more.
    var chosen: [TargetStock.Choice] = []
    if missing.count < requests.count {
      chosen.append(try targets.choose(temperature, table: table, for: .norm))
    }
    var sums = [SampledMeasurement?](repeating: nil, count: requests.count)
    if !missing.isEmpty {
      let cells = try sampledCells(missing.map { requests[$0] }).map { try $0.get() }
      chosen += cells.map(\.target)
      let draws = cells.map(\.sums.drawsPerBlock).max() ?? schedule.first
      for (index, cell) in zip(missing, cells) { sums[index] = cell.sums }
      for index in missing where sums[index]?.drawsPerBlock != draws {
        sums[index] = try SampledRounds(
          engine: sampling(), blocks: measure.blocks, schedule: schedule
        ).measure([requests[index].estimator]) { $1.drawsPerBlock >= draws }[0].get()
      }
    }
    func draws(_ choice: TargetStock.Choice) -> Int { choice.gradient.sampled?.draws ?? 0 }
    guard let assembly = chosen.max(by: { draws($0) < draws($1) })?.assembly else { return [] }
    var replicates = try sides.map { try $0.map(assembly.replicates) ?? [] }
    for case (let index, let sums?) in sums.enumerated() {
      replicates[index] = try assembly.replicates(sums, engine: try sampling())
    }
    return differences(requests, replicates[0], replicates[1], assembly.intervals, metrics)
  }

  private func differences(
    _ requests: [FidelityRequest], _ first: [ScopeReplicates], _ second: [ScopeReplicates],
    _ intervals: IntervalForming, _ metrics: [Metric]
  ) -> [PairedDifference] {
    let forming = PairedForming(intervals: intervals)
    let costs = (cost(requests[0].estimator), cost(requests[1].estimator))
    return zip(first, second).flatMap { a, b in
      metrics.compactMap { metric -> PairedDifference? in
        if let plain = metric.descriptor.timesCost {
          var difference = forming.difference(plain, a, b, factors: costs)
          difference.metric = metric
          return difference
        }
        return metric.descriptor.form.map { _ in forming.difference(metric, a, b) }
      }
    }
  }

  /// The request with the learned part of its estimator fitted, on draws of its own.
  private func fitted(_ request: FidelityRequest) throws -> FidelityRequest {
    guard let learned = request.estimator.learned else { return request }
    let source = SessionFittingSource(
      source: DrawSource(problem: problem, key: key.derived("fit")))
    return FidelityRequest(
      estimator: try learned.fitted(source), distribution: request.distribution, name: request.name)
  }

  /// A cell held against its target.
  private struct HeldCell {
    var sums: SampledMeasurement
    var target: TargetStock.Choice
    var numbers: [FidelityNumber] = []
    /// Whether `numbers` have been checked for what draws cannot tell.
    var isChecked = false
    /// Whether the stop rule, if there is one, was met.
    var hasPrecision = true
    /// Where they are asked for.
    var parameters: PartNumbers?
  }

  /// Cells of one distribution, sampled until each meets the stop rule. What a cell needs of its target is
  /// known once it was sampled, so both grow together.
  private func sampledCells(
    _ requests: [FidelityRequest]
  ) throws -> [Result<HeldCell, DiscreteError>] {
    let engine = try sampling()
    // What draws cannot tell: rare events, heavy tails.
    let rare = RareEventSearch(
      source: DrawSource(problem: problem, key: key.derived("rare")), engine: engine, table: table)
    var held: [Int: HeldCell] = [:]
    let sums = SampledRounds(engine: engine, blocks: measure.blocks, schedule: schedule)
      .measure(requests.map(\.estimator)) { index, sums in
        let target = try targets.choose(
          requests[index].targetTemperature, table: table, for: .noise(sums.noise(engine)))
        var cell = HeldCell(sums: sums, target: target)
        if let rule = measure.precision {
          cell.numbers = try target.assembly.numbers(sums, engine: engine)
          cell.hasPrecision = rule.isMet(cell.numbers, geometry: geometry)
        }
        // What draws cannot tell is asked once they are enough by themselves; errors may grow by it.
        if cell.hasPrecision {
          try check(&cell, requests[index].estimator, rare)
          cell.hasPrecision = measure.precision?.isMet(cell.numbers, geometry: geometry) ?? true
        }
        held[index] = cell
        return cell.hasPrecision
      }
    return sums.enumerated().map { index, result in
      result.flatMap { _ in
        guard var cell = held[index] else {
          return .failure(.unsupported("the cell was not measured"))
        }
        return Result {
          if !cell.isChecked { try check(&cell, requests[index].estimator, rare) }
          return cell
        }.mapError { DiscreteError($0) }
      }
    }
  }

  /// The numbers of a cell with what its draws cannot tell: rare events, heavy tails.
  private func check(
    _ cell: inout HeldCell, _ estimator: any GradientEstimator, _ rare: RareEventSearch
  ) throws {
    let events = try rare.events(estimator, mean: cell.sums.mean, draws: cell.sums.draws)
    cell.numbers = try cell.target.assembly.numbers(
      cell.sums, engine: rare.engine,
      check: TailCheck(estimator, events, geometry: geometry))
    cell.isChecked = true
  }

  /// The cells with mean and variance of every parameter, where they are asked for, over the very draws of their
  /// other numbers: drawn once more, as no sums of them are kept that would do.
  private func withParameters(
    _ cells: [Result<HeldCell, DiscreteError>], _ estimators: [any GradientEstimator]
  ) throws -> [Result<HeldCell, DiscreteError>] {
    guard measure.parameters else { return cells }
    var cells = cells
    let sweep = MomentSweep(try sampling().source, workers: workers)
    let byDraws = Dictionary(grouping: cells.indices) { try? cells[$0].get().sums.draws }
    for (draws, indices) in byDraws {
      guard let draws else { continue }
      for start in stride(from: 0, to: indices.count, by: memory.sweptTogether) {
        let own = indices[start..<min(start + memory.sweptTogether, indices.count)]
        do {
          let numbers = try sweep.measure(
            own.map { estimators[$0] }, draws: draws, blocks: measure.blocks)
          for (index, numbers) in zip(own, numbers) {
            cells[index] = cells[index].map { cell in
              var cell = cell
              cell.parameters = numbers
              return cell
            }
          }
        } catch {
          for index in own { cells[index] = .failure(DiscreteError(error)) }
        }
      }
    }
    return cells
  }

  /// Draws per block: those asked for, doubled under a stop rule.
  private var schedule: DrawSchedule {
    DrawSchedule(
      first: measure.draws / measure.blocks,
      limit: (measure.precision?.maxDraws ?? measure.draws) / measure.blocks)
  }

  /// A cell with exact moments held against its target.
  private struct ExactCell {
    var target: TargetStock.Choice
    var numbers: [FidelityNumber]
    var method: MomentMethod
    var route: MomentRoute
    /// With the moments of its rows where single parameters are asked for.
    var exact: ExactMeasurement
  }

  /// The cells of a batch, their numbers formed side by side; nil where there are no exact moments.
  private func exactCells(
    _ requests: [FidelityRequest], _ plans: [MomentPlan]
  ) throws -> [Result<ExactCell, DiscreteError>?] {
    let measurements = try exactMeasurements(requests, plans)
    // A target is made once, before the numbers.
    let chosen = zip(requests, measurements).map {
      request, measurement -> Result<TargetStock.Choice, DiscreteError>? in
      switch measurement {
      case .failure(let error): return .failure(error)
      case .success(nil): return nil
      case .success:
        return Result { try targets.choose(request.targetTemperature, table: table, for: .norm) }
          .mapError { DiscreteError($0) }
      }
    }
    return parallelMap(requests.count, workers: workers) { index in
      guard case .success(let exact?) = measurements[index] else {
        return chosen[index].map { $0.flatMap { _ in .failure(.unsupported("no moments")) } }
      }
      return chosen[index]?.flatMap { target in
        Result {
          ExactCell(
            target: target, numbers: try target.assembly.numbers(exact),
            method: exact.coarse == nil && exact.replicates.isEmpty ? .exact : .quadrature,
            route: exact.route, exact: exact)
        }.mapError { DiscreteError($0) }
      }
    }
  }

  private func report(
    _ request: FidelityRequest, _ cell: Result<ExactCell, DiscreteError>, share: Double
  ) -> Result<FidelityReport, DiscreteError> {
    let began = Date()
    do {
      let cell = try cell.get()
      var report = try report(request, cell.target, cell.numbers, cell.method, share, began)
      report.route = cell.route.rawValue
      if measure.parameters {
        report.parameters = ParameterMoments(
          problem, try ExactParameters(problem: problem, workers: workers).numbers(cell.exact),
          target: cell.target.gradient, moments: cell.method, draws: nil)
      }
      report.seconds = share + Date().timeIntervalSince(began)
      return .success(report)
    } catch {
      return .failure(DiscreteError(error))
    }
  }

  private func report(
    _ request: FidelityRequest, _ cell: HeldCell, reason: String?, share: Double
  ) -> Result<FidelityReport, DiscreteError> {
    let began = Date()
    do {
      var report = try report(request, cell.target, cell.numbers, .monteCarlo, share, began)
      report.hasPrecision = cell.hasPrecision
      report.route = cell.sums.route.rawValue
      report.routeReason = reason
      report.parameters = cell.parameters.map {
        ParameterMoments(
          problem, $0, target: cell.target.gradient, moments: .monteCarlo,
          draws: cell.sums.draws)
      }
      report.seconds = share + Date().timeIntervalSince(began)
      return .success(report)
    } catch {
      return .failure(DiscreteError(error))
    }
  }

  private func surrogateReport(
    _ request: FidelityRequest, _ index: Int
  ) -> Result<FidelityReport, DiscreteError> {
    Result {
      let cell = try surrogates.cell(request, index, table: table)
      var report = try report(
        request, cell.target, cell.numbers, cell.method, cell.seconds, Date())
      report.route = MomentRoute.surrogate.rawValue
      return report
    }.mapError { DiscreteError($0) }
  }

  /// Adds what is no function of the moments alone.
  private func report(
    _ request: FidelityRequest, _ target: TargetStock.Choice, _ moments: [FidelityNumber],
    _ method: MomentMethod, _ share: Double, _ began: Date
  ) throws -> FidelityReport {
    let intervals = target.assembly.intervals
    var numbers = moments
    numbers += TargetErrorRatio(intervals: intervals)
      .numbers(
        moments, target: target.gradient,
        draws: method == .monteCarlo ? moments.first?.draws : nil, blocks: measure.blocks)
    numbers += costs(request.estimator, moments, intervals)
    // Nothing is drawn of the layer for a surrogate.
    if request.estimator.surrogate == nil {
      numbers += try PerDrawStatistics(
        source: DrawSource(problem: problem, key: key.derived("per-draw")), geometry: geometry,
        assembly: target.assembly, draws: measure.perDrawSamples, gap: measure.gap,
        workers: workers
      ).numbers(request.estimator)
    }
    numbers += try bypassGap(intervals)
    return FidelityReport(
      numbers: numbers, moments: method, target: target.gradient.method,
      seconds: share + Date().timeIntervalSince(began), isTargetPrecise: target.isPrecise,
      hasPrecision: true)
  }

  /// Of the problem, not of the estimator: formed once.
  private func bypassGap(_ intervals: IntervalForming) throws -> [FidelityNumber] {
    guard measure.gap, let quantised = problem.quantiser else { return [] }
    if let bypassNumbers { return bypassNumbers }
    let numbers = try BypassGap(problem: quantised, geometry: geometry, intervals: intervals)
      .numbers()
    bypassNumbers = numbers
    return numbers
  }

  /// The plan of an estimator, with the table that there is.
  private func plan(_ estimator: any GradientEstimator) -> MomentPlan {
    memory.planner.moments(estimator, table: table?.hasGradients)
  }

  /// Why moments are drawn that could be exact by the settings: planned so, or not finite by the planned route.
  private func fallBack(_ plan: MomentPlan) -> String? {
    measure.moments == .monteCarlo ? nil : shortfall(plan)
  }

  private func shortfall(_ plan: MomentPlan) -> String {
    plan.reason ?? "moments by route '\(plan.route.rawValue)' are not finite"
  }

  private func makeTable(_ requests: [FidelityRequest]) throws {
    guard let gradients = memory.planner.table(requests.map(\.estimator)) else { return }
    if let table, table.hasGradients || !gradients { return }
    guard let jointCodes = problem.shape.jointCodes(limit: target.maxJointCodes)
    else { return }
    if let kept = tables?.table(
      problem.shape, jointCodes: jointCodes, gradients: gradients,
      rounding: CostRounding(problem.oracle))
    {
      table = kept
      return
    }
    let made = try OracleTable(
      oracle: problem.oracle, limit: target.maxJointCodes, gradients: gradients, workers: workers)
    tables?.keep(made)
    table = made
  }

  private func exactMeasurements(
    _ requests: [FidelityRequest], _ plans: [MomentPlan]
  ) throws -> [Result<ExactMeasurement?, DiscreteError>] {
    guard measure.moments != .monteCarlo else { return requests.map { _ in .success(nil) } }
    if rowGrams == nil { rowGrams = try ExactEngine.rowGrams(geometry, workers: workers) }
    return try ExactEngine(
      problem: problem, table: table, geometry: geometry,
      quadratureStep: ExactEngine.quadratureStep(problem.shape),
      key: key.value, workers: workers, moments: measure.moments, rowGrams: rowGrams,
      keepsRows: measure.parameters
    ).results(requests.map(\.estimator), plans: plans)
  }

  private func sampling() throws -> MonteCarloEngine {
    if let measureEngine { return measureEngine }
    let engine = try MonteCarloEngine(
      source: DrawSource(problem: problem, key: key.derived("measure")), geometry: geometry,
      workers: workers)
    measureEngine = engine
    return engine
  }

  /// Oracle calls of one estimate, a gradient counted as three values.
  private func cost(_ estimator: any GradientEstimator) -> Double {
    let plan = estimator.plan(for: problem.shape)
    return Double(plan.valueCalls + 3 * plan.gradientCalls)
  }

  private func costs(
    _ estimator: any GradientEstimator, _ numbers: [FidelityNumber], _ intervals: IntervalForming
  ) -> [FidelityNumber] {
    let plan = estimator.plan(for: problem.shape)
    let cost = self.cost(estimator)
    var result = [
      intervals.exact(.valueCalls, scope: "logits", value: Double(plan.valueCalls)),
      intervals.exact(.gradientCalls, scope: "logits", value: Double(plan.gradientCalls)),
    ]
    let products = Metric.timesCost.flatMap { metric in
      numbers.filter { $0.metric == metric.descriptor.timesCost }.map { (metric, $0) }
    }
    for (metric, number) in products {
      var scaled = number
      scaled.metric = metric
      scaled.value *= cost
      scaled.standardError *= cost
      scaled.low *= cost
      scaled.high *= cost
      result.append(scaled)
    }
    return result
  }
}
