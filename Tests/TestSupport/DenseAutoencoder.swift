import Models
import Networks

/// The programs of a dense autoencoder as chains of layers, taken from its named tensors.
extension Autoencoder {
  package var encoder: ReLUNetwork<Scalar> { network("encoder") }
  package var decoder: ReLUNetwork<Scalar> { network("decoder") }
  /// `[K][d]`.
  package var codes: [Scalar] { weights["codebook.codes"] ?? [] }

  private func network(_ part: String) -> ReLUNetwork<Scalar> {
    ReLUNetwork(
      layers: (1...3).compactMap { layer in
        let name = "\(part).\(layer).weight"
        guard let shape = weights.tensors.first(where: { $0.name == name })?.shape else {
          return nil
        }
        return DenseLayer(
          inputs: shape[0], outputs: shape[1], weights: weights[name] ?? [],
          biases: weights["\(part).\(layer).bias"] ?? [])
      })
  }

  /// The same network with other layers or codes.
  package func with(
    encoder: ReLUNetwork<Scalar>? = nil, decoder: ReLUNetwork<Scalar>? = nil, codes: [Scalar]? = nil
  ) throws -> Autoencoder {
    var numbers: [String: [Scalar]] = [:]
    for (part, network) in [("encoder", encoder), ("decoder", decoder)] {
      for (index, layer) in (network?.layers ?? []).enumerated() {
        numbers["\(part).\(index + 1).weight"] = layer.weights
        numbers["\(part).\(index + 1).bias"] = layer.biases
      }
    }
    numbers["codebook.codes"] = codes
    var store = weights
    for (index, tensor) in store.tensors.enumerated() {
      if let own = numbers[tensor.name] { store[index] = own }
    }
    return try with(weights: store)
  }
}
