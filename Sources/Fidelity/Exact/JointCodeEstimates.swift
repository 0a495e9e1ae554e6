import Discrete

/// Estimates of one row from given joint codes and noise, with all costs read off the table: what
/// `combine` makes of them.
struct JointCodeEstimates: Sendable {
  /// Of the row alone.
  let oracle: any CostOracle
  let row: RowLogits
  let jointCodes: RowJointCodes
  /// Costs at fixed soft points of this row; nil where the plan has none.
  let fixedSoft: FixedSoftCosts?
  /// What is taken out of every cost.
  var level = 0.0

  /// Samples of the distribution that an estimate is made from.
  static func samples(_ plan: EvaluationPlan) -> Int {
    plan.values || plan.probes != nil ? plan.samples : min(1, plan.samples)
  }

  /// Whether the costs that a plan asks for are to be had.
  func serves(_ plan: EvaluationPlan) -> Bool {
    guard !plan.hardGradients || !jointCodes.gradients.isEmpty else { return false }
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
  ///   - chosen: joint codes of every sample, `[samples][count]`.
  func estimates(
    _ estimator: any GradientEstimator, _ draws: RowDraws, jointCodes chosen: [[Int]]
  ) throws -> [Double] {
    let plan = estimator.plan(for: oracle.shape)
    let (latents, width) = (jointCodes.latents, jointCodes.width)
    var draws = draws
    for sample in chosen {
      draws.codes.append(
        sample.flatMap { jointCodes.codes[$0 * latents..<($0 + 1) * latents] })
      if plan.values || plan.gradients {
        draws.values.append(sample.map { jointCodes.values[$0] })
      }
    }
    if plan.gradients, let first = chosen.first {
      draws.gradients = first.flatMap { jointCodes.gradients[$0 * width..<($0 + 1) * width] }
    }
    if let probes = plan.probes {
      draws.probes = try estimator.checkedProbes(row, draws, plan: probes)
      try evaluate(&draws, probes)
    }
    if level != 0 { draws.lower(by: level) }
    return try estimator.checkedEstimates(row, draws)
  }

  private func evaluate(_ draws: inout RowDraws, _ plan: ProbePlan) throws {
    let width = jointCodes.width
    let joint = JointCodes(jointCodes.shape)
    for point in 0..<draws.probes.codes.count / max(1, jointCodes.latents) {
      let jointCode = joint.index(
        of:
          draws.probes.codes[point * jointCodes.latents..<(point + 1) * jointCodes.latents])
      draws.probes.codeValues.append(jointCodes.values[jointCode])
      if plan.codeGradients {
        draws.probes.codeGradients +=
          jointCodes.gradients[jointCode * width..<(jointCode + 1) * width]
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
