import Discrete
import Networks
import Synchronization

/// The cost of one batch for the estimator that trains on it.
///
/// Single draws are decoded in one pass, whatever the batch. The point that is trained on, the first draw or the
/// soft points of a relaxed estimator, is decoded once for the estimator and the decoder's own gradient.
final class BatchOracle<Scalar: NetworkScalar>: CostOracle {
  let shape: LayerShape
  private let model: AutoencoderModel<Scalar>
  /// `x`, `[rows][numbers]`.
  private let data: [Scalar]
  /// Of points that are not trained on.
  private let others: ProgramOracle<Scalar>
  /// Whether the trained point is soft.
  private let relaxed: Bool
  /// Whether the first block of single draws is the trained point: the estimator may ask for other points alone.
  private let awaits: Bool
  private let kept = Mutex<TrainedPoint<Scalar>?>(nil)

  init(
    shape: LayerShape, model: AutoencoderModel<Scalar>, data: [Scalar], plan: EvaluationPlan
  ) {
    self.shape = shape
    self.model = model
    self.data = data
    relaxed = plan.relaxed
    others = ProgramOracle(shape: shape, model: model, data: data, chunk: max(512, shape.rows))
    awaits = plan.relaxed || plan.values || plan.gradients
  }

  var capabilities: OracleCapabilities { others.capabilities }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func costs(at codes: CodeBlock, gradients: Bool) throws -> CostBlock {
    if !relaxed, codes.draws == 1, let point = try first({ .codes(codes.indices) }) {
      return point.block(gradients: gradients)
    }
    return try others.costs(at: codes, gradients: gradients)
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func costs(at points: SoftBlock, gradients: Bool) throws -> CostBlock {
    if relaxed, points.draws == 1,
      let point = try first({ .soft(points.points.map { Scalar($0) }) })
    {
      return point.block(gradients: gradients)
    }
    return try others.costs(at: points, gradients: gradients)
  }

  /// The point that is trained on: the one that was kept, or `points` where the estimator had no use for it.
  func trained(at points: @autoclosure () -> DecodedPoints<Scalar>) throws -> TrainedPoint<Scalar> {
    try kept.withLock { $0 } ?? decoded(points())
  }

  private func first(_ points: () -> DecodedPoints<Scalar>) throws -> TrainedPoint<Scalar>? {
    guard awaits, kept.withLock({ $0 == nil }) else { return nil }
    let found = try decoded(points())
    kept.withLock { $0 = found }
    return found
  }

  private func decoded(_ points: DecodedPoints<Scalar>) throws -> TrainedPoint<Scalar> {
    let bottleneck = model.bottleneck
    let costs = model.costs(try model.decode(points), data: data)
    let mean = 1 / Scalar(shape.rows)
    let own =
      bottleneck.parameters.isEmpty
      ? []
      : bottleneck.parameterGradient(
        costs.back.input, points.blocks(categories: shape.categories)
      ).map { mean * $0 }
    return TrainedPoint(
      values: costs.values, derivatives: bottleneck.pointGradient(costs.back.input),
      decoder: costs.back.parameters, bottleneck: own)
  }
}

/// Costs of a batch at the point that is trained on, and their gradients.
struct TrainedPoint<Scalar: NetworkScalar>: Sendable, Equatable {
  /// `[rows]`.
  let values: [Double]
  /// `df/dz` of each cost, `[rows][D][K]`.
  let derivatives: [Scalar]
  /// Of the mean cost at the decoder's weights and the bottleneck's numbers.
  let decoder: [[Scalar]]
  let bottleneck: [Scalar]

  func block(gradients: Bool) -> CostBlock {
    CostBlock(values: values, gradients: gradients ? derivatives.map { Double($0) } : [])
  }
}
