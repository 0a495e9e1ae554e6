import Discrete
import Estimators
import Fidelity
import Foundation
import Models
import Tensors
import Testing

/// Sampled numbers say where events that draws may not show would move them.
@Suite struct RareEventTests {
  /// A category of probability 0.0011 with a large cost.
  static let rareCategory =
    #"{"phi": [[0.0, 0.8, -5.5, -0.5]], "cost": {"type": "table", "values": [0.0, 1.0, 4.0, -1.0]}}"#
  /// A quadratic cost of two binary latents.
  static let smooth = """
    {"phi": [[0.0, 1.0], [0.0, -1.0]], "cost": {"type": "quadratic",
     "A": [[0.7, -0.2, 0.4, 1.1], [0.3, 0.5, -0.6, 0.2], [-0.1, 0.9, 0.8, -0.4], [0.2, -0.3, 0.1, 0.6]],
     "b": [0.3, -0.7, 0.2, 0.5]}}
    """
  /// Two categories of probability 0.03, none rare by itself among 256 draws, with a large cost where
  /// they meet (0.0009).
  static let rareJointCode = """
    {"phi": [[0.0, -3.5], [0.0, -3.5]], "cost": {"type": "quadratic",
     "A": [[0, 0, 0, 0], [0, 0, 0, 40], [0, 0, 0, 0], [0, 0, 0, 0]], "b": [0, 0.1, 0, 0.1]}}
    """

  private func numbers(
    _ kind: String, _ parameters: [String: ParameterValue] = [:], on problem: any DiscreteProblem,
    draws: Int, key: UInt64, scopes: [MeasureScope] = [.logits]
  ) throws -> [FidelityNumber] {
    try FidelitySession(
      problem: problem, target: TargetSettings(kind: .exact),
      measure: MeasureSettings(
        scopes: scopes, moments: .monteCarlo, draws: draws, perDrawSamples: 0, gap: false),
      key: RandomKey(seed: key)
    ).run([
      FidelityRequest(estimator: try EstimatorRegistry.make(kind, parameters), distribution: .own)
    ])[0].get().numbers
  }

  /// `spa` is unbiased, so a resolved bias is wrong: at level 0.95 by chance in one or two of 40. Four
  /// in five were, as most samples lack the rare category and vary too little to say so.
  @Test func anUnseenCategoryIsNoResolvedBias() throws {
    let problem = try fromText(Self.rareCategory)
    var resolved = 0
    for key in 0..<40 as Range<UInt64> {
      let found = try numbers("spa", on: problem, draws: 256, key: key)
      let bias = try number(found, .biasSquared)
      if bias.resolved == true { resolved += 1 }
      for metric in [Metric.biasSquared, .relativeBias, .variance, .snr] {
        #expect(try number(found, metric).warnings.contains(.rare), "\(metric)")
      }
      #expect(try number(found, .targetNorm).warnings.isEmpty)
    }
    // P(X > 6) < 1e-3 for 40 of probability 0.05.
    #expect(resolved <= 6)
  }

  /// Where the draws are many the category is seen, and nothing is warned of but what it makes of the
  /// variance.
  @Test func aSeenCategoryIsNotRare() throws {
    let found = try numbers(
      "spa", on: fromText(Self.rareCategory), draws: 65_536, key: 1)
    #expect(found.allSatisfy { !$0.warnings.contains(.rare) })
  }

  @Test(arguments: ["reinforce", "reinforce-loo", "st-gs"])
  func anUnseenJointCodeIsFound(_ kind: String) throws {
    let found = try numbers(kind, on: fromText(Self.rareJointCode), draws: 256, key: 3)
    #expect(try number(found, .variance).warnings.contains(.rare))
    if kind != "st-gs" { #expect(try number(found, .biasSquared).resolved == false) }
  }

  /// At small temperatures the surrogate's derivative is 0 but for few draws, where it is large: its
  /// vanishing among 1,024 draws is no certainty.
  @Test(arguments: [1e-4, 1e-6, 1e-8]) func aVanishingDerivativeIsNoCertainty(_ tau: Double) throws
  {
    let found = try numbers(
      "st-gs", ["tau": .number(tau)], on: fromText(Self.smooth), draws: 1024, key: 1)
    for metric in [Metric.biasSquared, .relativeBias, .scaleFreeBias] {
      let bias = try number(found, metric)
      // An estimate of nothing but zeros has no direction.
      #expect(bias.resolved == false || bias.isMissing, "\(metric)")
      #expect(metric == .scaleFreeBias || !bias.isMissing)
      #expect(bias.warnings.contains(.rare), "\(metric)")
    }
  }

  /// Two categories of the first latent are expected 0.04 times among 64 draws. They are little of the
  /// variance, all of it in the second latent, but half of the angle: of an unbiased estimator it is 0.
  @Test func unseenCategoriesTurnTheMean() throws {
    let farApart = """
      {"phi": [[8, 0, -4], [-5, 3, 0.5]], "cost": {"type": "linear",
       "a": [[0.3, -0.7, 0.2], [0.5, 1.1, -0.4]]}}
      """
    for key in 0..<10 as Range<UInt64> {
      let found = try numbers(
        "reinforce-loo", ["samples": .integer(2)], on: fromText(farApart), draws: 64, key: key)
      let bias = try number(found, .scaleFreeBias)
      #expect(bias.warnings.contains(.rare) && bias.resolved == false, "\(bias)")
      let cosine = try number(found, .cosineOfMean)
      #expect(cosine.high >= 1 - 1e-9, "\(cosine)")
      #expect(try !number(found, .variance).warnings.contains(.rare))
    }
  }

  /// Unbiased estimators beside a category of probability 0.001 and less with a cost of 300, 64 draws: no
  /// bias is resolved, in any of twelve samples.
  @Test(
    arguments: [1e-3, 1e-4, 1e-5], ["spa", "disarm", "carms-i", "reinforce-loo", "unordered-set"])
  func unseenCategoriesResolveNothing(probability: Double, kind: String) throws {
    let logit = log(probability / (1 - probability))
    let two =
      "{\"phi\": [[0, \(logit)], [0, \(logit)]], \"cost\": {\"type\": \"linear\", \"a\": [[0.0, 300], [0.0, 200]]}}"
    for key in 1..<13 as Range<UInt64> {
      let found = try numbers(kind, on: fromText(two), draws: 64, key: key)
      for number in found where number.metric.isBias {
        #expect(number.resolved != true, "\(key): \(number)")
      }
    }
  }

  /// Noise near the threshold of two rare categories that cost much where they meet: the variance of a soft
  /// forward, 4.89 by an integral over three logistic variables, is warned of in nine samples of ten.
  @Test func raresThatMeetAreWarnedOf() throws {
    func row(_ p: Double) -> String { "[\(log(1 - p)), \(log(p))]" }
    let problem = try fromText(
      """
      {"phi": [\(row(0.002)), \(row(0.003)), \(row(0.5))], "cost": {"type": "mlp",
       "W1": [[0, 9, 0, 8, 0.4, -0.3], [0, -3, 0, 2, 1, 0.5]], "b1": [-12, 0.1], "w2": [400, 1.5]}}
      """)
    let warned = try (0..<20 as Range<UInt64>).count { key in
      let found = try numbers(
        "gumbel-softmax", ["tau": .number(1)], on: problem, draws: 1024, key: key)
      let variance = try number(found, .variance)
      return !variance.warnings.isEmpty || variance.high > 4.89
    }
    #expect(warned >= 18, "\(warned)")
  }

  /// Nothing is warned of where there is nothing: no `rare` at all, and `tail` on at most one in ten
  /// variances (chance: skew blocks of a light tail, see `TailCheck.skewness`).
  @Test(arguments: [
    "bernoulli-toy", "three-bernoullis", "carms-linear", "test-problem", "quadratic-cubic",
  ]) func healthyCellsAreLeftAlone(_ kind: String) throws {
    let problem = try registered(kind)
    var tails = 0
    var measured = 0
    for (name, parameters) in Zoo.settings {
      for key in 0..<3 as Range<UInt64> {
        let found = try numbers(name, parameters, on: problem, draws: 1024, key: key)
        #expect(found.allSatisfy { !$0.warnings.contains(.rare) }, "\(name) \(parameters)")
        for bias in found where bias.metric.isBias { #expect(bias.warnings.isEmpty) }
        // Errors are no less than 0 and ends in order, where there are any.
        #expect(found.allSatisfy { !($0.standardError < 0) && !($0.low > $0.high) })
        measured += 1
        if try !number(found, .variance).warnings.isEmpty { tails += 1 }
      }
    }
    #expect(Double(tails) <= 0.1 * Double(measured), "\(tails) of \(measured)")
  }

  /// A bias that is much larger than what unseen events may add stays resolved.
  @Test func aLargeBiasStaysResolved() throws {
    let found = try numbers(
      "st-gs", ["tau": .number(2)], on: registered("test-problem"), draws: 1024, key: 1)
    #expect(try number(found, .biasSquared).resolved == true)
    let constant = try numbers(
      "identity-st", on: fromText(Self.smooth), draws: 1024, key: 1)
    #expect(try number(constant, .biasSquared).resolved == true)
  }

  /// The sums over rare outcomes, at the logits and at the layers of a network in float32, against
  /// outcomes written out: `f(x) (e_x - p)`.
  @Test func sumsAreThoseOfOutcomesWrittenOut() throws {
    let problem = try registered(
      "categorical-vae",
      [
        "categories": .integer(4), "latents": .integer(1), "rows": .integer(2),
        "hidden-1": .integer(16), "hidden-2": .integer(8), "data": .text("procedural"),
      ])
    let geometry = ScopeGeometry(problem: problem, scopes: [.logits, .layers, .all])
    let engine = try MonteCarloEngine(
      source: DrawSource(problem: problem, key: RandomKey(seed: 1)), geometry: geometry,
      workers: 1)
    let table = try OracleTable(oracle: problem.oracle, limit: 64, gradients: false)
    let draws = 8
    let events = try #require(
      try RareEventSearch(source: engine.source, engine: engine, table: table).events(
        EstimatorRegistry.make("reinforce"), mean: [Double](repeating: 0, count: 8), draws: draws))

    var outcomes: [(row: Int, weight: Double, vector: [Double])] = []
    for row in 0..<2 {
      let p = problem.logits.row(row).probabilities()
      let values = table.values(row: row)
      let all = (0..<4).map { x in
        (0..<4).map { values[x] * ((x == $0 ? 1 : 0) - p[$0]) }
      }
      let mean = (0..<4).map { k in (0..<4).reduce(0.0) { $0 + p[$1] * all[$1][k] } }
      for x in 0..<4 {
        var vector = [Double](repeating: 0, count: 8)
        for k in 0..<4 { vector[4 * row + k] = (all[x][k] - mean[k]) / 2 }
        outcomes.append((row, p[x], vector))
      }
    }
    let pullback = try #require(problem.pullback)
    func parts(_ vector: [Double]) -> [Double] {
      [squaredNorm(vector)] + pullback.pullBack(vector).map(squaredNorm)
    }
    var expected = 0.0
    var missing = [Double](repeating: 0, count: 8)
    var lost = [0.0, 0.0]
    var unseen = [Double](repeating: 0, count: geometry.partCount)
    var few = unseen
    for outcome in outcomes.sorted(by: { squaredNorm($0.vector) > squaredNorm($1.vector) }) {
      expected += Double(draws) * outcome.weight
      guard expected <= 10 else { break }
      let squares = parts(outcome.vector).map { outcome.weight * $0 }
      few = zip(few, squares).map(+)
      guard expected <= 3 else { continue }
      unseen = zip(unseen, squares).map(+)
      missing = zip(missing, outcome.vector).map { $0 + outcome.weight * $1 }
      lost[outcome.row] += outcome.weight
    }
    // From the mean without them to that of all.
    for index in missing.indices { missing[index] /= 1 - lost[index / 4] }
    #expect(unseen[0] > 0)
    #expect(relativeDifference(events.missing, missing) < 1e-9)
    for (found, sum) in [(events.unseenSquares, unseen), (events.fewSquares, few)] {
      for (part, value) in found.enumerated() {
        #expect(abs(value / sum[part] - 1) < (part == 0 ? 1e-9 : 1e-4), "part \(part)")
      }
    }
    // The variance of `||g - m||^2` on every scope: rows are independent.
    for scope in geometry.scopes {
      let variance = (0..<2).reduce(0.0) { total, row in
        let sizes = outcomes.filter { $0.row == row }.map { outcome in
          let squares = parts(outcome.vector)
          return (outcome.weight, scope.parts.reduce(0.0) { $0 + squares[$1] })
        }
        let mean = sizes.reduce(0.0) { $0 + $1.0 * $1.1 }
        return total + sizes.reduce(0.0) { $0 + $1.0 * ($1.1 - mean) * ($1.1 - mean) }
      }
      let found = events.squareDeviation(scope, trace: 0)
      #expect(
        abs(found * found / variance - 1) < (scope.parts == [0] ? 1e-9 : 1e-3), "\(scope.name)")
    }
  }

  /// The variance of REINFORCE beside a category that is expected three times among the draws and makes half
  /// of it: intervals that blocks alone make hold it in three of four samples. Of 300 samples with 0.95 each, fewer than
  /// 271 hold it once in 10,000 runs.
  @Test(arguments: [64, 256, 1024]) func knownOutcomesWidenTheVariance(draws: Int) throws {
    let costs = [0.0, 1.0, 0.5 * Double(draws).squareRoot(), -1.0]
    let problem = try fromText(
      """
      {"phi": [[0, 0.8, \(log(12 / Double(draws))), -0.5]],
       "cost": {"type": "table", "values": \(costs)}}
      """)
    let p = problem.logits.row(0).probabilities()
    let estimates = (0..<4).map { x in (0..<4).map { costs[x] * ((x == $0 ? 1 : 0) - p[$0]) } }
    let mean = (0..<4).map { k in (0..<4).reduce(0.0) { $0 + p[$1] * estimates[$1][k] } }
    let trace = (0..<4).reduce(0.0) {
      $0 + p[$1] * zip(estimates[$1], mean).reduce(0.0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    }
    var held = [Metric: Int]()
    for key in 0..<300 as Range<UInt64> {
      let found = try numbers("reinforce", on: problem, draws: draws, key: key)
      for metric in [Metric.variance, .mse] {
        let number = try number(found, metric)
        if number.low <= trace && trace <= number.high { held[metric, default: 0] += 1 }
      }
    }
    for (metric, count) in held { #expect(count >= 271, "\(metric): \(count)") }
  }
}
