import Networks

extension AutoencoderModel {
  /// The decoder as a network of three dense layers on one-hot blocks, where it is one: a Bernoulli likelihood
  /// behind dense operations with ReLU between them. What the bottleneck makes of points is multiplied into the
  /// first.
  var denseDecoder: ReLUNetwork<Scalar>? {
    guard likelihood is BernoulliLikelihood,
      var network = Self.network(decoder, decoderWeights),
      let first = bottleneck.folded(network.layers[0])
    else { return nil }
    network.layers[0] = first
    return network
  }

  /// The encoder as such a network with its pass, where it is one.
  func denseEncoder(_ pass: ProgramPass<Scalar>) -> (ReLUNetwork<Scalar>, ReLUNetwork<Scalar>.Pass)?
  {
    guard let network = Self.network(encoder, encoderWeights),
      let inputs = encoder.denseInputs(pass)
    else { return nil }
    return (network, ReLUNetwork.Pass(rows: pass.rows, inputs: inputs, output: pass.output))
  }

  private static func network(
    _ program: Program, _ weights: ParameterStore<Scalar>
  ) -> ReLUNetwork<Scalar>? {
    guard let layers = program.denseLayers(weights), layers.count == 3 else { return nil }
    return ReLUNetwork(
      layers: layers.map {
        DenseLayer(
          inputs: $0.inputs, outputs: $0.outputs, weights: $0.weights, biases: $0.biases)
      })
  }
}
