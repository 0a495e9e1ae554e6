import Discrete
import Networks
import Tensors

/// `D` bits: a feature is the logit of a one, `phi_d = (0, a_d)`; the decoder sees the bits.
struct BernoulliBottleneck<Scalar: NetworkScalar>: Bottleneck {
  let latents: Int

  var categories: Int { 2 }
  var features: Int { latents }
  var embedding: Int { latents }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func logits(_ features: [Scalar]) -> [Double] { features.flatMap { [0, Double($0)] } }

  func pullBack(_ logitGradient: [Double], _ features: [Scalar]) -> (
    features: [Double], parameters: [Double]
  ) { (features.indices.map { logitGradient[2 * $0 + 1] }, []) }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func embed(_ points: [Scalar]) -> [Scalar] {
    (0..<points.count / 2).map { points[2 * $0 + 1] }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func embed(codes: [Int32]) -> [Scalar] { codes.map { Scalar($0) } }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func pointGradient(_ delta: [Scalar]) -> [Scalar] { delta.flatMap { [0, $0] } }

  func divergence(_ logits: [Double], shape: LayerShape) -> (values: [Double], gradient: [Double])?
  { AnalyticKL.evaluate(logits, shape: shape) }
}

struct BernoulliKind: BottleneckKind {
  let entry = EntryKind(
    "bernoulli", "D bits; a feature is the logit of a one, phi_d = (0, a_d)",
    parameters: [BottleneckKinds.latents(10)])

  func make<Scalar: NetworkScalar>(
    _ parameters: ResolvedParameters, _ type: Scalar.Type
  ) -> any Bottleneck<Scalar> {
    BernoulliBottleneck<Scalar>(latents: parameters.integer("latents"))
  }
}
