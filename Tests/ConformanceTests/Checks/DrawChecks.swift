import Discrete
import Fidelity
import Models

/// What can be seen on a few estimates.
extension Check {
  static let works = Check("works") { subject in
    subject.layers.isEmpty
      ? ["\(subject.testDescription): refuses every layer of 1 to 3 latents and 2 to 4 categories"]
      : []
  }

  /// `[count][D][K]`, all of it written, the same whatever stood there before.
  static let overwrites = Check("overwrites") { subject in
    var found: [String] = []
    try subject.eachCase { place, problem, estimator in
      let one = try estimates(estimator, problem, filler: .nan)
      let two = try estimates(estimator, problem, filler: 17)
      if one.count != 24 * problem.shape.width {
        found.append("\(place): wrong length \(one.count)")
      }
      if one.contains(where: \.isNaN) { found.append("\(place): leaves elements as they were") }
      if !sameBits(one, two) { found.append("\(place): the result holds what stood there before") }
    }
    return found
  }

  /// The same key gives the same bits: again, beside other estimators, and in other batches.
  static let repeats = Check("repeats") { subject in
    let everything = EvaluationPlan(
      samples: 3, values: true, gradients: true, perturbed: true, freshNoise: true)
    var found: [String] = []
    try subject.eachCase { place, problem, estimator in
      let one = try estimates(estimator, problem)
      if !sameBits(one, try estimates(estimator, problem)) {
        found.append("\(place): the same key gives other bits")
      }
      let served = estimator.plan.distribution == .mode ? EvaluationPlan(values: true) : everything
      if !sameBits(one, try estimates(estimator, problem, beside: [served])) {
        found.append("\(place): other bits beside other estimators")
      }
      let parts =
        try estimates(estimator, problem, draws: 0..<7)
        + estimates(estimator, problem, draws: 7..<24)
      if largestDifference(one, parts) > 1e-12 * (1 + size(one)) {
        found.append("\(place): other estimates in other batches")
      }
    }
    return found
  }

  /// A number added to all logits of a latent changes nothing, draw by draw with the same uniforms.
  static let logitShift = Check("logit shift") { subject in
    var found: [String] = []
    try subject.eachCase { place, problem, estimator in
      let categories = problem.shape.categories
      let moved = try altered(
        problem,
        logits: problem.logits.values.enumerated().map {
          $0.element + [0.75, -1.25, 3.5][$0.offset / categories % 3]
        })
      let one = try estimates(estimator, problem)
      let difference = largestDifference(one, try estimates(estimator, moved))
      if difference > 1e-9 * (1 + size(one)) {
        found.append("\(place): logits + constant change an estimate by \(difference)")
      }
    }
    return found
  }

  static let sumsToZero = Check("sum over the categories") { subject in
    try subject.holds("sumsToZero", declared: subject.descriptor.invariants.sumsToZero) {
      setting in
      var found: [String] = []
      try setting.eachCase { place, problem, estimator in
        let categories = problem.shape.categories
        let one = try estimates(estimator, problem)
        let sums = stride(from: 0, to: one.count, by: categories).map {
          one[$0..<$0 + categories].reduce(0, +)
        }
        if !(size(sums) <= 1e-10 * (1 + size(one))) {
          found.append("\(place): a latent sums to \(size(sums))")
        }
      }
      return found
    }
  }

  static let costShift = Check("cost shift") { subject in
    try subject.holds("costShift", declared: subject.descriptor.invariants.costShift) {
      try changedCost($0, scale: 1, shift: 7.5)
    }
  }

  static let costScale = Check("cost scale") { subject in
    try subject.holds("costScale", declared: subject.descriptor.invariants.costScale) {
      try changedCost($0, scale: -3, shift: 0)
    }
  }

  /// Estimates under `scale f + shift` are `scale` times those under `f`. Learned parts are fitted
  /// to each cost.
  private static func changedCost(
    _ subject: Subject, scale: Double, shift: Double
  ) throws -> [String] {
    var found: [String] = []
    for layer in subject.layers {
      for kind in costKinds where subject.isDefault && !subject.isFitted || kind == costKinds[0] {
        let problem = try registered(kind, layer)
        let other = try altered(
          problem, oracle: ChangedOracle(problem.oracle, scale: scale, shift: shift))
        let one = try estimates(subject.lastForm(problem), problem).map { scale * $0 }
        let two = try estimates(subject.lastForm(other), other)
        let difference = largestDifference(one, two) / (1 + size(one))
        if difference > (subject.isFitted ? 1e-6 : 1e-9) {
          found.append(
            "\(subject.testDescription): on \(kind) \(layer), under \(scale) f + \(shift) an estimate differs by \(difference)"
          )
        }
      }
    }
    return found
  }

  /// A table of costs serves whoever asks for no gradients and no soft points, and gives the same.
  static let table = Check("table cost") { subject in
    var found: [String] = []
    try subject.eachCase { place, problem, estimator in
      let plan = estimator.plan(for: problem.shape)
      guard plan.gradientCalls == 0, (plan.probes?.soft ?? 0) == 0 else { return }
      let jointCodes = problem.shape.jointCodes(limit: 4096) ?? 0
      let values = try problem.oracle.costs(ofJointCodes: 0..<jointCodes, gradients: false).values
      let table = try altered(
        problem, oracle: TableOracle(shape: problem.shape, values: values))
      let one = try estimates(estimator, problem)
      let difference = largestDifference(one, try estimates(estimator, table))
      if difference > 1e-9 * (1 + size(one)) {
        found.append("\(place): a table of the same costs gives another estimate by \(difference)")
      }
    }
    return found
  }

  /// Oracle calls as planned, and as the catalogue says where it says a number.
  static let calls = Check("oracle calls") { subject in
    var found: [String] = []
    try subject.eachCase { place, problem, estimator in
      let plan = estimator.plan(for: problem.shape)
      let oracle = CountingOracle(problem.oracle)
      let counted = try altered(problem, oracle: oracle)
      let draws = 5
      _ = try estimates(estimator, counted, draws: 0..<draws)
      // Fixed points are evaluated once, not once per estimate.
      let probes = plan.probes ?? ProbePlan()
      var values = draws * plan.valueCalls
      var gradients = draws * plan.gradientCalls
      for (fixed, count, asGradients) in [
        (probes.softFixed, probes.soft, probes.softGradients),
        (probes.codesFixed, probes.codes, probes.codeGradients),
      ] where fixed {
        if asGradients { gradients -= (draws - 1) * count } else { values -= (draws - 1) * count }
      }
      let points = oracle.points
      if points != (values, gradients) {
        found.append(
          "\(place): \(draws) estimates took \(points.values) values and \(points.gradients) gradients, planned are \(values) and \(gradients)"
        )
      }
    }
    guard subject.isDefault, let plan = try? subject.make().plan else { return found }
    for (count, noun) in [(plan.valueCalls, "value"), (plan.gradientCalls, "gradient")] {
      for match in subject.descriptor.cost.matches(of: /(\d+) (value|gradient)s?\b/)
      where match.2 == noun && Int(match.1) != count {
        found.append(
          "\(subject.testDescription): the catalogue says '\(match.0)', the plan \(count)")
      }
    }
    return found
  }
}
