import Discrete
import Networks

extension Autoencoder: QuantisedProblem {
  /// Where the bottleneck replaces features by the nearest vectors, which measuring holds fixed.
  public var quantiser: (any QuantisedProblem)? {
    model.bottleneck.quantises && model.bottleneck.isHeld ? self : nil
  }

  public var activationPullback: any ParameterPullback { featurePullback }

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
      let decoded = model.decode(embedded: points)
      let delta = model.likelihood.residual(
        decoded.output, data: batch, rows: Array(0..<settings.rows),
        columns: model.decoder.outputShape.count)
      let gradient = model.decoder.inputGradient(delta, decoded, model.decoderWeights)
      guard Scalar.allFinite(gradient) else {
        throw DiscreteError.notFinite("a gradient at the decoder's input is not finite")
      }
      return gradient.map { Double($0) }
    }
    return BypassGradients(
      quantised: try gradient(quantised), bypassed: try gradient(features))
  }
}
