import Discrete

/// Estimates of one row from given joint states and noise, with all costs read off the table: what
/// `combine` makes of them.
struct StateEstimates: Sendable {
  /// Of the row alone.
  let oracle: any CostOracle
  let row: RowLogits
  let states: RowStates
  /// Costs at fixed soft points of this row; nil where the plan has none.
  let fixedSoft: FixedSoftCosts?
  /// What is taken out of every cost.
  var level = 0.0

  /// Samples of the law that an estimate is made from.
  static func samples(_ plan: EvaluationPlan) -> Int {
    plan.values || plan.probes != nil ? plan.samples : min(1, plan.samples)
  }

  /// Whether the costs that a plan asks for are to be had.
  func serves(_ plan: EvaluationPlan) -> Bool {
    guard !plan.hardGradients || !states.gradients.isEmpty else { return false }
    guard let probes = plan.probes, probes.soft > 0 else { return true }
    return probes.softFixed ? fixedSoft != nil : FixedSoftCosts.served(probes, by: oracle)
  }

  /// The same before anything is evaluated.
  static func serves(
    _ plan: EvaluationPlan, on oracle: any CostOracle, gradients: Bool
  ) -> Bool {
    guard !plan.hardGradients || gradients else { return false }
    guard let probes = plan.probes, probes.soft > 0 else { return true }
    return FixedSoftCosts.served(probes, by: oracle)
  }

  /// - Parameters:
  ///   - draws: the noise of every estimate; codes and costs are added.
  ///   - chosen: states of every sample, `[samples][count]`.
  func estimates(
    _ estimator: any GradientEstimator, _ draws: RowDraws, states chosen: [[Int]]
  ) throws -> [Double] {
    let plan = estimator.plan(for: oracle.shape)
    let (latents, width) = (states.latents, states.width)
    var draws = draws
    for sample in chosen {
      draws.codes.append(
        sample.flatMap { states.codes[$0 * latents..<($0 + 1) * latents] })
      if plan.values || plan.gradients {
        draws.values.append(sample.map { states.values[$0] })
      }
    }
    if plan.gradients, let first = chosen.first {
      draws.gradients = first.flatMap { states.gradients[$0 * width..<($0 + 1) * width] }
    }
    if let probes = plan.probes {
      draws.probes = try estimator.checkedProbes(row, draws, plan: probes)
      try evaluate(&draws, probes)
    }
    if level != 0 { draws.lower(by: level) }
    return try estimator.checkedEstimates(row, draws)
  }

  private func evaluate(_ draws: inout RowDraws, _ plan: ProbePlan) throws {
    let width = states.width
    let joint = JointStates(states.shape)
    for point in 0..<draws.probes.codes.count / max(1, states.latents) {
      let state = joint.state(
        draws.probes.codes[point * states.latents..<(point + 1) * states.latents])
      draws.probes.codeValues.append(states.values[state])
      if plan.codeGradients {
        draws.probes.codeGradients += states.gradients[state * width..<(state + 1) * width]
      }
    }
    guard plan.soft > 0 else { return }
    if let fixedSoft {
      draws.probes.softValues = fixedSoft.values
      draws.probes.softGradients = fixedSoft.gradients
      return
    }
    var rows = [draws]
    var soft = plan
    soft.codes = 0
    try ProbeEvaluation(oracle: oracle, plan: soft).evaluate(&rows)
    draws = rows[0]
  }
}

extension RowDraws {
  /// Takes a constant out of all costs.
  fileprivate mutating func lower(by level: Double) {
    for sample in values.indices {
      for index in values[sample].indices { values[sample][index] -= level }
    }
    for index in probes.codeValues.indices { probes.codeValues[index] -= level }
    for index in probes.softValues.indices { probes.softValues[index] -= level }
  }
}
