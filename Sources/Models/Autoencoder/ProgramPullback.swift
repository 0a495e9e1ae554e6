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
        count: model.encoderWeights.tensors[group.tensors].reduce(0) { $0 + $1.count })
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
}
