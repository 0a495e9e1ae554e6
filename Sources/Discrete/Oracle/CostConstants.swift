import Tensors

/// Constants in a cost that an estimator does not see: the engine takes them away, in double, before
/// anything is rounded or summed, so that only what moves a gradient is left.
///
/// A promise: an estimator that sees a constant and says otherwise gets wrong numbers. The default
/// of `GradientEstimator.ignoredConstants` promises nothing.
public struct CostConstants: OptionSet, Sendable {
  public let rawValue: Int

  public init(rawValue: Int) { self.rawValue = rawValue }

  /// One number added to `f` at all points of an estimate does not change it.
  public static let level = CostConstants(rawValue: 1)
  /// A number for each latent added to `h_d = df/dz_d` in all categories, another one at every
  /// point, changes no estimate: its maps take differences of `h_d` alone, as `J(s)` does.
  public static let gradients = CostConstants(rawValue: 2)
  /// One number added to `f` at all points changes estimates, but not their mean.
  public static let levelOfMean = CostConstants(rawValue: 4)
}

extension GradientEstimator {
  /// `ignoredConstants`, and those of what the plan does not ask for.
  public func constantsIgnored(by plan: EvaluationPlan) -> CostConstants {
    let probes = plan.probes
    var ignored = traits.ignoredConstants
    if !plan.values && (probes?.codes ?? 0) == 0 && (probes?.soft ?? 0) == 0 {
      ignored.insert(.level)
    }
    if !plan.gradients && !plan.relaxed && probes?.codeGradients != true
      && probes?.softGradients != true
    {
      ignored.insert(.gradients)
    }
    return ignored
  }

  /// The estimates of `combine` from costs without the constants that it ignores: values relative to
  /// one of the estimate's own, gradients to those of the likeliest categories.
  ///
  /// Every engine that estimates goes through here. Cost: a pass over the values and gradients.
  public func centredCombine(
    _ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]
  ) {
    let plan = plan(for: row.shape)
    let ignored = constantsIgnored(by: plan)
    var draws = draws
    if ignored.contains(.level) { draws.removeLevels(plan, row) }
    if ignored.contains(.gradients) { draws.removeGradientConstants(row) }
    combine(row, draws, into: &estimates)
  }
}

extension RowLogits {
  /// The likeliest category of every latent, the first on ties: the same at every temperature.
  public var likeliestCodes: [Int32] { CategoricalSampler.argmax(values, categories: categories) }
}

extension RowDraws {
  /// Takes one value of each estimate out of all its values. Where points are fixed it is the value
  /// at one of them, the likeliest if it is there: then it is the same for all estimates.
  fileprivate mutating func removeLevels(_ plan: EvaluationPlan, _ row: RowLogits) {
    let used = plan.values ? min(plan.samples, values.count) : 0
    let levels: [Double]
    if let fixed = fixedLevel(plan.probes, row) {
      guard fixed != 0 else { return }
      levels = [Double](repeating: fixed, count: count)
    } else if used > 0 {
      levels = values[0]
    } else if !probes.codeValues.isEmpty {
      levels = firsts(probes.codeValues)
    } else {
      levels = firsts(probes.softValues)
    }
    guard levels.count == count, count > 0 else { return }
    for sample in 0..<used { values[sample].subtract(levels) }
    probes.codeValues.subtract(levels)
    probes.softValues.subtract(levels)
  }

  private func fixedLevel(_ plan: ProbePlan?, _ row: RowLogits) -> Double? {
    guard let plan else { return nil }
    if plan.codesFixed, let first = probes.codeValues.first {
      let likeliest = row.likeliestCodes
      let place = probes.codeValues.indices.first { point in
        probes.codes[point * row.latents..<(point + 1) * row.latents].elementsEqual(likeliest)
      }
      return place.map { probes.codeValues[$0] } ?? first
    }
    return plan.softFixed ? probes.softValues.first : nil
  }

  /// The first of each estimate's numbers.
  private func firsts(_ numbers: [Double]) -> [Double] {
    guard count > 0 else { return [] }
    return stride(from: 0, to: numbers.count, by: max(1, numbers.count / count)).map { numbers[$0] }
  }

  /// Takes `h` at the likeliest category of each latent out of all its categories, point by point.
  fileprivate mutating func removeGradientConstants(_ row: RowLogits) {
    let likeliest = row.likeliestCodes
    gradients.removeGradientConstants(at: likeliest, row.categories)
    softGradients.removeGradientConstants(at: likeliest, row.categories)
    probes.codeGradients.removeGradientConstants(at: likeliest, row.categories)
    probes.softGradients.removeGradientConstants(at: likeliest, row.categories)
  }
}

extension [Double] {
  /// Takes one level an estimate out of as many numbers of each; where points are fixed, there are
  /// other numbers of them, and all levels are the same.
  fileprivate mutating func subtract(_ levels: [Double]) {
    guard count % levels.count == 0 else {
      for index in indices { self[index] -= levels[0] }
      return
    }
    let each = count / levels.count
    for index in indices { self[index] -= levels[index / each] }
  }

  /// Takes the entry of category `codes[d]` out of all entries of latent `d` at every point of
  /// `[points][D][K]`, in place.
  public mutating func removeGradientConstants(at codes: [Int32], _ categories: Int) {
    let width = codes.count * categories
    precondition(width > 0 && count % width == 0)
    var start = 0
    var numbers = mutableSpan
    while start < numbers.count {
      for code in codes {
        let constant = numbers[start + Int(code)]
        for index in start..<start + categories { numbers[index] -= constant }
        start += categories
      }
    }
  }
}
