import Discrete

extension SurrogateGradient: FusedEstimator {
  /// Nil with fresh noise, with the identity Jacobian, and for soft forwards without noise or whose
  /// surrogate is at another temperature.
  public func fusedRule(_ row: RowLogits) -> FusedRule? {
    let soft = switches.forward == .soft
    guard switches.jacobian == .softmax else { return nil }
    if switches.noise == .none, !soft {
      return .mixture(
        CodeMixture(
          points: row.probabilities(temperature: switches.tauBackward),
          scale: 1 / switches.tauBackward))
    }
    guard switches.noise == .shared, switches.forward != .argmax,
      !soft || switches.tauForward == switches.tauBackward
    else { return nil }
    let scaled = switches.placement == .scaledLogits
    let shift = scaled ? 1 / switches.tauBackward - 1 / switches.tauForward : 0
    return .surrogate(
      NoisySurrogate(
        exponent: scaled ? 1 : 1 / switches.tauBackward, offsets: row.values.map { shift * $0 },
        scale: 1 / switches.tauBackward, soft: soft))
  }
}
