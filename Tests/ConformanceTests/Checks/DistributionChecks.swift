import Discrete
import Fidelity

/// What holds in distribution: by exact moments where the engine has them, else by z-scores.
///
/// The limit of 5.5 is passed by chance once in 2.6e7 tests of a normal deviate; a zoo of 60
/// estimators in 200 settings makes about 3,000 of them, so a false alarm has a chance of 1e-4, and
/// with the fixed keys it is the same in every run.
extension Check {
  private static let zLimit = 5.5

  /// A sample size that bounds the work by the calls of one estimate.
  private static func sampleSize(_ estimator: any GradientEstimator, _ shape: LayerShape) -> Int {
    let plan = estimator.plan(for: shape)
    return max(2000, 16000 / max(1, (plan.valueCalls + 2 * plan.gradientCalls) / 2))
  }

  /// Declared unbiased: the mean is the exact gradient, to rounding where the sum is finite.
  static let unbiased = Check("unbiased") { subject in
    guard subject.descriptor.bias == .unbiased else { return [] }
    var found: [String] = []
    try subject.eachCase { place, problem, estimator in
      // Sums over all outcomes grow with a power of the joint codes: small layers stand for the others.
      let isMain = problem.shape == subject.mainLayer?.shape
      guard isMain || problem.shape.jointCodes(limit: 8) != nil else { return }
      let target = try exactTarget(estimator, problem)
      if let exact = try exactMoments(estimator, problem), exact.coarse == nil,
        exact.replicates.isEmpty
      {
        let difference = largestDifference(exact.mean, target)
        if difference > 1e-9 * (1 + size(target)) {
          found.append("\(place): the exact mean is off by \(difference)")
        }
        return
      }
      // Sampling everywhere would take too long, too.
      guard isMain else { return }
      let width = problem.shape.width
      let draws = sampleSize(estimator, problem.shape)
      let sample = SampleSummary(
        try estimates(estimator, problem, seed: 41, draws: 0..<draws), width: width)
      for index in 0..<width {
        let z = (sample.mean[index] - target[index]) / sample.meanErrors[index]
        let exactlyThere = abs(sample.mean[index] - target[index]) <= 1e-9 * (1 + size(target))
        if !(abs(z) <= zLimit || exactlyThere) {
          found.append("\(place): coordinate \(index) is off by \(z) errors of \(draws) draws")
        }
      }
    }
    return found
  }

  /// Exact moments are those of what `combine` does: against draws, on the main layer.
  static let exactAgainstSampled = Check("exact against sampled") { subject in
    guard let layer = subject.mainLayer else { return [] }
    var found: [String] = []
    let problem = try registered("test-problem", layer)
    for (form, estimator) in try subject.keptForms(problem, "test-problem", layer) {
      guard let exact = try exactMoments(estimator, problem) else { continue }
      if let atoms = estimator.uniformAtoms(problem.logits.row(0)) {
        found += check(atoms, estimator.plan(for: layer.shape), layer).map {
          "\(subject.testDescription): \($0)"
        }
      }
      let width = problem.shape.width
      let draws = sampleSize(estimator, problem.shape)
      let sample = SampleSummary(
        try estimates(estimator, problem, seed: 43, draws: 0..<draws), width: width)
      // An estimate differs from 0 with a probability of |E g|^2 / E |g|^2 at least; where no draw does,
      // and less than one need, there is nothing to compare.
      let square = exact.mean.reduce(0) { $0 + $1 * $1 }
      let expected = Double(draws) * square / (square + exact.traces[0])
      if size(sample.mean) == 0, sample.trace == 0, exact.traces[0] > 0, expected < 1 { continue }
      let place = "\(subject.testDescription): \(form)on \(layer)"
      let coarse = exact.coarse ?? (exact.mean, exact.traces)
      for index in 0..<width {
        let slack =
          2 * abs(exact.mean[index] - coarse.mean[index]) + 1e-9 * (1 + size(exact.mean))
          + (exact.replicates.isEmpty ? 0 : 1e-3 * (1 + size(exact.mean)))
        let difference = abs(sample.mean[index] - exact.mean[index])
        if !(difference <= zLimit * sample.meanErrors[index] + slack) {
          found.append(
            "\(place): mean \(index) is \(exact.mean[index]) exactly, \(sample.mean[index]) +- \(sample.meanErrors[index]) of \(draws) draws"
          )
        }
      }
      let slack =
        2 * abs(exact.traces[0] - coarse.traces[0])
        + (exact.replicates.isEmpty ? 1e-9 : 1e-3) * (1 + exact.traces[0])
      if !(abs(sample.trace - exact.traces[0]) <= zLimit * sample.traceError + slack) {
        found.append(
          "\(place): variance is \(exact.traces[0]) exactly, \(sample.trace) +- \(sample.traceError) of \(draws) draws"
        )
      }
    }
    return found
  }

  private static func check(_ atoms: UniformAtoms, _ plan: EvaluationPlan, _ layer: Layer)
    -> [String]
  {
    let probes = plan.probes ?? ProbePlan()
    let lists =
      [(atoms.shared, probes.sharedUniforms)]
      + atoms.latents.map { ($0, probes.latentUniforms) }
    var found: [String] = []
    if atoms.latents.count != layer.latents {
      found.append("atoms of \(atoms.latents.count) latents")
    }
    for (list, count) in lists {
      let total = list.reduce(0) { $0 + $1.weight }
      if abs(total - 1) > 1e-12 { found.append("weights of uniform atoms sum to \(total)") }
      if !list.allSatisfy({ $0.uniforms.count == count }) {
        found.append("uniform atoms of another length than \(count)")
      }
    }
    return found
  }

  /// Renaming the categories renames the estimate, in distribution.
  static let permutation = Check("permutation") { subject in
    guard subject.descriptor.invariants.permutation, let layer = subject.mainLayer else {
      return []
    }
    let base = try registered("test-problem", layer)
    let order = Array(1..<layer.categories) + [0]
    let oracle = ChangedOracle(base.oracle, order: order)
    let indices = base.logits.values.indices
    let renamed = try altered(
      base, logits: indices.map { base.logits.values[oracle.place($0)] }, oracle: oracle)
    let estimator = try subject.make()
    let place = "\(subject.testDescription): renamed categories on \(layer)"
    if let one = try exactMoments(estimator, base), one.replicates.isEmpty,
      let two = try exactMoments(estimator, renamed)
    {
      let difference = largestDifference(indices.map { one.mean[oracle.place($0)] }, two.mean)
      let traces = largestDifference(one.traces, two.traces)
      let tolerance = (one.coarse == nil ? 1e-9 : 1e-6) * (1 + size(one.mean) + one.traces[0])
      return difference > tolerance || traces > tolerance
        ? ["\(place): the mean moves by \(difference), the variance by \(traces)"] : []
    }
    let draws = sampleSize(estimator, base.shape)
    func summary(_ problem: any DiscreteProblem, _ seed: UInt64) throws -> SampleSummary {
      SampleSummary(
        try estimates(estimator, problem, seed: seed, draws: 0..<draws), width: indices.count)
    }
    let one = try summary(base, 45)
    let two = try summary(renamed, 46)
    var found = indices.compactMap { index -> String? in
      let from = oracle.place(index)
      let error = (pow2(one.meanErrors[from]) + pow2(two.meanErrors[index])).squareRoot()
      let difference = abs(one.mean[from] - two.mean[index])
      return difference <= zLimit * error + 1e-9 * (1 + size(one.mean))
        ? nil : "\(place): coordinate \(index) moves by \(difference / error) errors"
    }
    let error = (pow2(one.traceError) + pow2(two.traceError)).squareRoot()
    if !(abs(one.trace - two.trace) <= zLimit * error + 1e-9 * (1 + one.trace)) {
      found.append("\(place): the variance moves from \(one.trace) to \(two.trace)")
    }
    return found
  }

  private static func pow2(_ value: Double) -> Double { value * value }
}
