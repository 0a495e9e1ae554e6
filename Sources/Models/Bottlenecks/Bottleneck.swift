import Discrete
import Networks
import Tensors

/// What stands between an encoder and a decoder: a layer of categories made of the encoder's features, and
/// vectors made of its points.
///
/// A batch at a time; rows do not meet. Parameters of its own (a codebook) are one group.
protocol Bottleneck<Scalar>: Sendable {
  associatedtype Scalar: NetworkScalar

  var latents: Int { get }
  var categories: Int { get }
  /// Outputs of the encoder.
  var features: Int { get }
  /// Inputs of the decoder.
  var embedding: Int { get }
  /// Its own numbers; an empty array where it has none.
  var parameters: [Scalar] { get set }
  /// Shape of `parameters`.
  var parameterShape: [Int] { get }

  /// `phi`, `[rows][D][K]`.
  func logits(_ features: [Scalar]) -> [Double]

  /// `dL/d(features)` and `dL/d(parameters)`, summed over rows, for `dL/dphi`.
  func pullBack(_ logitGradient: [Double], _ features: [Scalar]) -> (
    features: [Double], parameters: [Double]
  )

  /// Whether the features are the logits, and the decoder sees the points as they are.
  var isIdentity: Bool { get }

  /// Whether measuring holds its own numbers fixed: they are then no group of parameters.
  var isHeld: Bool { get }

  /// What it means that logits are not finite.
  var overflow: String { get }

  /// What the decoder sees of points `[points][D][K]`, one-hot or inside the simplex.
  func embed(_ points: [Scalar]) -> [Scalar]

  /// The same of codes `[points][D]`.
  func embed(codes: [Int32]) -> [Scalar]

  /// A decoder's first layer on points from that on their embedding; nil where `embed` is not linear in them.
  func folded(_ layer: DenseLayer<Scalar>) -> DenseLayer<Scalar>?

  /// `dL/d(points)` for `dL/d(embedding)`.
  func pointGradient(_ delta: [Scalar]) -> [Scalar]

  /// `dL/d(parameters)`, summed over points, for `dL/d(embedding)`.
  func parameterGradient(_ delta: [Scalar], _ points: [Scalar]) -> [Scalar]

  /// The divergence of a batch's distribution from the prior that training adds to the cost, `[rows]`, and its gradient in
  /// `phi`; nil where there is none.
  func divergence(_ logits: [Double], shape: LayerShape) -> (values: [Double], gradient: [Double])?

  /// Its numbers at the start; `sample` is features of some data, from which a codebook may be picked.
  mutating func start(key: RandomKey, sample: (_ rows: Int, _ uniform: Float) -> [Scalar])

  /// Whether its features are vectors that points can stand for.
  var quantises: Bool { get }

  /// The quantiser of one row's features, for surrogates; nil where it does not quantise.
  var quantiser: Quantiser? { get }

  /// The loss that training adds where the encoder is passed the decoder's gradient unchanged; nil where it does not
  /// quantise.
  ///
  /// - Parameters:
  ///   - weight: what a coordinate's squared distance weighs.
  ///   - rows: of the batch.
  func quantisation(_ features: [Scalar], weight: Double, rows: Int) -> Quantisation<Scalar>?

  /// What a training records of it at a step beside the common numbers, from a batch's `phi`.
  func series(_ logits: [Double], shape: LayerShape) -> [SeriesValue]
}

/// Features replaced by the nearest of the bottleneck's vectors.
struct Quantisation<Scalar: NetworkScalar> {
  /// The vectors, as the decoder sees them.
  let embedded: [Scalar]
  /// Code of each latent, `[rows][D]`.
  let codes: [Int]
  /// The loss of all rows together.
  let loss: Double
  /// Its gradient at the features.
  let features: [Scalar]
  /// The gradient of the mean over rows at the bottleneck's own numbers.
  let parameters: [Scalar]
  /// What a training records of it beside the common numbers.
  let series: [SeriesValue]
}

extension Bottleneck {
  var parameters: [Scalar] {
    get { [] }
    set { precondition(newValue.isEmpty) }
  }
  var parameterShape: [Int] { [] }
  var isIdentity: Bool { false }
  var isHeld: Bool { false }
  var quantises: Bool { false }
  var quantiser: Quantiser? { nil }
  var overflow: String { "the logits of the measured batch are not finite" }
  func embed(codes: [Int32]) -> [Scalar] { embed(oneHotBlocks(codes, categories: categories)) }
  func folded(_ layer: DenseLayer<Scalar>) -> DenseLayer<Scalar>? { isIdentity ? layer : nil }
  func parameterGradient(_ delta: [Scalar], _ points: [Scalar]) -> [Scalar] { [] }
  mutating func start(key: RandomKey, sample: (_ rows: Int, _ uniform: Float) -> [Scalar]) {}
  func quantisation(_ features: [Scalar], weight: Double, rows: Int) -> Quantisation<Scalar>? {
    nil
  }
  func divergence(_ logits: [Double], shape: LayerShape) -> (values: [Double], gradient: [Double])?
  { nil }
  func series(_ logits: [Double], shape: LayerShape) -> [SeriesValue] { [] }
}

/// A bottleneck with its name: a new one is a file and a line in `BottleneckKinds.all`.
protocol BottleneckKind: Sendable {
  var entry: EntryKind { get }
  /// - Parameter parameters: resolved against those of `entry`.
  func make<Scalar: NetworkScalar>(
    _ parameters: ResolvedParameters, _ type: Scalar.Type
  ) -> any Bottleneck<Scalar>
}

package enum BottleneckKinds {
  static let all: [any BottleneckKind] = [CategoricalKind(), BernoulliKind(), VQKind()]

  /// For study files and listings.
  package static let entries = all.map(\.entry)

  /// The bottleneck of an entry that was resolved against `entries`.
  static func make<Scalar: NetworkScalar>(
    _ entry: (kind: String, parameters: ResolvedParameters), _ type: Scalar.Type
  ) -> any Bottleneck<Scalar> {
    guard let kind = all.first(where: { $0.entry.name == entry.kind }) else {
      preconditionFailure("no bottleneck '\(entry.kind)'")
    }
    return kind.make(entry.parameters, type)
  }

  static func latents(_ count: Int) -> ParameterSpec {
    ParameterSpec("latents", .integer(1...8192), default: .integer(count), "Number of latents D")
  }

  static let categories = ParameterSpec(
    "categories", .integer(2...8192), default: .integer(8), "Categories K")
}
