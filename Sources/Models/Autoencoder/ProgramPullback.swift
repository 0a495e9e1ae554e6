import Discrete
import Networks

/// The Jacobian of `weights -> features` of an encoder program on a fixed batch. Groups are those of the program.
struct ProgramPullback<Scalar: NetworkScalar>: ParameterPullback {
  let model: AutoencoderModel<Scalar>
  let pass: ProgramPass<Scalar>

  var groups: [ParameterGroup] {
    model.encoderWeights.groups.map { group in
      ParameterGroup(
        name: group.name,
        tensors: model.encoderWeights.tensors[group.tensors].map {
          ParameterShape(name: $0.name, shape: $0.shape)
        })
    }
  }

  func pullBack(_ gradient: [Double]) -> [[Double]] {
    precondition(gradient.count == pass.output.count)
    let gradients = model.encoder.parameterGradients(
      gradient.map { Scalar($0) }, pass, model.encoderWeights)
    return model.encoderWeights.groups.map { group in
      gradients[group.tensors].flatMap { $0.map { Double($0) } }
    }
  }

  func rowGrams(_ row: Int) -> [RowGram] {
    model.encoder.rowGrams(row: row, pass, model.encoderWeights).map {
      RowGram($0, precision: Scalar.precision)
    }
  }

  var squares: any PullbackSquares { self }
}

extension ProgramPullback: PullbackSquares {
  var form: SquareForm { DirectSquares(self).form }

  func row(_ row: Int, of rows: Int) -> @Sendable (RowVectors) -> [[Double]] {
    { vectors in
      vectors.sums.indices.map { sum in
        let columns = vectors.columns(of: sum)
        return model.encoder.parameterSquares(
          columns.flatMap { $0.map { Scalar($0) } }, row: row, count: columns.count, pass,
          model.encoderWeights
        ).flatMap { $0 }
      }
    }
  }

  func parameters(_ squares: [Double], power: Int) -> [[Double]] { byGroup(squares) }
}
