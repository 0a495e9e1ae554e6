import Discrete
import Foundation

/// AIMLE: the symmetric finite difference of the perturbed argmax, with an adaptive step.
///
/// `g = (argmax(phi + lambda h + G) - argmax(phi - lambda h + G)) / (2 lambda)`, the same Gumbels.
/// Step rules: `constant`, `lambda` as given; `norm`, `lambda = beta |phi| / |h|` of the row and the
/// draw, `|phi|` centred over the categories (1 where it vanishes); `fitted`, the same with `beta`
/// chosen once, so that on average a given number of latents change. Exact moments are closed forms:
/// see `PerturbedArgmax`. Complexity: `O(D K)` beside one oracle gradient.
struct AdaptiveImplicitMLE: ExactEstimator {
  /// `lambda`, or `beta` where the step follows the norms.
  let step: Double
  let byNorm: Bool

  var plan: EvaluationPlan { EvaluationPlan(gradients: true, perturbed: true) }
  /// The norm of `h` sees constants.
  var traits: EstimatorTraits {
    EstimatorTraits(ignoredConstants: byNorm ? [] : [.gradients], ragged: .served)
  }

  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    let size = row.categories
    let scale = scale(row)
    let width = row.values.count
    for draw in 0..<draws.count {
      let lambda = lambda(
        scale, draws.gradients[draw * width..<(draw + 1) * width])
      for latent in 0..<row.latents {
        let base = draw * width + latent * size
        for k in 0..<size { estimates[base + k] = 0 }
        let up = PerturbedArgmax.winner(draws, base, categories: size, step: -lambda)
        let down = PerturbedArgmax.winner(draws, base, categories: size, step: lambda)
        guard up != down else { continue }
        estimates[base + up] = 0.5 / lambda
        estimates[base + down] = -0.5 / lambda
      }
    }
  }

  /// `|phi|`, or 1 for a constant step.
  func scale(_ row: RowLogits) -> Double {
    guard byNorm else { return 1 }
    var squares = 0.0
    for latent in 0..<row.latents {
      let own = row.values[row.places(of: latent)]
      let mean = own.reduce(0, +) / Double(own.count)
      squares += own.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    }
    return squares > 0 ? squares.squareRoot() : 1
  }

  /// The step of one draw; between 1e-9 and 1e9, so that its inverse is finite.
  func lambda(_ scale: Double, _ gradients: ArraySlice<Double>) -> Double {
    guard byNorm else { return step }
    let norm = gradients.reduce(0.0) { $0 + $1 * $1 }.squareRoot()
    return min(max(step * scale / max(norm, .leastNormalMagnitude), 1e-9), 1e9)
  }

  func exactMoments(_ row: RowLogits, _ jointCodes: RowJointCodes) -> ExactMoments? {
    let size = row.categories
    guard !jointCodes.gradients.isEmpty, size <= PerturbedArgmax.maximumCategories else {
      return nil
    }
    let logs = logSoftmax(row.values, categories: size)
    let scale = scale(row)
    var moments = ConditionalMoments(jointCodes)
    for jointCode in 0..<jointCodes.count where jointCodes.weights[jointCode] > 0 {
      let from = jointCode * jointCodes.width
      let lambda = lambda(scale, jointCodes.gradients[from..<from + jointCodes.width])
      let gain = 0.5 / lambda
      for latent in 0..<row.latents {
        let own = row.places(of: latent)
        let (mean, second) = PerturbedArgmax.differenceMoments(
          logs[own], winner: Int(jointCodes.codes[jointCode * row.latents + latent]),
          steps: own.map { lambda * jointCodes.gradients[from + $0] }, gain: gain)
        moments.add(jointCode: jointCode, latent: latent, mean: mean, second: second)
      }
    }
    return moments.moments
  }
}

/// AIMLE whose `beta` is fitted: bisection on its logarithm until the mean number of latents whose
/// two argmaxes differ is the wished one. Unfitted it has `beta` as given.
struct FittedImplicitMLE: FittedEstimator {
  let start: AdaptiveImplicitMLE
  let changes: Double
  let draws: Int

  var plan: EvaluationPlan { start.plan }
  var traits: EstimatorTraits { start.traits }
  var exact: (any ExactEstimator)? { start }

  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    start.combine(row, draws, into: &estimates)
  }

  func fitted(_ source: any FittingSource) throws -> any GradientEstimator {
    let logits = source.logits
    let perRow = max(1, draws / max(1, logits.shape.rows))
    // Every step of the bisection looks at all of them.
    let numbers = Double(perRow) * Double(logits.shape.count)
    guard numbers <= 0x1p24 else {
      throw DiscreteError.unsupported(
        "the fit of its step holds \(perRow) draws of \(logits.shape.count) logits, and at most \(1 << 24) numbers are held: fewer of them, or a smaller layer"
      )
    }
    let rows = try source.draws(0..<perRow, for: self)
    var low = log(1e-6)
    var high = log(1e6)
    for _ in 0..<40 {
      let middle = 0.5 * (low + high)
      let trial = AdaptiveImplicitMLE(step: exp(middle), byNorm: true)
      if meanChanges(trial, logits, rows) < changes { low = middle } else { high = middle }
    }
    return AdaptiveImplicitMLE(step: exp(0.5 * (low + high)), byNorm: true)
  }

  /// Mean number of latents per estimate that do not vanish; it grows with the step.
  private func meanChanges(
    _ estimator: AdaptiveImplicitMLE, _ logits: Logits, _ rows: [RowDraws]
  ) -> Double {
    var changed = 0
    var count = 0
    for (index, draws) in rows.enumerated() {
      var estimates = [Double](repeating: 0, count: draws.count * logits.shape.width)
      estimator.centredCombine(logits.row(index), draws, into: &estimates)
      changed += estimates.reduce(0) { $0 + ($1 > 0 ? 1 : 0) }
      count += draws.count
    }
    return Double(changed) / Double(max(count, 1))
  }
}

extension EstimatorDescriptor {
  static let adaptiveImplicitMLE = EstimatorDescriptor(
    name: "aimle", family: .straightThrough, bias: .biased,
    summary: "AIMLE: symmetric difference of the perturbed argmax, with an adaptive step.",
    formula:
      "g = (argmax(phi + lambda h + G) - argmax(phi - lambda h + G)) / (2 lambda), lambda given or beta |phi - mean_k phi|/|h| of the row (1 for a norm of 0)",
    exactOn: "costs quadratic in each latent, in the limit lambda -> 0", cost: "1 gradient",
    source: "Minervini, Franceschi and Niepert, arXiv 2209.04862",
    traps: [
      "Unverified: the arXiv number is quoted from memory.",
      "Exact moments up to \(PerturbedArgmax.maximumCategories) categories.",
      "The published rule takes norms over the whole batch and moves beta while training; here norms are those of a row, so that rows stay independent, and beta is frozen.",
    ],
    invariants: EstimatorInvariants(costScale: false),
    parameters: [
      ParameterSpec(
        "lambda", .number(minimum: 0, maximum: 1e9, exclusive: true), default: .number(1),
        "the step; with rule 'norm' the factor beta"),
      ParameterSpec(
        "rule", .choice(["constant", "norm", "fitted"]), default: .text("constant"),
        "constant lambda; beta |phi|/|h|; the same with beta fitted"),
      ParameterSpec(
        "changes", .number(minimum: 0, maximum: 1e6, exclusive: true), default: .number(1),
        "rule 'fitted': mean number of latents that change"),
      ParameterSpec(
        "fit-draws", .integer(1...65536), default: .integer(1024),
        "rule 'fitted': draws that beta is fitted on, over all rows"),
    ],
    inertParameters: {
      switch $0.text("rule") {
      case "fitted": [("lambda", "with rule 'fitted' the factor is fitted")]
      default:
        [
          ("changes", "it belongs to rule 'fitted'"), ("fit-draws", "it belongs to rule 'fitted'"),
        ]
      }
    },
    make: {
      let start = AdaptiveImplicitMLE(
        step: $0.number("lambda"), byNorm: $0.text("rule") != "constant")
      guard $0.text("rule") == "fitted" else { return start }
      return FittedImplicitMLE(
        start: start, changes: $0.number("changes"), draws: $0.integer("fit-draws"))
    })
}
