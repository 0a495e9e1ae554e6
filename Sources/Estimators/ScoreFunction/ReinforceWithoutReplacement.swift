import Discrete
import Foundation
import Tensors

/// REINFORCE on `k` different joint codes drawn without replacement, with threshold weights.
///
/// Perturbed log-probabilities of all joint codes, `S` the `k` largest, `kappa` the next value,
/// `q_i = 1 - exp(-exp(log P_i - kappa))`, `w_i = P_i / q_i`: `g = sum_S w_i f_i (z_i - p)`, or with
/// baseline `sum_S w_i (f_i (1 - P_i + w_i) - sum_j w_j f_j) (z_i - p)`. The order and the values are drawn
/// by their arrival times: the next joint code by its share of what is left, the waiting time exponential
/// with that rate. Unbiased on every cost. Complexity: `O(K^D k + k D K)` beside `k` oracle values.
public struct ReinforceWithoutReplacement: ProbingEstimator, ExactEstimator {
  public let size: Int
  public let hasBaseline: Bool

  public init(size: Int, hasBaseline: Bool) {
    self.size = max(size, 1)
    self.hasBaseline = hasBaseline
  }

  private var stride: Int { 2 * size + 1 }

  public var plan: EvaluationPlan {
    EvaluationPlan(
      samples: 0, probes: ProbePlan(sharedUniforms: 2 * size + 1, codes: size))
  }

  public func probes(_ row: RowLogits, _ draws: RowDraws) -> Probes {
    JointDistribution(row).probes(size, draws, stride: stride)
  }

  public func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    clear(&estimates)
    let distribution = JointDistribution(row)
    let score = Score(row)
    for draw in 0..<draws.count {
      let members = (draw * size..<(draw + 1) * size).map {
        JointDistribution.index(of: draws.probes.codes, at: $0 * row.latents, row)
      }
      let probabilities = members.map { distribution.weights[$0] }
      let weights = weights(
        distribution, members, draws.uniforms[draw * stride + size..<(draw + 1) * stride])
      let values = draws.probes.codeValues[draw * size..<(draw + 1) * size]
      let sum = zip(weights, values).reduce(0) { $0 + $1.0 * $1.1 }
      for (index, value) in values.enumerated() {
        let advantage =
          hasBaseline
          ? value * (1 - probabilities[index] + weights[index]) - sum : value
        score.add(
          weights[index] * advantage, draws.probes.codes,
          at: (draw * size + index) * row.latents, to: &estimates, at: draw * score.width)
      }
    }
  }

  /// `P_i / q_i` with the threshold `exp(-kappa)`, the arrival time of the first joint code outside.
  private func weights(
    _ distribution: JointDistribution, _ members: [Int], _ uniforms: ArraySlice<Double>
  ) -> [Double] {
    let all = distribution.weights
    let outside = distribution.outside(members)
    // Rates before each arrival, summed from the small end.
    var rate = outside
    var rates = [outside]
    for member in members.reversed() {
      rate += all[member]
      rates.append(rate)
    }
    var time = 0.0
    for (uniform, rate) in zip(uniforms, rates.reversed()) { time += -log(uniform) / rate }
    return weights(members.map { all[$0] }, time: time)
  }

  /// `P_i / q_i` of members with these probabilities, all of which have arrived before `time`.
  private func weights(_ probabilities: [Double], time: Double) -> [Double] {
    probabilities.map { probability in
      guard time.isFinite else { return probability }
      let share = -expm1(-probability * time)
      return share > 0 ? probability / share : 1 / time
    }
  }
}

extension ReinforceWithoutReplacement {
  /// Whether one estimate has a variance. Weights are near `1/t` for a small threshold time `t`, whose
  /// density is near `t^k`: the square of the estimate is near `t^-2`, with baseline `t^-4`.
  private var hasVariance: Bool { size >= (hasBaseline ? 4 : 2) }

  /// By the same count the fourth moment exists from `k = 4` on, with baseline from `k = 8` on, and the eighth
  /// from twice as many; all moments where no joint code is left outside.
  public var traits: EstimatorTraits {
    let fourth = hasBaseline ? 8 : 4
    let tail: EstimateTail =
      size >= 2 * fourth ? .light : size >= fourth ? .noEighthMoment : .noFourthMoment
    return EstimatorTraits(
      hasIntegrableNoise: hasVariance, tail: hasVariance ? tail : .noVariance,
      lightUpToJointCodes: size, ignoredConstants: [.levelOfMean], ragged: .served)
  }

  /// Most sets times points of the rule, and most multiplications.
  private static let outcomeLimit = 0x1p21
  private static let workLimit = 0x1p33

  public func hasExactMoments(on shape: LayerShape) -> Bool? {
    guard let jointCodes = shape.jointCodes(limit: JointDistribution.limit), jointCodes >= size,
      hasVariance || jointCodes == size
    else { return false }
    let outcomes = JointDistribution.sets(size, of: jointCodes) * 128
    let width = Double(shape.width)
    return outcomes <= Self.outcomeLimit
      && outcomes * (width * width + Double(size) * width) <= Self.workLimit
  }

  /// A sum over all sets `S` and an integral over the threshold's time `t`:
  /// `P(S, dt) = prod_{i in S} (1 - exp(-P_i t)) r exp(-r t) dt`, `r = 1 - P_S`, by the trapezoidal rule in `x`,
  /// `t = exp(x - exp(-x))`, whose error falls exponentially with the step.
  public func exactMoments(_ row: RowLogits, _ jointCodes: RowJointCodes) -> ExactMoments? {
    guard hasExactMoments(on: jointCodes.shape) == true else { return nil }
    let distribution = JointDistribution(row)
    let scores = jointCodes.scores()
    var mean = [Double](repeating: 0, count: jointCodes.width)
    for jointCode in 0..<jointCodes.count {
      for index in mean.indices {
        mean[index] +=
          distribution.weights[jointCode] * jointCodes.values[jointCode]
          * scores[jointCode * jointCodes.width + index]
      }
    }
    func moments(_ step: Double) -> RowMoments? {
      var sums = ThresholdSums(centre: mean)
      distribution.eachSet(size) { members in
        let probabilities = members.map { distribution.weights[$0] }
        let times = ThresholdTimes(distribution, members, step: step)
        var vectors: [Double] = []
        for time in times.times {
          let weights = weights(probabilities, time: time)
          var sum = 0.0
          for (weight, member) in zip(weights, members) {
            sum += weight * jointCodes.values[member]
          }
          var estimate = mean.map { -$0 }
          for (index, member) in members.enumerated() {
            let value = jointCodes.values[member]
            let advantage =
              hasBaseline ? value * (1 - probabilities[index] + weights[index]) - sum : value
            let factor = weights[index] * advantage
            for coordinate in mean.indices {
              estimate[coordinate] += factor * scores[member * mean.count + coordinate]
            }
          }
          vectors += estimate
        }
        sums.add(times.weights, vectors)
      }
      return sums.moments
    }
    guard let fine = moments(jointCodes.quadratureStep) else { return nil }
    // All joint codes together: nothing is left to chance.
    if size == jointCodes.count { return ExactMoments(fine) }
    return moments(1.5 * jointCodes.quadratureStep).map {
      ExactMoments(quadrature: fine, coarse: $0)
    }
  }
}

/// Times of the threshold and their probabilities together with that of one set.
private struct ThresholdTimes {
  private(set) var times: [Double] = []
  private(set) var weights: [Double] = []

  init(_ distribution: JointDistribution, _ members: [Int], step: Double) {
    let rest = distribution.outside(members)
    guard rest > 1e-30 else {
      times = [.infinity]
      weights = [SetDistribution(distribution, members).probability]
      return
    }
    // Below and above, the integrand is less than 1e-17 of its largest value.
    let first = Int((-3.8 / step).rounded(.down))
    let last = Int((log(42 / rest) / step).rounded(.up))
    for index in first...max(first, last) {
      let x = Double(index) * step
      let time = exp(x - exp(-x))
      var weight = step * time * (1 + exp(-x)) * rest * exp(-rest * time)
      for member in members { weight *= -expm1(-distribution.weights[member] * time) }
      guard weight > 0 else { continue }
      times.append(time)
      weights.append(weight)
    }
  }
}

/// Sums of estimates less a vector near their mean.
private struct ThresholdSums {
  let centre: [Double]
  private var total = 0.0
  private var first: [Double]
  private var second: [Double]

  init(centre: [Double]) {
    self.centre = centre
    first = [Double](repeating: 0, count: centre.count)
    second = [Double](repeating: 0, count: centre.count * centre.count)
  }

  mutating func add(_ weights: [Double], _ vectors: [Double]) {
    let width = centre.count
    for (index, weight) in weights.enumerated() {
      total += weight
      for i in 0..<width { first[i] += weight * vectors[index * width + i] }
    }
    let gram = weightedGram(vectors, weights: weights, rows: weights.count, columns: width)
    for index in gram.indices { second[index] += gram[index] }
  }

  /// Nil where the weights do not sum to 1: joint codes of probability 0 have to be drawn.
  var moments: RowMoments? {
    guard abs(total - 1) < 1e-3 else { return nil }
    let width = centre.count
    return RowMoments(
      mean: zip(centre, first).map { $0 + $1 },
      covariance: second.indices.map { second[$0] - first[$0 / width] * first[$0 % width] })
  }
}

extension EstimatorDescriptor {
  static let reinforceWithoutReplacement = EstimatorDescriptor(
    name: "reinforce-wor", family: .scoreFunction, bias: .unbiased,
    summary: "REINFORCE on different joint codes with threshold weights.",
    formula:
      "g = sum_S w_i (f_i (1 - P_i + w_i) - sum_j w_j f_j) (z_i - p), w_i = P_i/q_i; without baseline sum_S w_i f_i (z_i - p)",
    exactOn: "every cost", cost: "k values", source: "Kool et al. 2019, openreview r1lgTGL5DE",
    traps: [
      "Dividing the weights by their sum is biased; that form is not offered.",
      "Infinite variance for k up to 3 with baseline, and for k = 1 without, unless k covers all joint codes: sampled variances do not settle, and there are no exact ones.",
      "No fourth moment for k up to 7 with baseline, and up to 3 without, and no eighth up to twice that: how far off a sampled variance is cannot be told from draws.",
      "Exact moments, by quadrature over the threshold, for at most 16384 sets of k joint codes.",
      "Lists the joint codes of a row: at most \(JointDistribution.limit).",
    ],
    invariants: EstimatorInvariants(costShift: false),
    parameters: [
      ParameterSpec("k", .integer(1...64), default: .integer(2), "joint codes per estimate"),
      ParameterSpec("baseline", .flag, default: .flag(true), "subtract the built-in baseline"),
    ],
    layerRefusal: { shape, parameters in
      let k = parameters.integer("k")
      // The baseline is the other members' mean: one member has no others.
      if k < 2 && parameters.flag("baseline") {
        return "'reinforce-wor' with a baseline needs k of 2 or more; give k: 2, or baseline: false"
      }
      return JointDistribution.refusal("reinforce-wor", shape, needed: k)
    },
    make: {
      ReinforceWithoutReplacement(
        size: $0.integer("k"), hasBaseline: $0.flag("baseline"))
    })
}
