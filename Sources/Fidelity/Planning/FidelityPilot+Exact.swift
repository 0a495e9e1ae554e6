import Discrete
import Foundation

extension FidelityPilot {
  /// Moments that are summed or integrated.
  func addExactMoments(_ requests: [FidelityRequest], _ upstream: Upstream) throws {
    var measured: [String: ExactCost] = [:]
    var jointCodes = JointCodeTimes()
    var distributions: Set<ForwardDistribution> = []
    var exact = 0
    for (request, route) in zip(requests, forecast.routes) where route != .draws {
      exact += 1
      let estimator = request.estimator
      // Settings of one kind cost the same; so does what the pilot has no time for.
      let kind = "\(route) \(type(of: estimator))\(noise(of: estimator))"
      let likes = measured.filter { $0.key.hasPrefix("\(route)") }.values
      let cost: ExactCost
      if let known = measured[kind] {
        cost = known
      } else if isLate, !likes.isEmpty {
        cost = ExactCost(mean: Array(likes))
      } else {
        do {
          switch route {
          case .jointCodes, .outcomes:
            cost = ExactCost(seconds: try tableSeconds(estimator, route, &jointCodes, upstream))
          case .surrogate: cost = try surrogateCost(estimator)
          default: cost = try wholeCost(estimator)
          }
        } catch {
          note(error, of: request)
          cost = ExactCost(seconds: 0)
        }
        measured[kind] = cost
      }
      forecast.seconds += cost.seconds
      forecast.valueCalls += cost.valueCalls
      forecast.gradientCalls += cost.gradientCalls
      if route == .jointCodes || route == .outcomes,
        distributions.insert(estimator.plan.distribution).inserted
      {
        forecast.seconds += try distributionSeconds(estimator.plan, &jointCodes)
      }
    }
    guard exact > 0 else { return }
    // Gram matrices once per batch of requests; numbers of every cell.
    forecast.seconds += upstream.grams * Double((exact + 15) / 16)
    forecast.seconds += 3 * upstream.pullback * Double(exact)
  }

  /// Times of sums over the joint codes of a row, from as many of its latents as the pilot can take.
  struct JointCodeTimes {
    var jointCodes: RowJointCodes?
    var row: RowLogits?
    /// What the whole row takes more.
    var factor = 1.0
    var bySetup: [Bool: Double] = [:]
  }

  /// Above what the default limit of joint codes allows, so that most layers are timed whole.
  private static let jointCodeNumbers = 1 << 22

  private func prepare(_ times: inout JointCodeTimes, _ plan: EvaluationPlan) -> Double {
    let shape = problem.shape
    var latents = shape.latents
    func numbers(_ latents: Int) -> Double {
      (0..<latents).reduce(1.0) { $0 * Double(shape.categories(of: $1)) }
        * Double(latents * shape.categories)
    }
    while latents > 1, numbers(latents) > Double(FidelityPilot.jointCodeNumbers) { latents -= 1 }
    let row = problem.logits.row(0).prefix(latents: latents)
    let smaller = row.shape
    let count = smaller.jointCodes(limit: .max) ?? 1
    let values = (0..<count).map { sin(Double($0)) }
    let gradients =
      plan.hardGradients ? (0..<count * smaller.width).map { cos(Double($0)) } : []
    let codes = JointCodes(smaller).codes(0..<count)
    let time = seconds {
      times.jointCodes = RowJointCodes(
        row: row, distribution: plan.distribution, codes: codes, values: values,
        gradients: gradients,
        quadratureStep: ExactEngine.quadratureStep(shape))
    }
    times.row = row
    // Second moments: joint codes times the square of the width.
    let width = Double(shape.width) / Double(smaller.width)
    times.factor = numbers(shape.latents) / numbers(latents) * width
    return time * times.factor
  }

  /// The sum over the table that an exact target of one temperature is.
  func exactTargetSeconds() -> Double {
    var times = JointCodeTimes()
    let setup = prepare(&times, EvaluationPlan(values: true))
    let rows = problem.shape.rows
    // Scores are made and multiplied once: about what making the joint codes takes.
    return 2 * setup * Double(rows) / workers(rows)
  }

  /// What all estimators of a distribution share.
  private func distributionSeconds(_ plan: EvaluationPlan, _ times: inout JointCodeTimes) throws
    -> Double
  {
    let rows = problem.shape.rows
    if let known = times.bySetup[plan.gradients] {
      return known * Double(rows) / workers(rows)
    }
    let time = prepare(&times, plan)
    times.bySetup[plan.gradients] = time
    return time * Double(rows) / workers(rows)
  }

  private func tableSeconds(
    _ estimator: any GradientEstimator, _ route: MomentRoute, _ times: inout JointCodeTimes,
    _ upstream: Upstream
  ) throws -> Double {
    let rows = problem.shape.rows
    times.bySetup[estimator.plan.gradients] = prepare(&times, estimator.plan)
    guard let jointCodes = times.jointCodes, let row = times.row else { return 0 }
    if route == .outcomes {
      return (try outcomeSeconds(estimator) + upstream.traces) * Double(rows) / workers(rows)
    }
    let time = try seconds { _ = try estimator.exact?.exactMoments(row, jointCodes) } * times.factor
    return (time + upstream.traces) * Double(rows) / workers(rows)
  }

  /// A sum over all outcomes of one row, from the first of them. The table is made up.
  private func outcomeSeconds(_ estimator: any GradientEstimator) throws -> Double {
    guard
      let outcomes = FiniteExpectation.outcomes(estimator, of: problem.inner, gradients: true),
      let source = try madeUp(estimator)
    else { return 0 }
    let most = 2048
    return try seconds { _ = try FiniteExpectation(source: source).moments(estimator, most: most) }
      * max(1, Double(outcomes) / Double(most))
  }

  /// Estimates of the first row with a made-up table; nil beyond the most joint codes.
  private func madeUp(_ estimator: any GradientEstimator) throws -> JointCodeEstimates? {
    let shape = problem.shape
    guard let count = shape.jointCodes(limit: target.maxJointCodes) else { return nil }
    let row = problem.logits.row(0)
    let jointCodes = RowJointCodes(
      row: row, distribution: estimator.plan.distribution,
      codes: JointCodes(shape).codes(0..<count),
      values: (0..<count).map { sin(Double($0)) },
      gradients: estimator.plan(for: shape).hardGradients
        ? (0..<count * shape.width).map { cos(Double($0)) } : [],
      quadratureStep: ExactEngine.quadratureStep(shape))
    return JointCodeEstimates(
      oracle: problem.inner.oracle.restricted(toRow: 0), row: row, jointCodes: jointCodes,
      fixedSoft: try FixedSoftCosts.all(problem.inner, estimator)?.first)
  }

  /// Settings of a surrogate with noise cost other than those without.
  private func noise(of estimator: any GradientEstimator) -> String {
    guard let surrogate = estimator.surrogate,
      let point = problem.inner.quantiser?.quantisedPoints.first
    else { return "" }
    return surrogate.uniforms(point) > 0 ? " with noise" : ""
  }

  /// The decoder at the quantised rows, and a surrogate's rule; of one with noise the points of its lattice, from the
  /// fewest.
  private func surrogateCost(_ estimator: any GradientEstimator) throws -> ExactCost {
    guard let surrogate = estimator.surrogate, let quantised = problem.inner.quantiser,
      let point = quantised.quantisedPoints.first,
      let geometry = ScopeGeometry(atFeaturesOf: problem.inner, scopes: measure.scopes)
    else { return ExactCost(seconds: 0) }
    let rows = Double(problem.shape.rows)
    let isRandom = surrogate.uniforms(point) > 0
    let whole = try seconds {
      let engine = try SurrogateEngine(
        quantised, geometry: geometry, key: key.value, workers: jobs)
      if !isRandom {
        _ = try engine.measure(surrogate)
      }
    }
    // Replicates of the problem share what was measured: theirs is taken off what is multiplied in the end.
    let share = 1 / Double(1 + problem.inner.replicates.count)
    guard isRandom else {
      return ExactCost(seconds: share * whole, gradientCalls: share * rows)
    }
    let few = LatticeRule.fewestPoints
    let trial = try seconds {
      _ = try SurrogateMoments(
        surrogate, at: point, codebooks: false, points: few, key: key.value)
    }
    let times = rows * Double(SurrogateEngine.latticePoints(rows: problem.shape.rows)) / Double(few)
    return ExactCost(
      seconds: share * (whole + trial * times / workers(problem.shape.rows)),
      gradientCalls: share * times * Double(few * ShiftedLattice.shifts))
  }

  /// The first row's moments themselves, or the turns of the lattice that its first one asks for,
  /// times all rows.
  private func wholeCost(_ estimator: any GradientEstimator) throws -> ExactCost {
    let shape = problem.shape
    guard let lattice = try lattice(estimator) else {
      if estimator.plan.relaxed {
        return ExactCost(
          seconds: try seconds { _ = try relaxedQuadrature(estimator).moments(estimator) }
            * Double(shape.rows) / workers(shape.rows))
      }
      let engine = ExactEngine(
        problem: problem.inner, table: nil, geometry: logits,
        quadratureStep: ExactEngine.quadratureStep(problem.shape), key: key.value, workers: 1)
      return ExactCost(seconds: try seconds { _ = try engine.measure([estimator]) })
    }
    let plan = estimator.plan(for: shape)
    let trial = 512
    let tasks = shape.rows == 1 ? ShiftedLattice.shifts : shape.rows
    let perPoint = try seconds { try lattice.evaluate(trial) } / Double(trial) / workers(tasks)
    let rules = lattice.integrand.rules
    let points = rules.indices.map { Double(lattice.integrand.points(turn: $0)) }
    // Where the first turn takes too long all of them count: an upper bound.
    var turns = rules.count
    if !isLate, perPoint * points[0] < allowance / 4 { turns = try lattice.likelyTurns() }
    let all = Double(shape.rows) * points[..<turns].reduce(0, +)
    return ExactCost(
      seconds: perPoint * all, valueCalls: all * Double(plan.probes?.softValueCalls ?? 0),
      gradientCalls: all * Double((plan.probes?.softGradientCalls ?? 0) + (plan.relaxed ? 1 : 0)))
  }

  /// The lattice that integrates an estimator; nil where something else does.
  private func lattice(_ estimator: any GradientEstimator) throws -> ShiftedLattice? {
    guard !estimator.plan.relaxed else { return relaxedQuadrature(estimator).lattice(estimator) }
    guard let source = try madeUp(estimator),
      let integrand = JointCodeNoiseIntegrand(
        estimator, source,
        allowance: PointAllowance(estimator, problem.inner.oracle, measure.moments))
    else { return nil }
    return ShiftedLattice(integrand: integrand, key: key.value, workers: jobs)
  }

  /// That of the first row.
  private func relaxedQuadrature(_ estimator: any GradientEstimator) -> RelaxedQuadrature {
    RelaxedQuadrature(
      oracle: problem.inner.oracle.restricted(toRow: 0), row: problem.logits.row(0),
      key: key.value, workers: jobs,
      allowance: PointAllowance(estimator, problem.inner.oracle, measure.moments))
  }
}

/// What the moments of a cell take.
private struct ExactCost {
  var seconds: Double
  var valueCalls = 0.0
  var gradientCalls = 0.0

  init(seconds: Double, valueCalls: Double = 0, gradientCalls: Double = 0) {
    self.seconds = seconds
    self.valueCalls = valueCalls
    self.gradientCalls = gradientCalls
  }

  init(mean costs: [ExactCost]) {
    func mean(_ number: (ExactCost) -> Double) -> Double {
      costs.reduce(0) { $0 + number($1) } / Double(costs.count)
    }
    self.init(
      seconds: mean(\.seconds), valueCalls: mean(\.valueCalls),
      gradientCalls: mean(\.gradientCalls))
  }
}
