import Discrete
import Networks
import Tensors

/// Vectors assigned to a codebook `e[K][d]` that all latents share: `phi_k = -||z_e - e_k||^2 / (2 s^2)`, and the
/// decoder sees `sum_k z_k e_k`. Its own numbers are the codes.
struct VQBottleneck<Scalar: NetworkScalar>: Bottleneck {
  let latents: Int
  let categories: Int
  let dimension: Int
  /// `s`
  let width: Double
  /// `beta`
  let commitment: Double
  let isHeld: Bool
  var codebook: Codebook<Scalar>

  /// - Parameter isHeld: whether the codes are no parameters upstream of the measured logits.
  init(
    latents: Int, categories: Int, dimension: Int, width: Double, commitment: Double,
    isHeld: Bool = false
  ) {
    self.latents = latents
    self.categories = categories
    self.dimension = dimension
    self.width = width
    self.commitment = commitment
    self.isHeld = isHeld
    codebook = Codebook(
      count: categories, dimension: dimension,
      entries: [Scalar](repeating: 0, count: categories * dimension))
  }

  var quantises: Bool { true }
  var quantiser: Quantiser? {
    .nearest(
      kind: .vq, dimension: dimension, codebooks: [codebook.entries.map { Double($0) }], groups: 1)
  }
  var features: Int { latents * dimension }
  var embedding: Int { latents * dimension }
  var parameters: [Scalar] {
    get { codebook.entries }
    set { codebook.entries = newValue }
  }
  var parameterShape: [Int] { [categories, dimension] }
  var overflow: String { "the squared distances to the codes over 2 s^2 are not finite; raise s" }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func logits(_ features: [Scalar]) -> [Double] {
    let scale = -0.5 / (width * width)
    return codebook.squaredDistances(features).map { scale * $0 }
  }

  /// `dphi_k/dz_e = (e_k - z_e) / s^2 = -dphi_k/de_k`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func pullBack(_ logitGradient: [Double], _ features: [Scalar]) -> (
    features: [Double], parameters: [Double]
  ) {
    let scale = 1 / (width * width)
    var own = [Double](repeating: 0, count: features.count)
    var codes = [Double](repeating: 0, count: categories * dimension)
    for vector in 0..<features.count / dimension {
      for code in 0..<categories {
        let weight = scale * logitGradient[vector * categories + code]
        for axis in 0..<dimension {
          let step =
            weight
            * (Double(codebook.entries[code * dimension + axis])
              - Double(features[vector * dimension + axis]))
          own[vector * dimension + axis] += step
          codes[code * dimension + axis] -= step
        }
      }
    }
    return (own, codes)
  }

  func embed(_ points: [Scalar]) -> [Scalar] {
    matrixProduct(
      points, codebook.entries, m: points.count / categories, n: dimension, k: categories)
  }

  func embed(codes: [Int32]) -> [Scalar] { codebook.vectors(codes.map { Int($0) }) }

  func folded(_ layer: DenseLayer<Scalar>) -> DenseLayer<Scalar>? { codebook.folded(layer) }

  func pointGradient(_ delta: [Scalar]) -> [Scalar] {
    matrixProduct(
      delta, codebook.entries, m: delta.count / dimension, n: categories, k: dimension,
      transposeB: true)
  }

  func parameterGradient(_ delta: [Scalar], _ points: [Scalar]) -> [Scalar] {
    matrixProduct(
      points, delta, m: categories, n: dimension, k: delta.count / dimension, transposeA: true)
  }

  private static var codesUsed: SeriesMetric {
    SeriesMetric(
      "codes_used", unit: "codes", "codes of K that are the nearest of some vector of the batch")
  }

  private static func used(_ codes: [Int]) -> SeriesValue {
    SeriesValue(codesUsed, Double(Set(codes).count))
  }

  /// The nearest code is that of the largest logit, the first of equal ones.
  func series(_ logits: [Double], shape: LayerShape) -> [SeriesValue] {
    let codes = stride(from: 0, to: logits.count, by: categories).map { start in
      (1..<categories).reduce(0) { logits[start + $1] > logits[start + $0] ? $1 : $0 }
    }
    return [Self.used(codes)]
  }

  mutating func start(key: RandomKey, sample: (_ rows: Int, _ uniform: Float) -> [Scalar]) {
    codebook = Codebook.picked(
      count: categories, dimension: dimension, latents: latents, key: key, from: sample)
  }

  /// `w (||sg(z_e) - z_q||^2 + beta ||z_e - sg(z_q)||^2)` (van den Oord et al. 2017). Codes that no vector is
  /// nearest to stay where they are.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func quantisation(_ features: [Scalar], weight: Double, rows: Int) -> Quantisation<Scalar>? {
    let codes = codebook.nearest(features)
    let vectors = codebook.vectors(codes)
    let residuals = zip(features, vectors).map { $0 - $1 }
    var parameters = [Scalar](repeating: 0, count: codebook.entries.count)
    let codePull = 2 * (1 / Scalar(rows)) * Scalar(weight)
    for (vector, code) in codes.enumerated() {
      for axis in 0..<dimension {
        parameters[code * dimension + axis] -= codePull * residuals[vector * dimension + axis]
      }
    }
    let pull = Scalar(2 * commitment * weight)
    return Quantisation(
      embedded: vectors, codes: codes,
      loss: (1 + commitment) * weight * residuals.reduce(0.0) { $0 + Double($1) * Double($1) },
      features: residuals.map { pull * $0 }, parameters: parameters, series: [Self.used(codes)])
  }
}

struct VQKind: BottleneckKind {
  let entry = EntryKind(
    "vq", "D vectors assigned to K codes, phi_k = -||z_e - e_k||^2 / (2 s^2)",
    parameters: [
      BottleneckKinds.latents(4), BottleneckKinds.categories,
      ParameterSpec(
        "dimension", .integer(1...8192), default: .integer(4), "Coordinates d of a code"),
      ParameterSpec("s", .temperature, default: .number(1), "Width of the soft assignment"),
      ParameterSpec(
        "commitment", .number(minimum: 0, maximum: .greatestFiniteMagnitude, exclusive: false),
        default: .number(0.25), "Weight beta of the commitment, where identity-st trains"),
    ])

  func make<Scalar: NetworkScalar>(
    _ parameters: ResolvedParameters, _ type: Scalar.Type
  ) -> any Bottleneck<Scalar> {
    VQBottleneck<Scalar>(
      latents: parameters.integer("latents"), categories: parameters.integer("categories"),
      dimension: parameters.integer("dimension"), width: parameters.number("s"),
      commitment: parameters.number("commitment"))
  }
}
