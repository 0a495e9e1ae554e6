import Discrete
import Tensors

/// The draws of one training step: one estimate per row of the batch.
struct BatchDraws {
  let shape: LayerShape
  private let phi: [Double]
  private let estimator: any GradientEstimator
  /// Category indices `[samples][rows][latents]`.
  let codes: [[Int32]]
  private let perturbed: [Double]
  private let freshNoise: [Double]
  /// `f` at each sample, `[samples][rows]`.
  var values: [[Double]] = []
  /// `df/dz` at the first sample, `[rows][latents][categories]`.
  var gradients: [Double] = []
  /// `df/dz` at the soft points, `[rows][latents][categories]`.
  var softGradients: [Double] = []

  /// Sites of the random streams; samples follow at `firstSample`.
  private enum Site {
    static let exponentials = 0
    static let gumbels = 1
    static let firstSample = 2
  }

  init(phi: [Double], shape: LayerShape, estimator: any GradientEstimator, key: RandomKey) {
    let plan = estimator.plan
    let p = plan.law.probabilities(
      RowLogits(
        latents: shape.rows * shape.latents, categories: shape.categories, values: phi))
    var logP = p
    VectorMath.log(&logP)
    let key = key.derived("draws")
    let samples = max(plan.samples, plan.perturbed ? 1 : 0)
    var codes = [[Int32]](repeating: [], count: samples)
    var perturbed: [Double] = []
    var freshNoise: [Double] = []
    for row in 0..<shape.rows {
      let range = row * shape.width..<(row + 1) * shape.width
      let law = Array(p[range])
      for sample in 0..<samples {
        codes[sample] += CategoricalSampler.codes(
          probabilities: law, latents: shape.latents, categories: shape.categories,
          uniforms: RandomStream(key: key, row: row, site: Site.firstSample + sample)
            .uniforms(from: 0, count: shape.latents))
      }
      if plan.perturbed {
        perturbed += CategoricalSampler.conditionalPerturbed(
          logProbabilities: Array(logP[range]), codes: Array(codes[0].suffix(shape.latents)),
          exponentials: RandomStream(key: key, row: row, site: Site.exponentials)
            .exponentials(from: 0, count: shape.width), latents: shape.latents,
          categories: shape.categories)
      }
      if plan.freshNoise {
        freshNoise += RandomStream(key: key, row: row, site: Site.gumbels)
          .gumbels(from: 0, count: shape.width).map { Double($0) }
      }
    }
    self.shape = shape
    self.phi = phi
    self.estimator = estimator
    self.codes = codes
    self.perturbed = perturbed
    self.freshNoise = freshNoise
  }

  /// The first sample as one-hot rows, `[rows][latents][categories]`.
  func oneHot() -> [Double] {
    var points = [Double](repeating: 0, count: shape.count)
    for (position, code) in codes[0].enumerated() {
      points[position * shape.categories + Int(code)] = 1
    }
    return points
  }

  /// The estimator's soft points, `[rows][latents][categories]`.
  ///
  /// - Throws: `DiscreteError.unsupported` if the estimator names none.
  func softPoints() throws -> [Double] {
    try (0..<shape.rows).flatMap { row in
      let (logits, draws) = self.row(row)
      guard let points = estimator.coupled?.softPoints(logits, draws), points.count == shape.width
      else {
        throw DiscreteError.unsupported("the estimator asks for soft points but names none")
      }
      return points
    }
  }

  /// Estimates of all rows, `[rows][latents][categories]`, each of its own row's cost.
  ///
  /// - Throws: `DiscreteError.shape` for an estimator that leaves an array of another length.
  func combine() throws -> [Double] {
    try (0..<shape.rows).flatMap { row in
      let (logits, draws) = self.row(row)
      return try estimator.checkedEstimates(logits, draws, centred: false)
    }
  }

  private func row(_ row: Int) -> (RowLogits, RowDraws) {
    let range = row * shape.width..<(row + 1) * shape.width
    func slice(_ values: [Double]) -> [Double] { values.isEmpty ? [] : Array(values[range]) }
    let logits = RowLogits(
      latents: shape.latents, categories: shape.categories, values: slice(phi))
    let draws = RowDraws(
      count: 1,
      codes: codes.map { Array($0[row * shape.latents..<(row + 1) * shape.latents]) },
      values: values.map { [$0[row]] }, gradients: slice(gradients), perturbed: slice(perturbed),
      freshNoise: slice(freshNoise), softGradients: slice(softGradients))
    return (logits, draws)
  }
}
