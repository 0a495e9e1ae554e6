import Discrete
import Networks
import Tensors

/// The Jacobian of `weights -> logits` through a bottleneck on a fixed batch: that of `weights -> features`,
/// and the bottleneck's own.
///
/// Groups are those of the encoder, and `codebook` where the bottleneck has numbers of its own that measuring
/// does not hold.
struct BottleneckPullback<Scalar: NetworkScalar>: ParameterPullback {
  let shape: LayerShape
  let bottleneck: any Bottleneck<Scalar>
  /// `[rows][features]`.
  let features: [Scalar]
  let encoder: any ParameterPullback

  /// Numbers of the group `codebook`.
  private var own: Int { bottleneck.isHeld ? 0 : bottleneck.parameters.count }

  var groups: [ParameterGroup] {
    encoder.groups + (own > 0 ? [ParameterGroup(name: "codebook", count: own)] : [])
  }

  func pullBack(_ logitGradient: [Double]) -> [[Double]] {
    precondition(logitGradient.count == shape.count)
    let lower = bottleneck.pullBack(logitGradient, features)
    return encoder.pullBack(lower.features) + (own > 0 ? [lower.parameters] : [])
  }

  func partial(_ logitGradient: [Double], rows: [Int]?) -> PartialPullback {
    guard own == 0 else { return PartialPullback(groups: pullBack(logitGradient), rows: nil) }
    return encoder.partial(bottleneck.pullBack(logitGradient, features).features, rows: rows)
  }

  func squaredNorms(_ partial: PartialPullback) -> [Double] {
    own > 0 ? partial.products(partial.groups) : encoder.squaredNorms(partial)
  }

  func image(_ partial: PartialPullback) -> [[Double]] {
    own > 0 ? partial.groups : encoder.image(partial)
  }

  /// `M G M^T` with the encoder's `G` at the features and `M = dphi_b/d(features)`; of the bottleneck's own
  /// numbers the product of their Jacobian with itself.
  func rowGrams(_ row: Int) -> [RowGram] {
    let width = shape.width
    let count = bottleneck.features
    let features = Array(features[row * count..<(row + 1) * count])
    var jacobian: [Double] = []
    var slopes: [Double] = []
    for index in 0..<width {
      var unit = [Double](repeating: 0, count: width)
      unit[index] = 1
      let lower = bottleneck.pullBack(unit, features)
      jacobian += lower.features
      slopes += lower.parameters
    }
    let grams = encoder.rowGrams(row).map { gram in
      let left = matrixProduct(jacobian, gram.values, m: width, n: count, k: count)
      return RowGram(
        matrixProduct(left, jacobian, m: width, n: width, k: count, transposeB: true),
        precision: gram.precision)
    }
    guard own > 0 else { return grams }
    return grams + [
      RowGram(rowGram(slopes, rows: width, columns: own), precision: Scalar.precision)
    ]
  }
}
