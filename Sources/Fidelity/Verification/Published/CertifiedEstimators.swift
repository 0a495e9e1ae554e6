import Discrete
import Estimators
import Models
import Tensors

/// The estimators that rows of certified numbers may name: the zoo, and a few that only such tables have.
enum CertifiedEstimators {
  /// Rows of this name hold numbers of the problem itself.
  static let target = "target"

  private struct Kind {
    let name: String
    let parameters: [ParameterSpec]
    let make: @Sendable (ResolvedParameters) throws -> any GradientEstimator
    let refusal: @Sendable (LayerShape, ResolvedParameters) -> String?
  }

  private static let own: [Kind] = [
    Kind(
      name: "dr-grpo", parameters: [GroupAdvantage.sampleSpec],
      make: { GroupAdvantage(samples: $0.integer("samples"), epsilon: nil) },
      refusal: { _, _ in nil }),
    Kind(
      name: "grpo", parameters: [GroupAdvantage.sampleSpec, GroupAdvantage.epsilonSpec],
      make: {
        GroupAdvantage(samples: $0.integer("samples"), epsilon: $0.number("epsilon"))
      }, refusal: { _, _ in nil }),
    Kind(
      name: "subset-reinforce", parameters: [SubsetReinforce.sizeSpec],
      make: { SubsetReinforce(size: $0.integer("k"), draws: .subsetDistribution) },
      refusal: { shape, parameters in
        shape.categories == 2 && shape.latents >= parameters.integer("k")
          ? nil : "'subset-reinforce' draws k of the binary latents"
      }),
  ]

  private static var kinds: [Kind] {
    EstimatorRegistry.all.map { descriptor in
      Kind(
        name: descriptor.name, parameters: descriptor.parameters, make: descriptor.make,
        refusal: { descriptor.refusal($0, $1) })
    } + own
  }

  /// The estimator of a row and its parameters in words; no estimator for rows of the problem itself.
  ///
  /// - Throws: `ModelFileError` naming what is unknown or out of range.
  static func make(
    _ row: PublishedRow, on shape: LayerShape
  ) throws -> (estimator: (any GradientEstimator)?, parameters: String) {
    if row.estimator == target {
      _ = try row.parameters([])
      return (nil, "")
    }
    guard let kind = kinds.first(where: { $0.name == row.estimator }) else {
      throw row.field.failure(
        "unknown estimator '\(row.estimator)'",
        hint: NearestName.question(for: row.estimator, among: kinds.map(\.name) + [target])
          ?? "'gradfid list estimators' names them")
    }
    let given = try row.parameters(kind.parameters)
    do {
      let resolved = try ResolvedParameters(given, specs: kind.parameters)
      if let refusal = kind.refusal(shape, resolved) { throw DiscreteError.unsupported(refusal) }
      let shown = kind.parameters.compactMap { spec in
        given[spec.name].map { "\(spec.name)=\($0)" }
      }
      return (try kind.make(resolved), shown.joined(separator: ", "))
    } catch let error as DiscreteError {
      throw row.field.failure("\(error)")
    }
  }
}
