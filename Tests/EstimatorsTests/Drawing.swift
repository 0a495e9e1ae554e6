import Discrete
import Estimators
import Tensors
import Testing

/// Draws for an estimator: codes and noise by the distributions of its plan, costs from a table.
func draws(
  _ plan: EvaluationPlan, _ row: RowLogits, _ cost: SmallCost, count: Int, seed: UInt64
) -> RowDraws {
  let (latents, categories) = (row.latents, row.categories)
  let width = latents * categories
  var draws = noise(plan, row, count: count, seed: seed)
  let table = cost.table()
  for (sample, codes) in draws.codes.enumerated() {
    var values: [Double] = []
    values.reserveCapacity(count)
    if sample == 0 { draws.gradients.reserveCapacity(count * width) }
    for draw in 0..<count {
      let jointCode = (0..<latents).reduce(0) { $0 * categories + Int(codes[draw * latents + $1]) }
      values.append(table.values[jointCode])
      if sample == 0 {
        draws.gradients += table.gradients[jointCode * width..<(jointCode + 1) * width]
      }
    }
    draws.values.append(values)
  }
  return draws
}

/// Codes and noise without costs.
func noise(_ plan: EvaluationPlan, _ row: RowLogits, count: Int, seed: UInt64) -> RowDraws {
  let (latents, categories) = (row.latents, row.categories)
  let key = RandomKey(seed: seed)
  func stream(_ site: Int) -> RandomStream { RandomStream(key: key, row: 0, site: site) }
  let distribution = plan.distribution.probabilities(row)
  var draws = RowDraws(count: count)
  for sample in 0..<plan.samples {
    draws.codes.append(
      CategoricalSampler.codes(
        probabilities: distribution, latents: latents, categories: categories,
        uniforms: stream(sample).uniforms(from: 0, count: count * latents)))
  }
  if plan.perturbed, case .sample(let temperature) = plan.distribution {
    draws.perturbed = CategoricalSampler.conditionalPerturbed(
      logProbabilities: logSoftmax(row.values, categories: categories, scale: 1 / temperature),
      codes: draws.codes[0],
      exponentials: stream(100).exponentials(from: 0, count: count * latents * categories),
      latents: latents, categories: categories)
  }
  if plan.freshNoise {
    draws.freshNoise = stream(101).gumbels(from: 0, count: count * latents * categories)
      .map { Double($0) }
  }
  return draws
}

/// Draws with arbitrary numbers for costs and gradients: a combine step must not care.
func arbitraryDraws(
  _ plan: EvaluationPlan, _ row: RowLogits, count: Int, seed: UInt64
) -> RowDraws {
  var draws = noise(plan, row, count: count, seed: seed)
  let size = count * row.values.count
  draws.values = (0..<plan.samples).map { fixedNumbers(count, seed: seed + 10 + UInt64($0)) }
  draws.gradients = fixedNumbers(size, seed: seed + 1)
  draws.softGradients = fixedNumbers(size, seed: seed + 2)
  return draws
}

extension GradientEstimator {
  /// Estimates `[count][D][K]`, over memory that held other numbers.
  func estimates(_ row: RowLogits, _ draws: RowDraws) -> [Double] {
    var estimates = [Double](repeating: 17, count: draws.count * row.values.count)
    combine(row, draws, into: &estimates)
    return estimates
  }
}

/// An estimator kind with parameters.
struct Setting: Sendable, CustomTestStringConvertible {
  let kind: String
  let parameters: [String: ParameterValue]

  init(_ kind: String, _ parameters: [String: ParameterValue] = [:]) {
    self.kind = kind
    self.parameters = parameters
  }

  func make() throws -> any GradientEstimator { try EstimatorRegistry.make(kind, parameters) }

  var testDescription: String {
    kind
      + parameters.keys.sorted().map { " \($0)=\(parameters[$0].map { "\($0)" } ?? "")" }
      .joined()
  }

  /// Whether every estimate sums to 0 over the categories.
  var sumsToZero: Bool {
    kind != "identity-st" && parameters["jacobian"] != .text("identity")
  }

  /// Kinds that combine one draw of any layer without fitted parts or points of their own; the
  /// conformance suite holds all of the registry.
  private static let plain = [
    "reinforce", "reinforce-loo", "identity-st", "st", "gumbel-softmax", "st-gs", "decoupled-st",
    "decoupled-st-gs", "reinmax",
  ]

  /// These kinds with defaults, and some grids.
  static let all: [Setting] =
    plain.map { Setting($0) }
    + ["st", "st-gs", "gumbel-softmax", "reinmax"].flatMap { kind in
      [0.5, 2].map { Setting(kind, ["tau": .number($0)]) }
    }
    + [3, 4].map { Setting("reinforce-loo", ["samples": .integer($0)]) }
    + [Setting("decoupled-st", ["tau-forward": .number(0.7), "tau-backward": .number(1.6)])]
    + switches(tauForward: 0.7, tauBackward: 1.6)

  /// Every combination of the four switches that is allowed.
  static func switches(tauForward: Double, tauBackward: Double) -> [Setting] {
    allSwitches(tauForward: tauForward, tauBackward: tauBackward).filter {
      $0.parameters["forward"] != .text("argmax") || $0.parameters["noise"] != .text("shared")
    }
  }

  /// Every combination of the four switches.
  static func allSwitches(tauForward: Double, tauBackward: Double) -> [Setting] {
    var settings: [Setting] = []
    for placement in SurrogateSwitches.Placement.allCases {
      for noise in SurrogateSwitches.Noise.allCases {
        for forward in SurrogateSwitches.Forward.allCases {
          for jacobian in SurrogateSwitches.Jacobian.allCases {
            settings.append(
              Setting(
                "decoupled-st-gs",
                [
                  "tau-forward": .number(tauForward), "tau-backward": .number(tauBackward),
                  "placement": .text(placement.rawValue), "noise": .text(noise.rawValue),
                  "forward": .text(forward.rawValue), "jacobian": .text(jacobian.rawValue),
                ]))
          }
        }
      }
    }
    return settings
  }
}
