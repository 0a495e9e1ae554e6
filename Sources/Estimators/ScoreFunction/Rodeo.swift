import Discrete
import Foundation

/// RODEO: leave-one-out baselines with two control variates from a Gibbs Stein operator applied to a
/// surrogate of the cost.
///
/// `(A h)(z) = (1/D) sum_d (sum_k p_dk h(z[d <- k]) - h(z))` has mean 0 for every `h`. With surrogates
/// `h_i` built from the samples other than `i`:
/// `g = (1/n) sum_i { (f_i - mean_{j != i}(f_j + (A a_j)(z_j))) (z_i - p) + (A [b_i (. - p)])(z_i) }`.
/// Here `a_i`, `b_i` are heads on the units `scale tanh(slope (t_i(y) - centre) / scale - offset)` of
/// the mean linear expansion `t_i(y) = mean_{j != i}(f_j + <<h_j, y - z_j>>)`. Unbiased for all
/// heads; heads of 0 are `reinforce-loo`. Complexity: `O(n D K)` per unit beside `n` oracle gradients.
public struct Rodeo: ProbingEstimator, ExactEstimator {
  /// One hidden unit of the surrogate and its weights in the two heads.
  struct Unit: Sendable {
    var slope: Double
    var offset: Double
    /// Weight in the scalar head `a`.
    var alpha: Double
    /// Weight in the vector head `b`.
    var beta: Double
  }

  let samples: Int
  let units: [Unit]
  let centre: Double
  let scale: Double

  /// The surrogate with one unit: `a = alpha scale tanh(t / scale)`, `b = beta scale tanh(t / scale)`.
  public init(samples: Int, alpha: Double, beta: Double, scale: Double = 1) {
    self.init(
      samples: samples, units: [Unit(slope: 1, offset: 0, alpha: alpha, beta: beta)], centre: 0,
      scale: scale)
  }

  init(samples: Int, units: [Unit], centre: Double, scale: Double) {
    self.samples = min(max(samples, 2), 64)
    self.units = units
    self.centre = centre
    self.scale = scale
  }

  public var plan: EvaluationPlan {
    EvaluationPlan(samples: samples, probes: ProbePlan(codes: samples, codeGradients: true))
  }

  public func probes(_ row: RowLogits, _ draws: RowDraws) -> Probes {
    Probes(codes: draws.interleavedCodes(samples, latents: row.latents))
  }

  /// Both heads at an expansion value `t`.
  private func heads(_ t: Double) -> (a: Double, b: Double) {
    var a = 0.0
    var b = 0.0
    for unit in units {
      let value = scale * tanh(unit.slope * ((t - centre) / scale) - unit.offset)
      a += unit.alpha * value
      b += unit.beta * value
    }
    return (a, b)
  }
  public var traits: EstimatorTraits {
    EstimatorTraits(ignoredConstants: [.gradients, .levelOfMean], ragged: .served)
  }

  public func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    clear(&estimates)
    let score = Score(row)
    let width = score.width
    let n = Double(samples)
    for draw in 0..<draws.count {
      let first = draw * samples
      let expansions = Expansions(draws.probes, first: first, samples: samples, row)
      let values = draws.probes.codeValues[first..<first + samples]
      var baselines: [Double] = []
      for sample in 0..<samples {
        let operated = addOperator(
          expansions, sample, draws.probes.codes, at: (first + sample) * row.latents, score,
          to: &estimates, at: draw * width)
        baselines.append(values[first + sample] + operated)
      }
      let sum = baselines.reduce(0, +)
      for sample in 0..<samples {
        let advantage = values[first + sample] - (sum - baselines[sample]) / (n - 1)
        score.add(
          advantage / n, draws.probes.codes, at: (first + sample) * row.latents, to: &estimates,
          at: draw * width)
      }
    }
  }

  /// Adds `(1/n) (A [b (. - p)])(z)` for one sample and returns `(A a)(z)`.
  private func addOperator(
    _ expansions: Expansions, _ sample: Int, _ codes: [Int32], at first: Int, _ score: Score,
    to estimates: inout [Double], at base: Int
  ) -> Double {
    let here = heads(expansions.values[sample])
    let categories = score.categories
    let share = 1 / (Double(samples) * Double(score.latents))
    var a = 0.0
    var b = 0.0
    for latent in 0..<score.latents {
      let from = latent * categories
      let own = Int(codes[first + latent])
      let slopes = expansions.slopes[sample]
      var mean = 0.0
      for k in 0..<categories {
        let moved =
          k == own
          ? here : heads(expansions.values[sample] + slopes[from + k] - slopes[from + own])
        let weight = score.distribution[from + k]
        a += weight * (moved.a - here.a)
        b += weight * (moved.b - here.b)
        mean += weight * moved.b
        estimates[base + from + k] += share * weight * moved.b
      }
      estimates[base + from + own] -= share * mean
    }
    score.add(share * b, codes, at: first, to: &estimates, at: base)
    return a / Double(score.latents)
  }

  /// The mean linear expansions of the cost around the other samples of one estimate.
  private struct Expansions {
    /// `t_i(z_i)`.
    var values: [Double] = []
    /// `mean_{j != i} h_j`, `[D][K]` each.
    var slopes: [[Double]] = []

    init(_ probes: Probes, first: Int, samples: Int, _ row: RowLogits) {
      let width = row.values.count
      func linear(_ slope: ArraySlice<Double>, _ sample: Int) -> Double {
        (0..<row.latents).reduce(0) {
          $0
            + slope[
              slope.startIndex + $1 * row.categories
                + Int(probes.codes[(first + sample) * row.latents + $1])]
        }
      }
      for sample in 0..<samples {
        var intercept = 0.0
        var slope = [Double](repeating: 0, count: width)
        for other in 0..<samples where other != sample {
          let h = probes.codeGradients[(first + other) * width..<(first + other + 1) * width]
          intercept += probes.codeValues[first + other] - linear(h, other)
          for (index, value) in h.enumerated() { slope[index] += value }
        }
        let share = 1 / Double(samples - 1)
        for index in slope.indices { slope[index] *= share }
        values.append(share * intercept + linear(slope[...], sample))
        slopes.append(slope)
      }
    }
  }
}

extension EstimatorDescriptor {
  static let rodeoFormula =
    "g = (1/n) sum_i {(f_i - mean_{j!=i}(f_j + (A a_j)(z_j))) (z_i - p) + (A[b_i (. - p)])(z_i)}, (A h)(z) = (1/D) sum_d (sum_k p_dk h(z[d<-k]) - h(z))"

  static let rodeo = EstimatorDescriptor(
    name: "rodeo", family: .scoreFunction, bias: .unbiased,
    summary: "Leave-one-out baselines with control variates from a Gibbs Stein operator.",
    formula: rodeoFormula
      + "; a = alpha h, b = beta h, h = scale tanh(t/scale), t(y) = mean_{j!=i}(f_j + <<h_j, y - z_j>>)",
    exactOn: "every cost", cost: "n gradients", source: "Shi et al., arXiv 2202.09497",
    traps: [
      "It can raise the variance; the heads must fit the cost.",
      "The surrogate is a fixed one-unit function here; the published one is a learned network.",
      pairMoments, "Its sum over pairs takes seconds for 4,096 joint codes and minutes for 16,384.",
    ],
    invariants: EstimatorInvariants(costShift: false, costScale: false),
    parameters: [
      ParameterSpec("samples", .integer(2...64), default: .integer(2), "draws per estimate, n"),
      ParameterSpec("alpha", .real, default: .number(0.5), "weight of the scalar head"),
      ParameterSpec("beta", .real, default: .number(0.8), "weight of the vector head"),
      ParameterSpec(
        "scale", .number(minimum: 1e-12, maximum: 1e12, exclusive: false), default: .number(1),
        "size of the cost at which the surrogate saturates"),
    ],
    make: {
      Rodeo(
        samples: $0.integer("samples"), alpha: $0.number("alpha"), beta: $0.number("beta"),
        scale: $0.number("scale"))
    })
}
