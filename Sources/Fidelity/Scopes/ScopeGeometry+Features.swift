import Discrete

extension ScopeGeometry {
  /// The geometry of estimates at the input of a quantiser: its first group is `z_e` itself, the parameters upstream
  /// follow. There is no scope of logits; where they are asked for, or layers are, `z_e` is one.
  ///
  /// Parameters upstream are parts where layers, or all of them, are asked for. Nil where the problem does not hand
  /// over its quantiser.
  public init?(atFeaturesOf problem: any DiscreteProblem, scopes choices: [MeasureScope]) {
    guard let quantised = problem.quantiser, let assignment = quantised.assignmentPullback else {
      return nil
    }
    let isUpstream = choices.contains(.layers) || choices.contains(.all)
    let pullback = FeaturePullback(
      assignment: assignment, encoder: isUpstream ? quantised.encoderPullback : nil,
      whole: problem.pullback)
    let groups = pullback.groups
    let upstream = Array(groups.indices.dropFirst())
    var scopes: [Scope] = []
    if choices.contains(.logits) || choices.contains(.layers) {
      scopes.append(Scope(name: groups[0].name, parts: [1], count: groups[0].count))
    }
    if choices.contains(.layers) {
      scopes += upstream.map {
        Scope(name: groups[$0].name, parts: [$0 + 1], count: groups[$0].count)
      }
    }
    if choices.contains(.all) {
      let own = upstream.isEmpty ? [0] : upstream
      scopes.append(
        Scope(
          name: "all", parts: own.map { $0 + 1 }, count: own.reduce(0) { $0 + groups[$1].count }))
    }
    self.init(
      shape: problem.shape, scopes: scopes, partCount: groups.count + 1, pullback: pullback)
  }
}

extension ScopeGeometry {
  /// The Jacobian of `theta -> z_e` of a geometry at features; nil where it has no part upstream.
  func encoder(of problem: any QuantisedProblem) -> (any ParameterPullback)? {
    partCount > 2 ? problem.encoderPullback : nil
  }
}

/// The Jacobian of `theta -> phi` with the features `z_e` between them as the first group.
private struct FeaturePullback: ParameterPullback {
  /// Of `z_e -> phi`.
  let assignment: any ParameterPullback
  /// Of `theta -> z_e`; nil where nothing stands upstream.
  let encoder: (any ParameterPullback)?
  /// Of `theta -> phi`, with the encoder's groups.
  let whole: (any ParameterPullback)?

  var groups: [ParameterGroup] { assignment.groups + (encoder?.groups ?? []) }

  func pullBack(_ logitGradient: [Double]) -> [[Double]] {
    let features = assignment.pullBack(logitGradient)
    return features + (encoder?.pullBack(features[0]) ?? [])
  }

  func rowGrams(_ row: Int) -> [RowGram] {
    assignment.rowGrams(row) + (encoder == nil ? [] : whole?.rowGrams(row) ?? [])
  }
}
