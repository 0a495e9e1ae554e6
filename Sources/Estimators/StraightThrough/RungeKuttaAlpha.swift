import Discrete

/// The published second-order Runge-Kutta family, as its code has it: `alpha` enters some of the
/// terms only.
///
/// With `q = softmax(phi/tau)`, `m = (q + z)/2`, `w = (1 - 1/(2 alpha)) q + z/(2 alpha)`:
/// `g = 2 (w h - m <w, h>) - J(p) h / (2 alpha)`, centred. At `alpha = 1` it is ReinMax(tau); its
/// mean on linear costs at `tau = 1` is `2 - 1/alpha` times the truth. Complexity: `O(D K)`.
struct RungeKuttaAlpha: CategoryLinearEstimator, SoftPointEstimator {
  let alpha: Double
  let tau: Double
  /// The published maps do not annihilate constants, but for that of ReinMax.
  var traits: EstimatorTraits {
    EstimatorTraits(
      softPointsVary: false, backwardTemperature: tau,
      ignoredConstants: alpha == 1 ? [.gradients] : [], ragged: .servedByLatent)
  }

  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    let distribution = row.probabilities()
    let tempered = row.probabilities(temperature: tau)
    let share = 1 / (2 * alpha)
    let categories = row.categories
    forEachLatent(row, draws) { at in
      let hx = draws.gradients[at.base + at.x]
      var meanTempered = 0.0
      var meanDistribution = 0.0
      for k in 0..<categories {
        meanTempered += tempered[at.local + k] * draws.gradients[at.base + k]
        meanDistribution += distribution[at.local + k] * draws.gradients[at.base + k]
      }
      let mean = (1 - share) * meanTempered + share * hx
      var sum = 0.0
      for k in 0..<categories {
        let h = draws.gradients[at.base + k]
        let q = tempered[at.local + k]
        let one = k == at.x ? 1.0 : 0.0
        let g =
          2 * ((1 - share) * q + share * one) * h - (q + one) * mean
          - share * distribution[at.local + k] * (h - meanDistribution)
        sum += g
        estimates[at.base + k] = g
      }
      for k in 0..<categories { estimates[at.base + k] -= sum / Double(categories) }
    }
  }

  func softPoints(_ row: RowLogits, _ draws: RowDraws) -> [Double]? {
    repeated(row.probabilities(temperature: tau), draws.count)
  }
}

extension EstimatorDescriptor {
  static let rungeKuttaAlpha = EstimatorDescriptor(
    name: "rk2-alpha", family: .straightThrough, bias: .biased,
    summary: "The second-order Runge-Kutta family as published; exact at alpha = 1 alone.",
    formula:
      "g = 2 (w h - m <w, h>) - J(p) h/(2 alpha), m = (q + z)/2, w = (1 - 1/(2 alpha)) q + z/(2 alpha), q = softmax(phi/tau)",
    exactOn: "costs quadratic in each latent, at alpha = 1 and tau = 1", cost: "1 gradient",
    source: "danielwang0452/ReinMax_ASC, reinmax.py",
    traps: [
      "Its mean on linear costs is 2 - 1/alpha times the truth; 'beta-st' is the corrected family."
    ],
    parameters: [
      ParameterSpec(
        "alpha", .number(minimum: 0, maximum: .greatestFiniteMagnitude, exclusive: true),
        default: .number(1), "place of the second stage"),
      ParameterSpec("tau", .temperature, default: .number(1), "temperature of the midpoint"),
    ],
    make: { RungeKuttaAlpha(alpha: $0.number("alpha"), tau: $0.number("tau")) })
}
