import Discrete
import Networks
import Tensors

extension Autoencoder: QuantisedProblem {
  /// Where the bottleneck replaces features by the nearest vectors, which measuring holds fixed.
  public var quantiser: (any QuantisedProblem)? {
    model.bottleneck.quantises && model.bottleneck.isHeld ? self : nil
  }

  public var activationPullback: any ParameterPullback { featurePullback }
  public var encoderPullback: (any ParameterPullback)? { featurePullback }

  public var assignmentPullback: (any ParameterPullback)? {
    AssignmentOfFeatures(shape: shape, bottleneck: model.bottleneck, features: features)
  }

  public var quantisedPoints: [QuantisedPoint] {
    guard let quantiser = model.bottleneck.quantiser else { return [] }
    let count = model.bottleneck.features
    return (0..<settings.rows).map { row in
      QuantisedPoint(
        quantiser: quantiser,
        points: features[row * count..<(row + 1) * count].map { Double($0) },
        decoder: RowDecoder(model: model, data: batch, row: row))
    }
  }

  /// The vectors nearest to the features of the measured batch; nil where nothing is quantised.
  package var quantised: [Scalar]? {
    model.bottleneck.quantisation(features, weight: 0, rows: settings.rows)?.embedded
  }

  /// - Throws: `DiscreteError.unsupported` where nothing is quantised, `.notFinite` where a gradient is not.
  public func bypassGradients() throws -> BypassGradients {
    guard let quantised else {
      throw DiscreteError.unsupported("this bottleneck quantises nothing")
    }
    func gradient(_ points: [Scalar]) throws -> [Double] {
      let gradient = model.inputCosts(points, data: batch, rows: Array(0..<settings.rows)).gradients
      guard Scalar.allFinite(gradient) else {
        throw DiscreteError.notFinite("a gradient at the decoder's input is not finite")
      }
      return gradient.map { Double($0) }
    }
    return BypassGradients(
      quantised: try gradient(quantised), bypassed: try gradient(features))
  }
}

/// The decoder with the likelihood of one row's data.
private struct RowDecoder<Scalar: NetworkScalar>: PointDecoder {
  let model: AutoencoderModel<Scalar>
  /// Of the batch.
  let data: [Scalar]
  let row: Int

  func costs(
    at points: [Double], count: Int
  ) throws -> (values: [Double], gradients: [Double]) {
    let costs = model.inputCosts(
      points.map { Scalar($0) }, data: data, rows: [Int](repeating: row, count: count))
    return (costs.values, costs.gradients.map { Double($0) })
  }
}

/// The Jacobian of `z_e -> phi` of a bottleneck, with the features as the one group.
private struct AssignmentOfFeatures<Scalar: NetworkScalar>: ParameterPullback {
  let shape: LayerShape
  let bottleneck: any Bottleneck<Scalar>
  /// `[rows][features]`.
  let features: [Scalar]

  var groups: [ParameterGroup] { [ParameterGroup(name: "z_e", count: features.count)] }

  func pullBack(_ logitGradient: [Double]) -> [[Double]] {
    [bottleneck.pullBack(logitGradient, features).features]
  }

  func rowGrams(_ row: Int) -> [RowGram] {
    let count = bottleneck.features
    let own = Array(features[row * count..<(row + 1) * count])
    let width = shape.width
    let jacobian = bottleneck.jacobian(own).lower
    return [
      RowGram(
        matrixProduct(jacobian, jacobian, m: width, n: width, k: count, transposeB: true),
        precision: .double)
    ]
  }
}
