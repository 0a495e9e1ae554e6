import Discrete
import Networks
import Tensors

/// The Jacobian of `weights -> logits` of an encoder program and a bottleneck on a fixed batch.
///
/// Groups are those of the encoder, and `codebook` where the bottleneck has numbers of its own.
struct ProgramPullback<Scalar: NetworkScalar>: ParameterPullback {
  private let shape: LayerShape
  private let model: Autoencoder<Scalar>.Model
  private let pass: ProgramPass<Scalar>

  init(shape: LayerShape, model: Autoencoder<Scalar>.Model, pass: ProgramPass<Scalar>) {
    self.shape = shape
    self.model = model
    self.pass = pass
  }

  var groups: [ParameterGroup] {
    model.encoderWeights.groups.map { group in
      ParameterGroup(
        name: group.name,
        tensors: model.encoderWeights.tensors[group.tensors].map {
          ParameterShape(name: $0.name, shape: $0.shape)
        })
    }
      + (model.bottleneck.parameters.isEmpty
        ? []
        : [
          ParameterGroup(
            name: "codebook",
            tensors: [
              ParameterShape(name: "codebook.codes", shape: model.bottleneck.parameterShape)
            ])
        ])
  }

  func pullBack(_ logitGradient: [Double]) -> [[Double]] {
    precondition(logitGradient.count == shape.count)
    let lower = model.bottleneck.pullBack(logitGradient, pass.output)
    let gradients = model.encoder.parameterGradients(
      lower.features.map { Scalar($0) }, pass, model.encoderWeights)
    return model.encoderWeights.groups.map { group in
      gradients[group.tensors].flatMap { $0.map { Double($0) } }
    } + (lower.parameters.isEmpty ? [] : [lower.parameters])
  }

  /// `M G M^T` with the encoder's `G` at the features and `M = dphi_b/d(features)`; of the bottleneck's own
  /// numbers the product of their Jacobian with itself.
  func rowGrams(_ row: Int) -> [RowGram] {
    let width = shape.width
    let count = model.bottleneck.features
    let features = Array(pass.output[row * count..<(row + 1) * count])
    var jacobian: [Double] = []
    var own: [Double] = []
    for index in 0..<width {
      var unit = [Double](repeating: 0, count: width)
      unit[index] = 1
      let lower = model.bottleneck.pullBack(unit, features)
      jacobian += lower.features
      own += lower.parameters
    }
    let grams = model.encoder.rowGrams(row: row, pass, model.encoderWeights).map { gram in
      let left = matrixProduct(jacobian, gram, m: width, n: count, k: count)
      return RowGram(
        matrixProduct(left, jacobian, m: width, n: width, k: count, transposeB: true),
        precision: Scalar.precision)
    }
    guard !own.isEmpty else { return grams }
    return grams + [
      RowGram(
        rowGram(own, rows: width, columns: own.count / width), precision: Scalar.precision)
    ]
  }

  /// Of the encoder by its operations, of the bottleneck's own numbers by one pull-back a vector.
  func squares(ofRow row: Int, of rows: Int) -> @Sendable (RowVectors) -> [[Double]] {
    let count = model.bottleneck.features
    let features = Array(pass.output[row * count..<(row + 1) * count])
    return { vectors in
      vectors.sums.indices.map { sum in
        let columns = vectors.columns(of: sum)
        var own = [Double](repeating: 0, count: model.bottleneck.parameters.count)
        var deltas: [Scalar] = []
        for vector in columns {
          let lower = model.bottleneck.pullBack(vector, features)
          deltas += lower.features.map { Scalar($0) }
          for (index, value) in lower.parameters.enumerated() { own[index] += value * value }
        }
        return model.encoder.parameterSquares(
          deltas, row: row, count: columns.count, pass, model.encoderWeights
        ).flatMap { $0 } + own
      }
    }
  }
}
