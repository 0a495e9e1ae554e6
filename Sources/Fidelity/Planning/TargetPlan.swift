import Discrete

/// How the target gradients of one problem are got. Made here alone, from the problem and the settings;
/// executed by `TargetStock`, printed by `gradfid plan`, stored with every cell.
public struct TargetPlan: Sendable, Equatable {
  /// Nil where there is no target as it was asked for.
  public let method: TargetGradient.Method?
  /// Why not, with the remedy; nil where there is one.
  public let refusal: String?

  /// - Parameters:
  ///   - hasClosedForm: whether `closedFormGradient` is not nil.
  ///   - hasTable: whether joint codes are tabulated.
  public init(
    _ problem: any DiscreteProblem, _ settings: TargetSettings, hasClosedForm: Bool, hasTable: Bool
  ) {
    var refusal: String?
    switch settings.kind {
    case .monteCarlo where !problem.hasIndependentLatents:
      refusal =
        "this problem's expectation is not over independent latents, so independent draws do not estimate its gradient; use target kind 'auto' or 'exact'"
      method = nil
    case .monteCarlo: method = .monteCarlo
    case _ where hasClosedForm: method = .closedForm
    case _ where hasTable: method = .exact
    case .exact:
      refusal =
        EnumerationBounds(shape: problem.shape, maxJointCodes: settings.maxJointCodes)
        .refusal(.target, gradients: false) ?? "there is no exact target here"
      method = nil
    case .auto: method = .monteCarlo
    }
    self.refusal = refusal
  }

  /// Why a study cannot have the target that it asks for, before anything is tabulated; nil where it can.
  public static func refusal(
    _ problem: any DiscreteProblem, _ settings: TargetSettings
  ) -> String? {
    guard settings.kind != .auto else { return nil }
    return TargetPlan(
      problem, settings,
      hasClosedForm: settings.kind == .exact && problem.closedFormGradient(temperature: 1) != nil,
      hasTable: OracleTable.jointCodes(
        problem.shape, limit: settings.maxJointCodes, gradients: false)
        != nil
    ).refusal
  }
}
