import Discrete
import Networks
import Tensors

/// `D` categorical latents: the features are the logits, the decoder sees the points as they are.
struct CategoricalBottleneck<Scalar: NetworkScalar>: Bottleneck {
  let latents: Int
  let categories: Int

  var features: Int { latents * categories }
  var embedding: Int { latents * categories }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func logits(_ features: [Scalar]) -> [Double] { features.map { Double($0) } }

  func pullBack(_ logitGradient: [Double], _ features: [Scalar]) -> (
    features: [Double], parameters: [Double]
  ) { (logitGradient, []) }

  var isIdentity: Bool { true }

  func embed(_ points: [Scalar]) -> [Scalar] { points }

  func pointGradient(_ delta: [Scalar]) -> [Scalar] { delta }

  func divergence(_ logits: [Double], shape: LayerShape) -> (values: [Double], gradient: [Double])?
  { AnalyticKL.evaluate(logits, shape: shape) }
}

struct CategoricalKind: BottleneckKind {
  let entry = EntryKind(
    "categorical", "D latents of K categories; the features are the logits",
    parameters: [BottleneckKinds.latents(4), BottleneckKinds.categories])

  func make<Scalar: NetworkScalar>(
    _ parameters: ResolvedParameters, _ type: Scalar.Type
  ) -> any Bottleneck<Scalar> {
    CategoricalBottleneck<Scalar>(
      latents: parameters.integer("latents"), categories: parameters.integer("categories"))
  }
}
