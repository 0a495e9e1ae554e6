import Discrete
import Foundation

extension FidelityPilot {
  /// Moments that are summed or integrated.
  func addExactMoments(_ requests: [FidelityRequest], _ upstream: Upstream) throws {
    var measured: [String: Double] = [:]
    var states = StateTimes()
    var laws: Set<ForwardLaw> = []
    var exact = 0
    for (request, route) in zip(requests, forecast.routes) where route != .monteCarlo {
      exact += 1
      let estimator = request.estimator
      // Settings of one kind cost the same; so does what the pilot has no time for.
      let kind = "\(route) \(type(of: estimator))"
      let likes = measured.filter { $0.key.hasPrefix(route.rawValue) }.values
      if let known = measured[kind] {
        forecast.seconds += known
      } else if isLate, !likes.isEmpty {
        forecast.seconds += likes.reduce(0, +) / Double(likes.count)
      } else {
        let time: Double
        switch route {
        case .table: time = try tableSeconds(estimator, &states, upstream)
        default: time = try wholeSeconds(estimator)
        }
        measured[kind] = time
        forecast.seconds += time
      }
      if route == .quadrature { addQuadratureCalls(estimator) }
      if route == .table, laws.insert(estimator.plan.law).inserted {
        forecast.seconds += try lawSeconds(estimator.plan, &states)
      }
    }
    guard exact > 0 else { return }
    // Gram matrices once per batch of requests; numbers of every cell.
    forecast.seconds += upstream.grams * Double((exact + 15) / 16)
    forecast.seconds += 3 * upstream.pullback * Double(exact)
  }

  /// Times of sums over the states of a row, from as many of its latents as the pilot can take.
  struct StateTimes {
    var states: RowStates?
    var row: RowLogits?
    /// What the whole row takes more.
    var factor = 1.0
    var bySetup: [Bool: Double] = [:]
  }

  /// Above what the default limit of states allows, so that most layers are timed whole.
  private static let stateNumbers = 1 << 22

  private func prepare(_ times: inout StateTimes, _ plan: EvaluationPlan) -> Double {
    let shape = problem.shape
    var latents = shape.latents
    func numbers(_ latents: Int) -> Double {
      pow(Double(shape.categories), Double(latents)) * Double(latents * shape.categories)
    }
    while latents > 1, numbers(latents) > Double(FidelityPilot.stateNumbers) { latents -= 1 }
    let smaller = LayerShape(rows: 1, latents: latents, categories: shape.categories)
    let count = smaller.jointStates(limit: .max) ?? 1
    let values = (0..<count).map { sin(Double($0)) }
    let gradients =
      plan.hardGradients ? (0..<count * smaller.width).map { cos(Double($0)) } : []
    let row = RowLogits(
      latents: latents, categories: shape.categories,
      values: Array(problem.logits.row(0).values.prefix(smaller.width)))
    let codes = JointStates(latents: latents, categories: shape.categories).codes(0..<count)
    let time = seconds {
      times.states = RowStates(
        row: row, law: plan.law, codes: codes, values: values, gradients: gradients,
        quadratureStep: ExactEngine.quadratureStep(shape))
    }
    times.row = row
    // Second moments: states times the square of the width.
    let width = Double(shape.width) / Double(smaller.width)
    times.factor = numbers(shape.latents) / numbers(latents) * width
    return time * times.factor
  }

  /// The sum over the table that an exact target of one temperature is.
  func exactTargetSeconds() -> Double {
    var times = StateTimes()
    let setup = prepare(&times, EvaluationPlan(values: true))
    let rows = problem.shape.rows
    // Scores are made and multiplied once: about what making the states takes.
    return 2 * setup * Double(rows) / workers(rows)
  }

  /// What all estimators of a law share.
  private func lawSeconds(_ plan: EvaluationPlan, _ times: inout StateTimes) throws -> Double {
    let rows = problem.shape.rows
    if let known = times.bySetup[plan.gradients] {
      return known * Double(rows) / workers(rows)
    }
    let time = prepare(&times, plan)
    times.bySetup[plan.gradients] = time
    return time * Double(rows) / workers(rows)
  }

  private func tableSeconds(
    _ estimator: any GradientEstimator, _ times: inout StateTimes, _ upstream: Upstream
  ) throws -> Double {
    let rows = problem.shape.rows
    times.bySetup[estimator.plan.gradients] = prepare(&times, estimator.plan)
    guard let states = times.states, let row = times.row else { return 0 }
    if !MomentRoute.hasExactMoments(estimator, problem.inner) {
      return (try outcomeSeconds(estimator) + upstream.traces) * Double(rows) / workers(rows)
    }
    let time = try seconds { _ = try estimator.exactMoments(row, states) } * times.factor
    return (time + upstream.traces) * Double(rows) / workers(rows)
  }

  /// A sum over all outcomes of one row, from the first of them. The table is made up.
  private func outcomeSeconds(_ estimator: any GradientEstimator) throws -> Double {
    let shape = problem.shape
    guard let count = shape.jointStates(limit: target.maxStates),
      let outcomes = FiniteExpectation.outcomes(estimator, of: problem.inner, gradients: true)
    else { return 0 }
    let row = problem.logits.row(0)
    let states = RowStates(
      row: row, law: estimator.plan.law,
      codes: JointStates(latents: shape.latents, categories: shape.categories).codes(0..<count),
      values: (0..<count).map { sin(Double($0)) },
      gradients: estimator.plan.hardGradients
        ? (0..<count * shape.width).map { cos(Double($0)) } : [],
      quadratureStep: ExactEngine.quadratureStep(shape))
    let fixedSoft = try FixedSoftCosts.all(problem.inner, estimator)
    let sum = FiniteExpectation(
      oracle: problem.inner.oracle, row: row, states: states, fixedSoft: fixedSoft?.first)
    let most = 2048
    return try seconds { _ = try sum.moments(estimator, most: most) }
      * max(1, Double(outcomes) / Double(most))
  }

  /// Layers of one row: the moments themselves, or a part of the lattice.
  private func wholeSeconds(_ estimator: any GradientEstimator) throws -> Double {
    let engine = ExactEngine(
      problem: problem.inner, table: nil, geometry: logits,
      quadratureStep: ExactEngine.quadratureStep(problem.shape), key: key.value, workers: 1)
    guard estimator.plan.relaxed,
      let points = RelaxedQuadrature.latticePoints(estimator, problem.oracle)
    else { return try seconds { _ = try engine.measure([estimator]) } }
    let draws = 512
    let source = DrawSource(problem: problem.inner, key: key)
    let time = try seconds {
      let rows = try source.draw(
        0..<draws, law: estimator.plan.law, needs: GroupNeeds([estimator.plan]))
      _ = try source.relaxed(estimator, rows)
    }
    return time * Double(points) / Double(draws)
  }

  /// Most calls of the lattice; other rules take far fewer.
  private func addQuadratureCalls(_ estimator: any GradientEstimator) {
    guard let points = RelaxedQuadrature.latticePoints(estimator, problem.oracle) else { return }
    forecast.gradientCalls += Double(points)
  }
}
