import Discrete
import Fidelity
import Models
import Tensors

/// What can go wrong at the ends of the ranges.
extension Check {
  /// Probabilities of almost 0 and 1, and ties: every estimate a finite number, and so are exact
  /// moments.
  static let edges = Check("edges") { subject in
    var found: [String] = []
    for layer in subject.layers {
      let base = try registered("test-problem", layer)
      // Beyond 745 the smaller probability is 0 itself.
      for height in [0, 30, 300, 1000] where height > 0 || layer.latents == 2 {
        // Learned parts are fitted anew on each.
        for pattern in 0..<(height == 0 || subject.isFitted ? 1 : 3) {
          let problem = try altered(
            base, logits: edgeLogits(layer, height: Double(height), pattern: pattern))
          let place = "\(subject.testDescription): \(layer), logits +-\(height), pattern \(pattern)"
          found += finite(subject, problem, place)
          // Soft forwards are integrated numerically, node by node: too slow out here.
          guard height >= 300, case let estimator = try subject.make(), !estimator.plan.relaxed,
            let moments = try exactMoments(estimator, problem)
          else { continue }
          if !(moments.mean + moments.traces).allSatisfy(\.isFinite) {
            found.append("\(place): exact moments are not finite")
          }
        }
      }
    }
    return found
  }

  /// One category: finite, or refused with a reason.
  static let oneCategory = Check("one category") { subject in
    try (1...2).flatMap { latents -> [String] in
      guard subject.accepts(Layer(latents, 1)) else { return [] }
      let problem = try CostProblem(
        logits: Logits(
          shape: Layer(latents, 1).shape, values: [Double](repeating: 0.3, count: latents)),
        cost: OneCategory(latents: latents))
      _ = try exactMoments(subject.make(), problem)
      return finite(subject, problem, "\(subject.testDescription): one category")
    }
  }

  /// The smallest and largest temperatures: numbers, or a stated error.
  static let temperatures = Check("temperatures") { subject in
    guard subject.isDefault, let layer = subject.mainLayer else { return [] }
    var found: [String] = []
    for spec in subject.descriptor.parameters where spec.kind == .temperature {
      for tau in [Double.leastNonzeroMagnitude, 1e-300, 1e-3, 1e300, .greatestFiniteMagnitude] {
        let parameters = try ResolvedParameters(
          [spec.name: .number(tau)], specs: subject.descriptor.parameters)
        let estimator: any GradientEstimator
        do {
          estimator = try subject.descriptor.make(parameters)
        } catch is DiscreteError {
          continue
        }
        let problem = try registered("test-problem", layer)
        let isSlow = isIntegrated(estimator, problem)
        for moments in isSlow ? [MomentsChoice.monteCarlo] : [.auto, .monteCarlo] {
          let session = FidelitySession(
            problem: problem, target: TargetSettings(),
            measure: MeasureSettings(
              scopes: [.logits], moments: moments, draws: 64, blocks: 8, perDrawSamples: 8,
              gap: false), key: RandomKey(seed: 9))
          let place = "\(subject.testDescription): \(spec.name)=\(tau), moments \(moments.rawValue)"
          do {
            let report = try session.run([
              FidelityRequest(estimator: estimator, distribution: .unit)
            ])[0]
            guard case .success(let report) = report else { continue }
            for number in report.numbers
            where [.biasSquared, .variance].contains(number.metric) && number.value.isNaN {
              found.append("\(place): \(number.metric.rawValue) is not a number")
            }
          } catch is DiscreteError {
          }
        }
      }
    }
    return found
  }

  private static func finite(
    _ subject: Subject, _ problem: any DiscreteProblem, _ place: String
  ) -> [String] {
    do {
      return try subject.forms(problem).compactMap { form, estimator in
        try estimates(estimator, problem).allSatisfy(\.isFinite)
          ? nil : "\(place): \(form)an estimate is not finite"
      }
    } catch is DiscreteError {
      return []
    } catch {
      return ["\(place): threw \(error)"]
    }
  }

  /// One category far above the others, one far below, or a mixture by latent.
  private static func edgeLogits(_ layer: Layer, height: Double, pattern: Int) -> [Double] {
    (0..<layer.latents).flatMap { latent in
      (0..<layer.categories).map { k in
        switch (pattern + latent) % 3 {
        case 0: k == 0 ? height : -height
        case 1: k == layer.categories - 1 ? -height : height
        default: height * (1 - 2 * Double(k) / Double(max(1, layer.categories - 1)))
        }
      }
    }
  }
}
