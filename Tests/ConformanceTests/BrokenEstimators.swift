import Discrete
import Synchronization
import Tensors

/// REINFORCE with one thing wrong.
struct BrokenReinforce: FittedEstimator, ProbingEstimator, ExactEstimator {
  enum Fault: String, CaseIterable, Sendable {
    case wrongSign, baselineWithOwnCost, nanAtTheEdge, moreCallsThanSaid, globalRandomness
    case partlyWritten, addsToMemory, usesRawLogits, sumsToSomething, clipped, orderMatters
    case lowBits, momentsOfAnother, randomFit, biasedFit, dependsOnTheBatch
  }

  let fault: Fault
  var noise = 0.0

  var plan: EvaluationPlan {
    EvaluationPlan(
      samples: fault == .moreCallsThanSaid ? 2 : 1, values: true,
      probes: fault == .usesRawLogits ? ProbePlan(latentUniforms: 1) : nil)
  }

  func uniformAtoms(_ row: RowLogits) -> UniformAtoms? { nil }

  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    let p = row.probabilities()
    var factor = 1.0
    if fault == .globalRandomness { factor += 1e-9 * Double.random(in: 0..<1) }
    if fault == .dependsOnTheBatch { factor += 0.01 * Double(draws.count) }
    for draw in 0..<draws.count {
      var f = draws.values[0][draw]
      switch fault {
      case .wrongSign: f = -f
      case .baselineWithOwnCost: f -= 0.05 * f
      case .clipped: f = min(f, 0.5)
      case .lowBits: f = (f * 1e7).truncatingRemainder(dividingBy: 1)
      case .randomFit, .biasedFit: f += noise * f
      default: break
      }
      for index in row.values.indices {
        let latent = index / row.categories
        let k = index % row.categories
        let hit = Int(draws.codes[0][draw * row.latents + latent]) == k ? 1.0 : 0.0
        let place = draw * p.count + index
        if fault == .partlyWritten && latent == 0 && k == 0 && hit == 1 { continue }
        var g = factor * f * (hit - p[index])
        if fault == .nanAtTheEdge { g = g * p[index] / p[index] }
        if fault == .usesRawLogits { g += 1e-6 * row.values[index] }
        if fault == .sumsToSomething { g += f * (hit - p[index]) * Double(k) }
        if fault == .orderMatters && k == 0 { g *= 1.5 }
        if fault == .addsToMemory { g += estimates[place].isNaN ? 0 : estimates[place] }
        estimates[place] = g
      }
    }
  }

  func exactMoments(_ row: RowLogits, _ jointCodes: RowJointCodes) -> ExactMoments? {
    // Those of plain REINFORCE, whatever this one does.
    guard fault == .momentsOfAnother else { return summed(row, jointCodes) }
    var vectors = jointCodes.scores()
    for index in vectors.indices {
      vectors[index] *= 2 * jointCodes.values[index / jointCodes.width]
    }
    return ExactMoments(
      RowMoments(weights: jointCodes.weights, vectors: vectors, width: jointCodes.width))
  }

  /// The sum over all joint codes of what `combine` does, for the faults that the distribution shows.
  private func summed(_ row: RowLogits, _ jointCodes: RowJointCodes) -> ExactMoments? {
    guard [.wrongSign, .baselineWithOwnCost, .orderMatters, .biasedFit].contains(fault) else {
      return nil
    }
    let draws = RowDraws(
      count: jointCodes.count, codes: [jointCodes.codes], values: [jointCodes.values])
    var vectors = [Double](repeating: 0, count: jointCodes.count * jointCodes.width)
    combine(row, draws, into: &vectors)
    return ExactMoments(
      RowMoments(weights: jointCodes.weights, vectors: vectors, width: jointCodes.width))
  }

  func fitted(_ source: any FittingSource) throws -> any GradientEstimator {
    var copy = self
    if fault == .randomFit { copy.noise = Double.random(in: 0.1..<1) }
    if fault == .biasedFit { copy.noise = 0.1 }
    return copy
  }

  var descriptor: EstimatorDescriptor {
    EstimatorDescriptor(
      name: "broken-\(fault.rawValue)", family: .scoreFunction, bias: .unbiased,
      summary: "", formula: "", exactOn: "", cost: "1 value", source: "",
      invariants: EstimatorInvariants(costShift: false), make: { _ in self })
  }
}

/// Asks the model for more than it plans: one cost per estimate behind the engine's back.
struct SecretCaller: GradientEstimator {
  static let oracle = Mutex<(any CostOracle)?>(nil)

  var plan: EvaluationPlan { EvaluationPlan(values: true) }

  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    let shape = LayerShape(rows: 1, latents: row.latents, categories: row.categories)
    let block = CodeBlock(shape: shape, draws: draws.count, indices: draws.codes[0])
    _ = SecretCaller.oracle.withLock { try? $0?.costs(at: block, gradients: false) }
    for index in estimates.indices { estimates[index] = 0 }
  }
}
