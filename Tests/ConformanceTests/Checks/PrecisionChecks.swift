import Discrete
import Models
import TestSupport

/// Costs in single precision, and learned parts.
extension Check {
  /// The categorical VAE in float32 gives the estimates of the one in float64, up to rounding.
  static let precision = Check("precision") { subject in
    guard let layer = subject.mainLayer, subject.isDefault || !subject.isFitted else { return [] }
    let pair = try VAEPair.of(layer)
    let estimator = try subject.lastForm(pair.double)
    let one = try estimates(estimator, pair.double)
    let two = try estimates(estimator, pair.float)
    // Costs of a few hundred have rounding errors of 1e-4 to 1e-3 in float32, which differences of
    // costs inherit in full.
    let tolerance = 1e-4 * (size(one) + 0.05 * pair.costSize)
    let difference = largestDifference(one, two)
    return difference <= tolerance
      ? []
      : [
        "\(subject.testDescription): float32 moves an estimate by \(difference), allowed \(tolerance)"
      ]
  }

  /// The learned part is deterministic.
  static let fitting = Check("fitting") { subject in
    guard let layer = subject.mainLayer,
      let learned = try subject.make().learned
    else { return [] }
    let problem = try registered("test-problem", layer)
    let one = try estimates(learned.fitted(TestSource(problem)), problem)
    let two = try estimates(learned.fitted(TestSource(problem)), problem)
    return sameBits(one, two) ? [] : ["\(subject.testDescription): fitted twice, other bits"]
  }
}

/// The same small autoencoder in both precisions.
struct VAEPair: Sendable {
  let float: any DiscreteProblem
  let double: any DiscreteProblem
  /// Largest cost of a few points.
  let costSize: Double

  private static let images = ImageData.procedural()
  private static let pairs: [Layer: Result<VAEPair, any Error>] = Dictionary(
    uniqueKeysWithValues: Layer.all.map { layer in (layer, Result { try VAEPair(layer) }) })

  static func of(_ layer: Layer) throws -> VAEPair {
    try pairs[layer]?.get() ?? VAEPair(layer)
  }

  private init(_ layer: Layer) throws {
    _ = oneThread
    let settings = VAESettings(
      latents: layer.latents, categories: layer.categories, rows: 2, hidden1: 12, hidden2: 8)
    float = try CategoricalVAE<Float>(settings: settings, images: VAEPair.images)
    double = try CategoricalVAE<Double>(settings: settings, images: VAEPair.images)
    costSize = size(
      try double.oracle.costs(ofJointCodes: 0..<1, gradients: false).values)
  }
}
