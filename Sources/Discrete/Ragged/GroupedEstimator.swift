/// An estimator that works latent by latent (`RaggedLayers.servedByLatent`) on a layer with `levels`: it is given
/// the latents of one number of categories at a time, as a row of their own, and its answers are put together.
///
/// Plans of the groups differ in the uniforms of a latent at most: each latent has as many as the group of most
/// takes, and leaves the last ones unused. Cost: that of the estimator, and a copy of the draws.
struct GroupedEstimator: SoftPointEstimator, ProbingEstimator, LocallyLinearEstimator {
  let base: any GradientEstimator

  init(_ base: any GradientEstimator) { self.base = base }

  // What the base has not this has not either.
  var coupled: (any SoftPointEstimator)? { base.coupled == nil ? nil : self }
  var probing: (any ProbingEstimator)? { base.probing == nil ? nil : self }
  var exact: (any ExactEstimator)? { base.exact == nil ? nil : self }
  var linear: (any LocallyLinearEstimator)? { base.linear == nil ? nil : self }

  var traits: EstimatorTraits {
    var traits = base.traits
    traits.ragged = .served
    return traits
  }

  /// Why the plans of the groups do not fit together; nil where they do.
  func refusal(on shape: LayerShape) -> String? {
    let plans = LatentGroup.all(shape).map {
      base.plan(for: $0.shape(rows: 1)).withoutLatentUniforms
    }
    guard plans.contains(where: { $0 != plans[0] }) else { return nil }
    return
      "evaluates other numbers of points for other numbers of categories, and this layer has \(shape.categoriesText)"
  }

  var plan: EvaluationPlan { base.plan }

  func plan(for shape: LayerShape) -> EvaluationPlan {
    guard shape.isRagged else { return base.plan(for: shape) }
    let plans = LatentGroup.all(shape).map { base.plan(for: $0.shape(rows: shape.rows)) }
    var plan = plans[0]
    plan.probes?.latentUniforms = plans.map { $0.probes?.latentUniforms ?? 0 }.max() ?? 0
    return plan
  }

  func tableNumbers(on shape: LayerShape) -> Double {
    LatentGroup.all(shape).reduce(0) {
      $0 + (base.probing?.tableNumbers(on: $1.shape(rows: 1)) ?? 0)
    }
  }

  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    let groups = Groups(base, row)
    guard groups.isSplit else { return base.combine(row, draws, into: &estimates) }
    for index in estimates.indices { estimates[index] = 0 }
    for group in groups.all {
      let own = group.row(row)
      var part = [Double](repeating: 0, count: draws.count * own.values.count)
      base.combine(own, groups.draws(draws, of: group), into: &part)
      // An array of another length is found by the check of the whole.
      guard part.count == draws.count * own.values.count else {
        estimates = part
        return
      }
      group.put(part, into: &estimates)
    }
  }

  func softPoints(_ row: RowLogits, _ draws: RowDraws) -> [Double]? {
    let groups = Groups(base, row)
    guard groups.isSplit else { return base.coupled?.softPoints(row, draws) }
    var points = [Double](repeating: 0, count: draws.count * row.values.count)
    for group in groups.all {
      let own = group.row(row)
      guard let part = base.coupled?.softPoints(own, groups.draws(draws, of: group)) else {
        return nil
      }
      guard part.count == draws.count * own.values.count else { return part }
      group.put(part, into: &points)
    }
    return points
  }

  func probes(_ row: RowLogits, _ draws: RowDraws) -> Probes {
    let groups = Groups(base, row)
    guard groups.isSplit, let plan = groups.plan.probes else {
      return base.probing?.probes(row, draws) ?? Probes()
    }
    let codes = (plan.codesFixed ? 1 : draws.count) * plan.codes
    let soft = (plan.softFixed ? 1 : draws.count) * plan.soft
    var probes = Probes(
      codes: [Int32](repeating: 0, count: codes * row.latents),
      soft: [Double](repeating: 0, count: soft * row.values.count))
    for group in groups.all {
      let own = group.row(row)
      let part = base.probing?.probes(own, groups.draws(draws, of: group)) ?? Probes()
      guard part.codes.count == codes * own.latents, part.soft.count == soft * own.values.count
      else { return part }
      group.put(part.codes, into: &probes.codes)
      group.put(part.soft, into: &probes.soft)
    }
    return probes
  }

  /// Latents that need fewer uniforms than others have 1/2 in their place.
  func uniformAtoms(_ row: RowLogits) -> UniformAtoms? {
    let groups = Groups(base, row)
    guard groups.isSplit, groups.plan.probes?.sharedUniforms ?? 0 == 0 else {
      return groups.isSplit ? nil : base.uniformAtoms(row)
    }
    let due = groups.plan.probes?.latentUniforms ?? 0
    var atoms = UniformAtoms.none(latents: row.latents)
    for group in groups.all {
      guard let part = base.uniformAtoms(group.row(row)), part.latents.count == group.latents.count
      else { return nil }
      for (latent, list) in zip(group.latents, part.latents) {
        atoms.latents[latent] = list.map { atom in
          UniformAtom(
            weight: atom.weight,
            uniforms: atom.uniforms
              + repeatElement(0.5, count: max(0, due - atom.uniforms.count)))
        }
      }
    }
    return atoms
  }

  /// By the maps of a locally linear estimator, or by the couplings of one whose costs are at points of its own;
  /// other sums of its own are over a row of one number of categories.
  func exactMoments(_ row: RowLogits, _ jointCodes: RowJointCodes) throws -> ExactMoments? {
    let groups = Groups(base, row)
    guard groups.isSplit else { return try base.exact?.exactMoments(row, jointCodes) }
    if base.latentwise != nil {
      guard hasExactMoments(on: jointCodes.shape) == true else { return nil }
      return CoupledMoments.latentByLatent(self, row, jointCodes)
    }
    return base.linear != nil ? try locallyLinearMoments(row, jointCodes) : nil
  }

  func hasExactMoments(on shape: LayerShape) -> Bool? {
    guard shape.isRagged else { return base.exact?.hasExactMoments(on: shape) }
    if base.latentwise != nil {
      return CoupledMoments.pairsFit(shape, points: plan(for: shape).probes?.codes ?? 0)
    }
    return base.linear != nil ? nil : false
  }
}

extension GroupedEstimator {
  /// The maps of all groups; nil where one has none, and for estimators that have no maps.
  func localJacobians(_ row: RowLogits, step: Double) throws -> LocalJacobians? {
    guard let linear = base.linear else { return nil }
    let groups = Groups(base, row)
    guard groups.isSplit else { return try linear.localJacobians(row, step: step) }
    var parts: [(latents: [Int], maps: LocalJacobians)] = []
    for group in groups.all {
      let own = group.row(row)
      guard let maps = try linear.localJacobians(own, step: step) else { return nil }
      guard maps.fit(own) else {
        throw DiscreteError.shape(
          "\(type(of: base)) has maps of another size than \(own.latents) latents of \(own.categories) categories"
        )
      }
      parts.append((group.latents, maps))
    }
    return LocalJacobians(padding: parts, latents: row.latents, categories: row.categories)
  }
}

/// The groups of one row, and what of its draws belongs to each.
private struct Groups {
  let all: [LatentGroup]
  /// On the whole row, with the uniforms of the latent of most.
  let plan: EvaluationPlan
  private let used: [Int]

  init(_ base: any GradientEstimator, _ row: RowLogits) {
    guard !row.levels.isEmpty else {
      (all, plan, used) = ([], base.plan, [])
      return
    }
    all = LatentGroup.all(row.shape)
    let plans = all.map { base.plan(for: $0.shape(rows: 1)) }
    used = plans.map { $0.probes?.latentUniforms ?? 0 }
    var plan = plans[0]
    plan.probes?.latentUniforms = used.max() ?? 0
    self.plan = plan
  }

  /// False for a row of one number of categories.
  var isSplit: Bool { !all.isEmpty }

  func draws(_ draws: RowDraws, of group: LatentGroup) -> RowDraws {
    var part = RowDraws(
      count: draws.count, codes: draws.codes.map(group.codes), values: draws.values,
      gradients: group.vectors(draws.gradients), perturbed: group.vectors(draws.perturbed),
      freshNoise: group.vectors(draws.freshNoise),
      softGradients: group.vectors(draws.softGradients))
    if let probes = plan.probes, let place = all.firstIndex(of: group) {
      part.uniforms = group.uniforms(
        draws.uniforms, shared: probes.sharedUniforms, given: probes.latentUniforms,
        used: used[place])
    }
    part.probes = Probes(
      codes: group.codes(draws.probes.codes), soft: group.vectors(draws.probes.soft))
    part.probes.codeValues = draws.probes.codeValues
    part.probes.codeGradients = group.vectors(draws.probes.codeGradients)
    part.probes.softValues = draws.probes.softValues
    part.probes.softGradients = group.vectors(draws.probes.softGradients)
    return part
  }
}

extension EvaluationPlan {
  /// What plans of groups of latents must have in common.
  fileprivate var withoutLatentUniforms: EvaluationPlan {
    var plan = self
    plan.probes?.latentUniforms = 0
    return plan
  }
}
