import Discrete
import Foundation
import Tensors

/// What events add to an estimator's mean and variance that are so rare and so large that draws may not
/// show it.
///
/// Outcomes of the estimates of all rows, the farthest from their mean first: `unseen` are those that are
/// together expected `RareEvents.unseen` times among the draws (they are missed altogether once in
/// twenty times), `few` those that are expected `RareEvents.few` times. Of a light tail they make a few
/// hundredths of the variance (1,024 draws, normal: 0.03 and 0.08), of a heavy one most of it.
package struct RareEvents: Sendable {
  static let unseen = 3.0
  static let few = 10.0

  /// `sum w (g - m)` over the unseen, `[B][D][K]`, with the factor `1/B`.
  package var missing: [Double]
  /// The same on the coordinates that vary with unseen events alone, and 0 on the others: what is missing in
  /// the mean's direction, however small it is beside the noise of the other coordinates.
  package var turning: [Double]
  /// `sum w ||g - m||^2` on every part, with the factor `1/B^2`.
  package var unseenSquares: [Double]
  package var fewSquares: [Double]
  /// The same over all outcomes; empty where these are not known.
  package var allSquares: [Double] = []
  /// Squares of squares are kept in units of `2^exponent`: those of small gradients are no doubles.
  private let exponent: Int
  /// Covariances of `s = ||g - m||^2` on every two parts, `[parts][parts]`, with the factor `1/B^4`,
  /// over all outcomes; empty where these are not known.
  private var squareCovariances: [Double] = []
  /// Events that were put in place of drawn ones.
  private var forced: [Forced] = []
  /// Probability of the unseen, row by row.
  private(set) var unseenWeights: [Double]
  /// Whether there are rare categories and it is not known what the estimator makes of them.
  var areUnknown = false

  /// Which event of a row an outcome belongs to: events of one latent, and joint codes, exclude each
  /// other.
  struct Place: Hashable {
    let row: Int
    /// The latent; nil for a joint code.
    let latent: Int?
    let event: Int
  }

  /// An event with its probability and the mean of `||g - m||^2` on every part, with the factor `1/B^2`.
  private struct Forced {
    let place: Place
    var weight: Double
    var squares: [Double]
  }

  /// An outcome of one row's estimate, as its difference from the mean.
  struct Outcome {
    let row: Int
    let weight: Double
    let deviation: [Double]
    let size: Double
    /// nil in a list of all outcomes.
    let place: Place?

    init(row: Int, weight: Double, deviation: [Double], place: Place? = nil) {
      self.row = row
      self.weight = weight
      self.deviation = deviation
      self.place = place
      size = ScopeGeometry.dots([deviation], [deviation])[0]
    }
  }

  /// - Parameters:
  ///   - draws: estimates whose mean is taken.
  ///   - areAll: whether these are all outcomes there are.
  init(_ outcomes: [Outcome], draws: Int, areAll: Bool, engine: MonteCarloEngine) {
    let shape = engine.geometry.shape
    let parts = engine.geometry.partCount
    missing = [Double](repeating: 0, count: shape.count)
    turning = missing
    unseenWeights = [Double](repeating: 0, count: shape.rows)
    unseenSquares = [Double](repeating: 0, count: parts)
    fewSquares = unseenSquares
    if areAll {
      allSquares = unseenSquares
      squareCovariances = [Double](repeating: 0, count: parts * parts)
    }
    var squares = [[Double]](repeating: [], count: outcomes.count)
    let byRow = Dictionary(grouping: outcomes.indices, by: { outcomes[$0].row })
      .sorted { $0.key < $1.key }
    for (row, members) in byRow {
      let own = engine.squares(of: members.map { outcomes[$0].deviation }, row: row)
      for (index, square) in zip(members, own) { squares[index] = square }
    }
    let largest = squares.joined().max() ?? 0
    exponent = largest > 0 && largest.isFinite ? Int(largest.exponent) : 0
    if areAll {
      for (_, members) in byRow {
        add(weights: members.map { outcomes[$0].weight }, squares: members.map { squares[$0] })
      }
    }
    let byPlace = Dictionary(
      grouping: outcomes.indices.filter { outcomes[$0].place != nil }, by: { outcomes[$0].place })
    // In the order of their first draws: sums of a dictionary's own order would differ from run to run.
    for members in byPlace.values.sorted(by: { $0[0] < $1[0] }) {
      guard let place = outcomes[members[0]].place else { continue }
      let weight = members.reduce(0) { $0 + outcomes[$1].weight }
      let means = (0..<parts).map { part in
        members.reduce(0) { $0 + squares[$1][part] } / Double(members.count)
      }
      forced.append(Forced(place: place, weight: weight, squares: means))
    }
    var expected = 0.0
    for index in outcomes.indices.sorted(by: { outcomes[$0].size > outcomes[$1].size }) {
      let outcome = outcomes[index]
      expected += Double(draws) * outcome.weight
      guard expected <= Self.few, outcome.size > 0 else { break }
      for part in 0..<parts { fewSquares[part] += outcome.weight * squares[index][part] }
      guard expected <= Self.unseen else { continue }
      for part in 0..<parts { unseenSquares[part] += outcome.weight * squares[index][part] }
      unseenWeights[outcome.row] += outcome.weight
      for index in outcome.deviation.indices {
        missing[outcome.row * shape.width + index] +=
          outcome.weight * outcome.deviation[index] / Double(shape.rows)
      }
    }
  }

  /// Adds the squared deviations of all outcomes of one row, `[outcome][part]`, and their covariances.
  private mutating func add(weights: [Double], squares: [[Double]]) {
    let parts = fewSquares.count
    var means = [Double](repeating: 0, count: parts)
    for (weight, squares) in zip(weights, squares) {
      for first in 0..<parts {
        means[first] += weight * squares[first]
        for second in 0..<parts {
          squareCovariances[first * parts + second] +=
            weight * scaled(squares[first]) * scaled(squares[second])
        }
      }
    }
    for first in 0..<parts {
      allSquares[first] += means[first]
      for second in 0..<parts {
        squareCovariances[first * parts + second] -= scaled(means[first]) * scaled(means[second])
      }
    }
  }

  private func scaled(_ square: Double) -> Double { square.scaled(byPowerOfTwo: -exponent) }

  /// The standard deviation of `||g - m||^2` on a scope as far as it is known: by the root of the number of
  /// draws, what the estimate of `tr(S)` varies by. Of forced events it is what the larger ones make of it, in
  /// every row those of one latent, which exclude each other.
  ///
  /// - Parameter trace: `tr(S)` on the scope, as it was drawn.
  package func squareDeviation(_ scope: Scope, trace: Double) -> Double {
    squareVariance(scope, trace: scaled(trace)).squareRoot().scaled(byPowerOfTwo: exponent)
  }

  /// In units of `2^exponent`.
  private func squareVariance(_ scope: Scope, trace: Double) -> Double {
    let parts = fewSquares.count
    guard squareCovariances.isEmpty else {
      let sum = scope.parts.reduce(0) { sum, first in
        scope.parts.reduce(sum) { $0 + squareCovariances[first * parts + $1] }
      }
      return max(sum, 0)
    }
    var byRow: [Int: [Int?: Double]] = [:]
    for event in forced {
      let size = scope.parts.reduce(0) { $0 + scaled(event.squares[$1]) }
      let excess = max(size - trace, 0)
      byRow[event.place.row, default: [:]][event.place.latent, default: 0] +=
        event.weight * excess * excess
    }
    return byRow.keys.sorted().reduce(0) { $0 + (byRow[$1]?.values.max() ?? 0) }
  }
}

/// Finds the rare events of sampled estimates from what is known without draws: the probabilities.
///
/// Where one estimate has few outcomes, all of them are listed. Elsewhere categories, and joint codes
/// with an unusual cost, that are expected fewer than ten times are put in place of drawn ones, and the
/// estimator is asked what it makes of them. Of one that chooses its points by uniform numbers it is known
/// only that there are such categories.
package struct RareEventSearch {
  /// Draws of their own for what stands beside a forced category.
  let source: DrawSource
  let engine: MonteCarloEngine
  let table: OracleTable?

  package init(source: DrawSource, engine: MonteCarloEngine, table: OracleTable?) {
    self.source = source
    self.engine = engine
    self.table = table
  }

  /// Most outcomes of one row, and of all rows, that are listed.
  private static let outcomeLimit = 4096
  private static let allOutcomes = 1 << 16
  /// Events of a row that are looked at, those with the largest probability first, and draws of each.
  private static let eventsPerRow = 16
  private static let drawsPerEvent = 4
  /// Most joint codes of a row that are searched for unusual costs.
  private static let jointCodeLimit = 1 << 16

  private var problem: any DiscreteProblem { source.problem }

  /// - Parameters:
  ///   - mean: of the estimates, `[B][D][K]`, with the factor `1/B`.
  ///   - draws: number of estimates.
  /// - Returns: nil where the estimator draws nothing from a distribution.
  package func events(
    _ estimator: any GradientEstimator, mean: [Double], draws: Int
  ) throws -> RareEvents? {
    if let known = try listed(estimator, draws: draws) { return known }
    let plan = estimator.plan(for: problem.shape)
    let samples = JointCodeEstimates.samples(plan)
    // Points that are chosen by uniform numbers: no category can be forced on them.
    let probes = plan.probes.flatMap {
      $0.uniforms(latents: problem.shape.latents) > 0 ? $0 : nil
    }
    let points = max(samples, probes?.codes ?? 0)
    guard points > 0, case .sample = plan.distribution else { return nil }
    let events = self.events(plan.distribution, expected: Double(draws * points))
    guard events.contains(where: { !$0.isEmpty }) else { return nil }
    let outcomes =
      samples > 0 ? try forced(estimator, plan, events, mean: mean, samples: samples) : []
    var found = RareEvents(outcomes, draws: draws, areAll: false, engine: engine)
    found.areUnknown = probes != nil
    for index in constantCoordinates(plan.distribution, expected: Double(draws * points)) {
      found.turning[index] = found.missing[index]
    }
    return found
  }

  /// Where a category is taken, or left out, too seldom to be seen.
  private func constantCoordinates(_ distribution: ForwardDistribution, expected draws: Double)
    -> [Int]
  {
    let shape = problem.shape
    return (0..<shape.rows).flatMap { row in
      let probabilities = distribution.probabilities(problem.logits.row(row))
      return probabilities.indices.filter { index in
        draws * min(probabilities[index], 1 - probabilities[index]) <= RareEvents.unseen
      }.map { row * shape.width + $0 }
    }
  }

  // MARK: All outcomes

  private func listed(_ estimator: any GradientEstimator, draws: Int) throws -> RareEvents? {
    let shape = problem.shape
    guard let table,
      let count = FiniteExpectation.outcomes(
        estimator, of: problem, gradients: table.hasGradients),
      count <= Self.outcomeLimit, count * shape.rows <= Self.allOutcomes
    else { return nil }
    let plan = estimator.plan(for: shape)
    let fixedSoft = try FixedSoftCosts.all(problem, estimator)
    var outcomes: [RareEvents.Outcome] = []
    for index in 0..<shape.rows {
      let row = problem.logits.row(index)
      let jointCodes = RowJointCodes(
        row: row, distribution: plan.distribution, codes: table.codes,
        values: table.values(row: index),
        gradients: table.gradients(row: index), quadratureStep: 0.5)
      let source = JointCodeEstimates(
        oracle: problem.oracle.restricted(toRow: index), row: row, jointCodes: jointCodes,
        fixedSoft: fixedSoft?[index])
      guard
        let (weights, vectors) = try FiniteExpectation(source: source)
          .outcomes(estimator, limit: Self.outcomeLimit)
      else { return nil }
      let mean = matrixProduct(weights, vectors, m: 1, n: shape.width, k: weights.count)
      outcomes += weights.indices.map { place in
        RareEvents.Outcome(
          row: index, weight: weights[place],
          deviation: mean.indices.map { vectors[place * shape.width + $0] - mean[$0] })
      }
    }
    var events = RareEvents(outcomes, draws: draws, areAll: true, engine: engine)
    events.turning = turning(outcomes, draws: draws)
    // The mean of the draws lacks the unseen: what is missing is their distance from it, not from the mean
    // of all.
    for index in events.missing.indices {
      events.missing[index] /= 1 - min(0.5, events.unseenWeights[index / shape.width])
    }
    return events
  }

  /// Coordinate by coordinate: `sum w (g - m)` over the unseen, the farthest in this coordinate first, where
  /// they make nine tenths of its variance and more.
  private func turning(_ outcomes: [RareEvents.Outcome], draws: Int) -> [Double] {
    let shape = problem.shape
    var turning = [Double](repeating: 0, count: shape.count)
    for (row, members) in Dictionary(grouping: outcomes, by: \.row) {
      for index in 0..<shape.width {
        let sizes = members.map { (weight: $0.weight, value: $0.deviation[index]) }
          .sorted { abs($0.value) > abs($1.value) }
        let total = sizes.reduce(0) { $0 + $1.weight * $1.value * $1.value }
        var (lost, part, moved) = (0.0, 0.0, 0.0)
        for (weight, value) in sizes {
          guard Double(draws) * (lost + weight) <= RareEvents.unseen else { break }
          lost += weight
          part += weight * value * value
          moved += weight * value
        }
        if part > 0.9 * total {
          turning[row * shape.width + index] = moved / (1 - min(0.5, lost)) / Double(shape.rows)
        }
      }
    }
    return turning
  }

  // MARK: Forced events

  /// Categories that some latents of a row take, with the probability that they do.
  private struct Event {
    var probability: Double
    var codes: [(latent: Int, category: Int32)]

    /// The latent of a category, nil of a joint code.
    var latent: Int? { codes.count == 1 ? codes[0].latent : nil }
  }

  /// The events of every row.
  private func events(_ distribution: ForwardDistribution, expected draws: Double) -> [[Event]] {
    (0..<problem.shape.rows).map { row in
      let probabilities = distribution.probabilities(problem.logits.row(row))
      let categories = problem.shape.categories
      var events = probabilities.indices.compactMap { index -> Event? in
        let p = probabilities[index]
        guard p > 0, draws * p < RareEvents.few else { return nil }
        return Event(
          probability: p, codes: [(index / categories, Int32(index % categories))])
      }
      events += unusualJointCodes(row, probabilities, draws: draws)
      events.sort { $0.probability > $1.probability }
      return Array(events.prefix(Self.eventsPerRow))
    }
  }

  /// Joint codes whose costs, far from the mean, make most of the variance of the cost, where no category
  /// or more than one is rare by itself.
  private func unusualJointCodes(_ row: Int, _ probabilities: [Double], draws: Double) -> [Event] {
    let shape = problem.shape
    guard let table, table.jointCodes <= Self.jointCodeLimit, shape.latents > 1 else { return [] }
    let values = table.values(row: row)
    let all = table.codes
    func codes(_ jointCode: Int) -> ArraySlice<Int32> {
      all[jointCode * shape.latents..<(jointCode + 1) * shape.latents]
    }
    var weights: [Double] = []
    var mean = 0.0
    for (jointCode, value) in values.enumerated() {
      var weight = 1.0
      for (latent, code) in zip(0..., codes(jointCode)) {
        weight *= probabilities[latent * shape.categories + Int(code)]
      }
      weights.append(weight)
      mean += weight * value
    }
    let parts = zip(weights, values).map { $0 * ($1 - mean) * ($1 - mean) }
    let total = parts.reduce(0, +)
    return parts.indices.compactMap { jointCode -> Event? in
      guard draws * weights[jointCode] < RareEvents.few, parts[jointCode] > 0.01 * total else {
        return nil
      }
      let chosen = zip(0..., codes(jointCode)).map { (latent: $0, category: $1) }
      // One rare category is an event by itself, with whatever stands beside it; two that must meet are not.
      let rare = chosen.count { latent, code in
        draws * probabilities[latent * shape.categories + Int(code)] < RareEvents.few
      }
      guard rare != 1 else { return nil }
      return Event(probability: weights[jointCode], codes: chosen)
    }
  }

  private func forced(
    _ estimator: any GradientEstimator, _ plan: EvaluationPlan, _ events: [[Event]],
    mean: [Double], samples: Int
  ) throws -> [RareEvents.Outcome] {
    let shape = problem.shape
    let most = (events.map(\.count).max() ?? 0) * Self.drawsPerEvent
    var codes: [ForcedCode] = []
    for (row, list) in events.enumerated() {
      for (place, event) in list.enumerated() {
        for draw in place * Self.drawsPerEvent..<(place + 1) * Self.drawsPerEvent {
          codes += event.codes.map {
            ForcedCode(row: row, draw: draw, latent: $0.latent, category: $0.category)
          }
        }
      }
    }
    let share = Double(samples) / Double(Self.drawsPerEvent)
    var outcomes: [RareEvents.Outcome] = []
    let chunk = MonteCarloEngine.drawsPerCall(shape)
    for start in stride(from: 0, to: most, by: chunk) {
      let range = start..<min(start + chunk, most)
      let drawn = try source.draw(
        range, distribution: plan.distribution, needs: GroupNeeds([plan]), forced: codes)
      let rows = try source.prepared(estimator, drawn, range: range)
      for row in 0..<shape.rows {
        let own = range.prefix { $0 < events[row].count * Self.drawsPerEvent }
        guard !own.isEmpty else { continue }
        var estimates = [Double](repeating: 0, count: range.count * shape.width)
        estimator.combine(problem.logits.row(row), rows[row], into: &estimates)
        for draw in own {
          let from = (draw - start) * shape.width
          let event = events[row][draw / Self.drawsPerEvent]
          outcomes.append(
            RareEvents.Outcome(
              row: row, weight: share * event.probability,
              deviation: (0..<shape.width).map {
                estimates[from + $0] - Double(shape.rows) * mean[row * shape.width + $0]
              },
              place: RareEvents.Place(
                row: row, latent: event.latent, event: draw / Self.drawsPerEvent)))
        }
      }
    }
    return outcomes
  }
}
