import Discrete
import Estimators
import Foundation
import Testing

/// One setting of one estimator, held against what its descriptor says.
struct Subject: Sendable, CustomTestStringConvertible {
  let descriptor: EstimatorDescriptor
  let parameters: ResolvedParameters
  let isDefault: Bool

  func make() throws -> any GradientEstimator { try descriptor.make(parameters) }

  var testDescription: String {
    isDefault ? descriptor.name : "\(descriptor.name)(\(parameters.summary))"
  }

  func accepts(_ layer: Layer) -> Bool { descriptor.refusal(layer.shape, parameters) == nil }

  /// The layers of the suite that the estimator accepts: all of them for the defaults, one for
  /// other settings. Learned parts take time: two for their defaults.
  var layers: [Layer] {
    guard isDefault else { return mainLayer.map { [$0] } ?? [] }
    let accepted = Layer.all.filter(accepts)
    return isFitted ? Array(accepted.filter { $0.latents == 2 }.prefix(2)) : accepted
  }

  var isFitted: Bool { (try? make())?.learned != nil }

  /// The layer of checks that take many draws: two latents where they are accepted.
  var mainLayer: Layer? {
    [Layer(2, 3), Layer(2, 2), Layer(2, 4), Layer(1, 3), Layer(1, 2), Layer(1, 4)].first(
      where: accepts)
  }
}

/// Sizes of one row.
struct Layer: Hashable, Sendable, CustomStringConvertible {
  let latents: Int
  let categories: Int

  init(_ latents: Int, _ categories: Int) {
    self.latents = latents
    self.categories = categories
  }

  var shape: LayerShape { LayerShape(rows: 1, latents: latents, categories: categories) }
  var description: String { "\(latents) x \(categories)" }

  static let all = (1...3).flatMap { latents in (2...4).map { Layer(latents, $0) } }
}

/// Every registered estimator with its defaults, and with each parameter in turn at other values
/// of its range.
///
/// `GRADFID_CONFORM=TEXT` in the environment keeps the names that contain the text.
enum Subjects {
  static let all: [Subject] = {
    let wanted = ProcessInfo.processInfo.environment["GRADFID_CONFORM"] ?? ""
    return EstimatorRegistry.all.filter { wanted.isEmpty || $0.name.contains(wanted) }
      .flatMap(settings)
  }()

  static let defaults = all.filter(\.isDefault)

  static func settings(_ descriptor: EstimatorDescriptor) -> [Subject] {
    guard let standard = try? ResolvedParameters([:], specs: descriptor.parameters) else {
      return []
    }
    let others = descriptor.parameters.flatMap { spec in
      values(spec.kind).filter { $0 != spec.defaultValue }.compactMap { value -> Subject? in
        guard
          let parameters = try? ResolvedParameters(
            [spec.name: value], specs: descriptor.parameters),
          // A combination may be refused with a reason; only a trap would be wrong.
          (try? descriptor.make(parameters)) != nil
        else { return nil }
        return Subject(descriptor: descriptor, parameters: parameters, isDefault: false)
      }
    }
    return [Subject(descriptor: descriptor, parameters: standard, isDefault: true)] + others
  }

  /// A few legal values: the ends of a range where they are usable sizes, else values nearby.
  static func values(_ kind: ParameterKind) -> [ParameterValue] {
    switch kind {
    case .number(let minimum, let maximum, let exclusive):
      let bounded = maximum < 1e6
      let low =
        minimum < -1e6
        ? -1.5 : exclusive ? minimum + (bounded ? 0.05 * (maximum - minimum) : 0.4) : minimum
      return [.number(low), .number(bounded ? maximum : max(low, 0) + 2)]
    case .integer(let range):
      // Beyond 16 a size stands for work, not for another way through the code.
      return [range.lowerBound, min(range.upperBound, max(range.lowerBound, 16))]
        .map(ParameterValue.integer)
    case .choice(let names): return names.map(ParameterValue.text)
    case .flag: return [.flag(true), .flag(false)]
    default: return []
    }
  }
}
