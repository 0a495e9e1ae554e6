import Networks

extension Autoencoder.Model {
  /// The decoder as a network of three dense layers on one-hot blocks, where it is one: a Bernoulli likelihood
  /// behind dense operations with ReLU between them. A codebook is multiplied into the first.
  var denseDecoder: ReLUNetwork<Scalar>? {
    guard likelihood is BernoulliLikelihood,
      var network = Self.network(decoder, decoderWeights)
    else { return nil }
    switch bottleneck {
    case is CategoricalBottleneck<Scalar>: return network
    case let vectors as VQBottleneck<Scalar>:
      network.layers[0] = vectors.codebook.folded(network.layers[0])
      return network
    default: return nil
    }
  }

  /// The encoder as such a network, where its outputs are the logits.
  var denseEncoder: ReLUNetwork<Scalar>? {
    bottleneck is CategoricalBottleneck<Scalar> ? Self.network(encoder, encoderWeights) : nil
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
