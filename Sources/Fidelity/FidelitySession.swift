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
  private var table: OracleTable?
  private var targets: [Double: TargetGradient] = [:]
  private var assemblies: [Double: MeasurementAssembly] = [:]
  private var measureEngine: MonteCarloEngine?
  private var targetEngine: MonteCarloEngine?

  /// Requests measured together; the reports of a batch are handed over when it ends.
  private static let batch = 16

  public init(
    problem: any DiscreteProblem, target: TargetSettings, measure: MeasureSettings, key: RandomKey,
    workers: Int = 1
  ) {
    self.problem = problem
    self.target = target
    self.measure = measure
    self.key = key
    self.workers = workers
    geometry = ScopeGeometry(problem: problem, scopes: measure.scopes)
  }

  /// Step of the quadratures over Gumbel noise: rounding-sized errors where the problem is small,
  /// errors far below those of 1,024 draws, and stated with every number, on large ones. A rule of the shape, so that a cell's numbers do not depend on others.
  private var quadratureStep: Double { problem.shape.count <= 64 ? 0.2 : 0.5 }

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
    var requests = requests
    var live: [Int] = []
    for index in requests.indices {
      do {
        requests[index] = try fitted(requests[index])
        live.append(index)
      } catch let error as DiscreteError {
        try finished(index, .failure(error))
      }
    }
    try makeTable(requests)
    var sampledLater: [Int] = []
    for start in stride(from: 0, to: live.count, by: FidelitySession.batch) {
      if shouldStop() { return }
      let indices = Array(live[start..<min(start + FidelitySession.batch, live.count)])
      let began = Date()
      let exact = try exactMeasurements(indices.map { requests[$0] })
      let share = Date().timeIntervalSince(began) / Double(indices.count)
      for (index, measurement) in zip(indices, exact) {
        if let measurement {
          try finished(
            index, report(requests[index], exact: measurement, sampled: nil, share: share))
        } else if measure.moments == .exact {
          try finished(index, .failure(.unsupported(exactRefusal())))
        } else {
          sampledLater.append(index)
        }
      }
    }
    // Estimators of one forward law share their draws, so a law is a batch.
    let laws = Dictionary(grouping: sampledLater) { requests[$0].estimator.plan.law }
    for indices in laws.values.sorted(by: { $0[0] < $1[0] }) {
      if shouldStop() { return }
      let began = Date()
      let sampled = try sampledMeasurements(indices.map { requests[$0].estimator })
      let share = Date().timeIntervalSince(began) / Double(indices.count)
      for (index, measurement) in zip(indices, sampled) {
        switch measurement {
        case .success(let measurement):
          try finished(
            index, report(requests[index], exact: nil, sampled: measurement, share: share))
        case .failure(let error): try finished(index, .failure(error))
        }
      }
    }
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
    let temperature = targetTemperature(first)
    guard temperature == targetTemperature(second) else {
      throw DiscreteError.unsupported(
        "their targets differ (temperatures \(temperature) and \(targetTemperature(second))); compare under law 'unit'"
      )
    }
    let (first, second) = (try fitted(first), try fitted(second))
    try makeTable([first, second])
    let gradient = try targetGradient(temperature)
    let assembly = try assembly(temperature, gradient)
    let sides = try exactMeasurements([first, second])
    let missing = [first, second].indices.filter { sides[$0] == nil }
    if measure.moments == .exact && !missing.isEmpty {
      throw DiscreteError.unsupported(exactRefusal())
    }
    var replicates = sides.map { $0.map(assembly.replicates) ?? [] }
    if !missing.isEmpty {
      let requests = [first, second]
      let sampled = try sampling().measure(
        missing.map { requests[$0].estimator }, blocks: measure.blocks,
        drawsPerBlock: measure.draws / measure.blocks)
      for (index, measurement) in zip(missing, sampled) {
        guard measurement.isFinite else {
          throw DiscreteError.notFinite("an estimate is not finite")
        }
        replicates[index] = assembly.replicates(measurement, engine: try sampling())
      }
    }
    let forming = PairedForming(intervals: assembly.intervals)
    let costs = (cost(first.estimator), cost(second.estimator))
    return zip(replicates[0], replicates[1]).flatMap { a, b in
      metrics.compactMap { metric -> PairedDifference? in
        if metric == .mseTimesCost {
          var difference = forming.difference(.mse, a, b, factors: costs)
          difference.metric = .mseTimesCost
          return difference
        }
        guard ScopeStatistics.metrics.contains(metric) else { return nil }
        return forming.difference(metric, a, b)
      }
    }
  }

  /// The request with the learned part of its estimator fitted, on draws of its own.
  private func fitted(_ request: FidelityRequest) throws -> FidelityRequest {
    guard let learned = request.estimator as? any FittedEstimator else { return request }
    let source = SessionFittingSource(
      source: DrawSource(problem: problem, key: key.derived("fit")))
    return FidelityRequest(estimator: try learned.fitted(source), law: request.law)
  }

  private func report(
    _ request: FidelityRequest, exact: ExactMeasurement?, sampled: SampledMeasurement?,
    share: Double
  ) throws -> Result<FidelityReport, DiscreteError> {
    let began = Date()
    do {
      let temperature = targetTemperature(request)
      let gradient = try targetGradient(temperature)
      let assembly = try assembly(temperature, gradient)
      var numbers: [FidelityNumber] = []
      var method = MomentMethod.monteCarlo
      if let exact {
        numbers = assembly.numbers(exact)
        method = exact.coarse == nil && exact.replicates.isEmpty ? .exact : .quadrature
      } else if let sampled {
        numbers = assembly.numbers(sampled, engine: try sampling())
      }
      numbers += costs(request.estimator, numbers, assembly.intervals)
      numbers += try PerDrawStatistics(
        source: DrawSource(problem: problem, key: key.derived("per-draw")), geometry: geometry,
        targetParts: geometry.parts(of: gradient.gradient), draws: measure.perDrawSamples,
        gap: measure.gap, intervals: assembly.intervals, workers: workers
      ).numbers(request.estimator)
      return .success(
        FidelityReport(
          numbers: numbers, moments: method, target: gradient.method,
          seconds: share + Date().timeIntervalSince(began)))
    } catch let error as DiscreteError {
      return .failure(error)
    }
  }

  private func assembly(
    _ temperature: Double, _ gradient: TargetGradient
  ) throws -> MeasurementAssembly {
    if let assembly = assemblies[temperature] { return assembly }
    let assembly = MeasurementAssembly(
      geometry: geometry, target: gradient,
      engine: gradient.sampled == nil ? nil : try targetSampling(), level: measure.level)
    assemblies[temperature] = assembly
    return assembly
  }

  private func exactRefusal() -> String {
    let shape = problem.shape
    guard shape.jointStates(limit: target.maxStates) != nil else {
      return
        "exact moments need \(shape.categories)^\(shape.latents) joint states (limit \(target.maxStates)); use moments 'monte-carlo', or fewer latents"
    }
    guard OracleTable.states(shape, limit: target.maxStates, gradients: true) != nil else {
      return
        "a table of \(shape.rows) rows and \(shape.categories)^\(shape.latents) joint states takes more than \(OracleTable.byteLimit >> 30) GiB; use fewer rows, or moments 'monte-carlo'"
    }
    return "this estimator has no exact moments here; use moments 'auto' or 'monte-carlo'"
  }

  private func makeTable(_ requests: [FidelityRequest]) throws {
    let gradients =
      measure.moments != .monteCarlo && problem.oracle.capabilities.gradients
      && requests.contains {
        $0.estimator.plan.gradients || $0.estimator.plan.probes?.codeGradients == true
      }
    if let table, table.hasGradients || !gradients { return }
    // Without room for gradients the values alone still give an exact target.
    let fits = [gradients, false].first {
      OracleTable.states(problem.shape, limit: target.maxStates, gradients: $0) != nil
    }
    guard let gradients = fits else { return }
    table = try OracleTable(oracle: problem.oracle, limit: target.maxStates, gradients: gradients)
  }

  private func exactMeasurements(
    _ requests: [FidelityRequest]
  ) throws -> [ExactMeasurement?] {
    guard measure.moments != .monteCarlo else { return requests.map { _ in nil } }
    return try ExactEngine(
      problem: problem, table: table, geometry: geometry, quadratureStep: quadratureStep,
      key: key.value, workers: workers
    ).measure(requests.map(\.estimator))
  }

  /// Sampled moments of estimators of one law on common draws. Where that fails, each by itself: an
  /// estimator that cannot be served (no gradients, say) does not stop the others.
  private func sampledMeasurements(
    _ estimators: [any GradientEstimator]
  ) throws -> [Result<SampledMeasurement, DiscreteError>] {
    let engine = try sampling()
    func measured(_ members: [any GradientEstimator]) throws -> [SampledMeasurement] {
      try engine.measure(
        members, blocks: measure.blocks, drawsPerBlock: measure.draws / measure.blocks)
    }
    do {
      return try measured(estimators).map {
        $0.isFinite ? .success($0) : .failure(.notFinite("an estimate is not finite"))
      }
    } catch is DiscreteError {
      return try estimators.map { estimator in
        do {
          let alone = try measured([estimator])[0]
          return alone.isFinite
            ? .success(alone) : .failure(.notFinite("an estimate is not finite"))
        } catch let error as DiscreteError {
          return .failure(error)
        }
      }
    }
  }

  private func sampling() throws -> MonteCarloEngine {
    if let measureEngine { return measureEngine }
    let engine = try makeEngine("measure")
    measureEngine = engine
    return engine
  }

  /// The target's draws are independent of the estimates'.
  private func targetSampling() throws -> MonteCarloEngine {
    if let targetEngine { return targetEngine }
    let engine = try makeEngine("target")
    targetEngine = engine
    return engine
  }

  private func makeEngine(_ label: String) throws -> MonteCarloEngine {
    try MonteCarloEngine(
      source: DrawSource(problem: problem, key: key.derived(label)), geometry: geometry,
      workers: workers)
  }

  /// Temperature of the target's law.
  private func targetTemperature(_ request: FidelityRequest) -> Double {
    guard request.law == .own, case .sample(let temperature) = request.estimator.plan.law else {
      return 1
    }
    return temperature
  }

  private func targetGradient(_ temperature: Double) throws -> TargetGradient {
    if let made = targets[temperature] { return made }
    let made = try makeTarget(temperature)
    targets[temperature] = made
    return made
  }

  private func makeTarget(_ temperature: Double) throws -> TargetGradient {
    if target.kind != .monteCarlo {
      if let closed = TargetGradient.closedForm(problem: problem, temperature: temperature) {
        return closed
      }
      if let table {
        return try TargetGradient.exact(
          problem: problem, table: table, temperature: temperature, workers: workers)
      }
      if target.kind == .exact {
        let shape = problem.shape
        throw DiscreteError.unsupported(
          "an exact target needs \(shape.categories)^\(shape.latents) joint states (limit \(target.maxStates)); use target kind 'monte-carlo', or fewer latents"
        )
      }
    }
    return try TargetGradient.monteCarlo(
      engine: try targetSampling(), samples: target.samples, temperature: temperature,
      blocks: measure.blocks, drawsPerBlock: max(2, target.draws / measure.blocks))
  }

  /// Oracle calls of one estimate, a gradient counted as three values.
  private func cost(_ estimator: any GradientEstimator) -> Double {
    Double(estimator.plan.valueCalls + 3 * estimator.plan.gradientCalls)
  }

  private func costs(
    _ estimator: any GradientEstimator, _ numbers: [FidelityNumber], _ intervals: IntervalForming
  ) -> [FidelityNumber] {
    let plan = estimator.plan
    let cost = self.cost(estimator)
    var result = [
      intervals.exact(.valueCalls, scope: "logits", value: Double(plan.valueCalls)),
      intervals.exact(.gradientCalls, scope: "logits", value: Double(plan.gradientCalls)),
    ]
    for number in numbers where number.metric == .mse {
      var scaled = number
      scaled.metric = .mseTimesCost
      scaled.value *= cost
      scaled.standardError *= cost
      scaled.low *= cost
      scaled.high *= cost
      result.append(scaled)
    }
    return result
  }
}
