import Discrete
import Estimators
import Foundation
import Tensors

extension FidelityPilot {
  /// Estimates drawn by the pilot.
  struct Sampled {
    let sums: SampledMeasurement
    let engine: MonteCarloEngine
    /// Seconds of one draw of all estimators of the group.
    let secondsPerDraw: Double
    /// `tr(S)` at the logits.
    let trace: Double
  }

  /// Draws of a group, as many as the time allows.
  private func sample(_ estimators: [any GradientEstimator], _ label: String) throws -> [Sampled] {
    let engine = try MonteCarloEngine(
      source: DrawSource(problem: problem.inner, key: key.derived(label)), geometry: logits,
      workers: jobs)
    let blocks = FidelityPilot.blocks
    var sums: [SampledMeasurement] = []
    var size = 2
    let first = Date()
    sums = try engine.measure(estimators, blocks: blocks, drawsPerBlock: size)
    var perDraw = Date().timeIntervalSince(first) / Double(blocks * size)
    let largest = FidelityPilot.draws / blocks
    while size < largest, !isLate {
      let start = Date()
      let added = min(3 * size, largest - size)
      let more = try engine.measure(
        estimators, blocks: blocks, drawsPerBlock: added, from: blocks * size)
      perDraw = Date().timeIntervalSince(start) / Double(blocks * added)
      sums = zip(sums, more).map { $0.extended(by: $1) }
      size += added
    }
    return sums.map {
      Sampled(
        sums: $0, engine: engine, secondsPerDraw: perDraw,
        trace: $0.noise(engine)[0] * Double($0.draws))
    }
  }

  /// Draws of a group of cells; a single one, of which only the time is kept, where the fewest draws that
  /// have a spread would take several times what the pilot is allowed.
  private func sampleInTime(
    _ estimators: [any GradientEstimator]
  ) throws -> (sampled: [Sampled], secondsPerDraw: Double) {
    let engine = try MonteCarloEngine(
      source: DrawSource(problem: problem.inner, key: key.derived("single")), geometry: logits,
      workers: 1)
    let start = Date()
    _ = try engine.measure(estimators, blocks: 1, drawsPerBlock: 1)
    let single = Date().timeIntervalSince(start)
    guard single * Double(2 * Self.blocks) < 5 * allowance * workers(Self.blocks) else {
      return ([], single / workers(Self.blocks))
    }
    let sampled = try sample(estimators, "measure")
    return (sampled, sampled.first?.secondsPerDraw ?? 0)
  }

  /// Sampled cells and the targets that all cells are held against: what a target needs follows
  /// from the spread of the cells.
  func addTargets(_ requests: [FidelityRequest], _ upstream: Upstream) throws {
    let groups = Dictionary(grouping: requests.indices) { requests[$0].estimator.plan.distribution }
    var found: [Int: Sampled] = [:]
    var perDraw: [Double] = []
    let ordered = groups.values.sorted { $0[0] < $1[0] }
    for members in ordered {
      let sampled = members.filter { forecast.routes[$0] == .draws }
      guard !sampled.isEmpty else { continue }
      if isLate, let last = perDraw.last {
        perDraw.append(last)
        continue
      }
      let members = sampled.map { requests[$0].estimator }
      if let pilot = try? sampleInTime(members) {
        for (index, one) in zip(sampled, pilot.sampled) { found[index] = one }
        perDraw.append(pilot.secondsPerDraw)
        continue
      }
      // One of them fails: each by itself, as a run does it.
      var seconds = 0.0
      for (index, estimator) in zip(sampled, members) {
        do {
          let pilot = try sampleInTime([estimator])
          found[index] = pilot.sampled.first
          seconds += pilot.secondsPerDraw
        } catch {
          note(error, of: requests[index])
        }
      }
      perDraw.append(seconds)
    }
    let targets = try pilotTargets(requests)
    try foretell(requests, found, targets)
    var sizes: [Double: Int] = [:]
    for index in requests.indices {
      let temperature = requests[index].targetTemperature
      guard let pilot = targets[temperature] else { continue }
      let size = targetDraws(pilot, cell: found[index])
      sizes[temperature] = max(sizes[temperature] ?? 0, size)
    }
    addSampledCells(
      requests, ordered, perDraw, draws: forecast.draws ?? measure.draws, upstream)
    for (temperature, size) in sizes {
      forecast.targetDraws = max(forecast.targetDraws, size)
      let calls = Double(size) * Double(target.samples) * Double(problem.shape.rows)
      forecast.valueCalls += calls
      forecast.seconds += (targets[temperature]?.secondsPerDraw ?? 0) * Double(size)
      forecast.seconds += tracesSeconds(draws: size, upstream)
      forecast.seconds += upstream.forms
    }
    if !sizes.isEmpty { forecast.seconds += upstream.grams }
  }

  /// Draws of the sampled targets by temperature; the time of targets that are summed is added.
  private func pilotTargets(
    _ requests: [FidelityRequest]
  ) throws -> [Double: Sampled] {
    let temperatures = Set(requests.map(\.targetTemperature)).sorted()
    switch forecast.target {
    case .closedForm: return [:]
    case .exact:
      forecast.seconds += exactTargetSeconds() * Double(temperatures.count)
      return [:]
    case .monteCarlo: break
    }
    var targets: [Double: Sampled] = [:]
    for temperature in temperatures {
      if isLate, let like = targets.values.first {
        targets[temperature] = like
        continue
      }
      let estimator = try ReinforceLeaveOneOut(samples: target.samples, temperature: temperature)
      targets[temperature] = try sample([estimator], "target").first
    }
    return targets
  }

  /// Draws of a sampled target, doubled as the session does.
  private func targetDraws(_ pilot: Sampled, cell: Sampled?) -> Int {
    if let draws = target.draws { return draws }
    let most = target.maxDraws(problem.shape)
    let fraction = target.errorFraction * target.errorFraction
    let allowed: Double
    if let cell {
      let draws = forecast.draws ?? measure.draws
      allowed = fraction * cell.trace / Double(draws)
    } else {
      let mean = pilot.sums.mean
      let square =
        mean.reduce(0) { $0 + $1 * $1 } - pilot.trace / Double(pilot.sums.draws)
      allowed = fraction / 100 * square
    }
    var draws = min(TargetStock.pilot, most)
    while draws < most, !(pilot.trace / Double(draws) <= allowed) { draws = min(2 * draws, most) }
    return draws
  }

  /// Standard errors of `rel_bias` with the draws of the study, and the draws of its stop rule.
  private func foretell(
    _ requests: [FidelityRequest], _ cells: [Int: Sampled], _ targets: [Double: Sampled]
  ) throws {
    var gradients: [Double: TargetGradient] = [:]
    for (index, cell) in cells.sorted(by: { $0.key < $1.key }) {
      let temperature = requests[index].targetTemperature
      guard let gradient = try gradients[temperature] ?? pilotTarget(temperature, targets) else {
        continue
      }
      gradients[temperature] = gradient
      let noise = gradient.sampled?.noise(cell.engine)[0] ?? 0
      guard
        let errors = BiasErrorForecast(
          cell.sums, trace: cell.trace, target: gradient.gradient, targetNoise: noise,
          level: measure.level)
      else { continue }
      forecast.error = max(forecast.error ?? 0, errors.error(measure.draws))
      guard let rule = measure.precision, rule.metric == .relativeBias else { continue }
      var draws = measure.draws
      while draws < rule.maxDraws, errors.error(draws) > rule.errorBelow {
        draws = min(2 * draws, rule.maxDraws)
      }
      forecast.draws = max(forecast.draws ?? 0, draws)
      if errors.error(draws) > rule.errorBelow { forecast.isPrecise = false }
    }
  }

  /// A target for the pilot: in closed form, from a small table, or the pilot's own draws.
  private func pilotTarget(
    _ temperature: Double, _ targets: [Double: Sampled]
  ) throws -> TargetGradient? {
    if let closed = TargetGradient.closedForm(problem: problem.inner, temperature: temperature) {
      return closed
    }
    if let pilot = targets[temperature] {
      return TargetGradient(
        method: .monteCarlo, gradient: pilot.sums.mean, sampled: pilot.sums)
    }
    if isLate { return nil }
    let shape = problem.shape
    if let jointCodes = shape.jointCodes(limit: target.maxJointCodes),
      shape.rows * jointCodes <= 16_384
    {
      let table = try OracleTable(
        oracle: problem.inner.oracle, limit: target.maxJointCodes, gradients: false)
      return try TargetGradient.exact(
        problem: problem.inner, table: table, temperature: temperature, workers: jobs)
    }
    let estimator = try ReinforceLeaveOneOut(samples: target.samples, temperature: temperature)
    guard let pilot = try sample([estimator], "target").first else { return nil }
    return TargetGradient(method: .monteCarlo, gradient: pilot.sums.mean, sampled: pilot.sums)
  }

  private func addSampledCells(
    _ requests: [FidelityRequest], _ groups: [[Int]], _ perDraw: [Double], draws: Int,
    _ upstream: Upstream
  ) {
    var time = perDraw.makeIterator()
    var cells = 0
    for members in groups {
      let sampled = members.filter { forecast.routes[$0] == .draws }
      guard !sampled.isEmpty else { continue }
      cells += sampled.count
      forecast.seconds += (time.next() ?? 0) * Double(draws)
      forecast.seconds += tracesSeconds(draws: draws, upstream) * Double(sampled.count)
      addCalls(sampled.map { requests[$0].estimator.plan }, draws: draws)
    }
    guard cells > 0 else { return }
    forecast.seconds += upstream.grams
    // One jackknife of every cell, and one more with every doubling of its draws.
    let looks = 1 + (log2(Double(draws) / Double(measure.draws))).rounded(.up)
    let blocks = Double(measure.blocks)
    forecast.seconds +=
      Double(cells) * looks
      * (upstream.forms + upstream.pullback * (blocks + 4))
  }

  /// Oracle calls of estimators of one distribution on common draws.
  func addCalls(_ plans: [EvaluationPlan], draws: Int) {
    let needs = GroupNeeds(plans)
    let estimates = Double(draws) * Double(problem.shape.rows)
    if needs.gradients { forecast.gradientCalls += estimates }
    let values = needs.values ? needs.samples - (needs.gradients ? 1 : 0) : 0
    forecast.valueCalls += estimates * Double(values)
    forecast.gradientCalls += estimates * Double(plans.count(where: \.relaxed))
  }

  /// `tr(C G_b)` of every row in every call.
  private func tracesSeconds(draws: Int, _ upstream: Upstream) -> Double {
    let perBlock = max(1, draws / measure.blocks)
    let chunk = MonteCarloEngine.drawsPerCall(problem.shape)
    let calls = Double(measure.blocks) * Double((perBlock + chunk - 1) / chunk)
    return calls * Double(problem.shape.rows) * upstream.products
      / workers(measure.blocks)
  }

  /// Cosines of single draws and the gradient gap: sampled for every cell.
  func addPerDraw(_ requests: [FidelityRequest], _ upstream: Upstream) throws {
    let draws = measure.perDrawSamples
    let requests = requests.filter { $0.estimator.surrogate == nil }
    guard draws > 1, let first = requests.first else { return }
    let shape = problem.shape
    let taken = min(draws, 4)
    var times: [String: Double] = [:]
    var calls: [String: (values: Double, gradients: Double)] = [:]
    let assembly = MeasurementAssembly(
      geometry: logits,
      target: TargetGradient(
        method: .exact, gradient: [Double](repeating: 1e-3, count: shape.count), sampled: nil),
      engine: nil, level: measure.level)
    func time(_ request: FidelityRequest) throws -> Double {
      let statistics = PerDrawStatistics(
        source: DrawSource(problem: problem, key: key.derived("per-draw")), geometry: logits,
        assembly: assembly, draws: taken, gap: measure.gap, workers: jobs)
      let before = problem.counter.calls
      let start = Date()
      _ = try statistics.numbers(request.estimator)
      let time = Date().timeIntervalSince(start) / Double(taken)
      let after = problem.counter.calls
      calls[self.kind(request)] = (
        (after.values - before.values) / Double(taken),
        (after.gradients - before.gradients) / Double(taken)
      )
      return time
    }
    for request in requests {
      let kind = self.kind(request)
      if times[kind] == nil {
        let known = isLate ? times.values.max() : nil
        do {
          times[kind] = try known ?? time(request)
        } catch {
          note(error, of: request)
          times[kind] = 0
        }
      }
      forecast.seconds += (times[kind] ?? 0) * Double(draws)
      let used = calls[kind] ?? calls[self.kind(first)] ?? (0, 0)
      forecast.valueCalls += used.values * Double(draws)
      forecast.gradientCalls += used.gradients * Double(draws)
      if geometry.partCount > 1 {
        forecast.seconds += upstream.pullback * Double(draws) / workers(draws)
      }
    }
  }

  private func kind(_ request: FidelityRequest) -> String { "\(type(of: request.estimator))" }
}
