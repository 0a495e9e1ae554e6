import Discrete

// Which temperatures the estimators with a temperature among their parameters really use; the others
// have the defaults of the protocol.

extension SurrogateGradient {
  public var forwardTemperature: Double? {
    switch switches.forward {
    case .sample: switches.lawTemperature
    case .argmax: nil
    case .soft: switches.tauForward
    }
  }

  public var backwardTemperature: Double? {
    switches.jacobian == .softmax ? switches.tauBackward : nil
  }
}

extension GumbelEntmax {
  var forwardTemperature: Double? { tau }
  var backwardTemperature: Double? { tau }
}

extension GaussianSoftmax {
  var forwardTemperature: Double? { tau }
  var backwardTemperature: Double? { tau }
}

extension HardConcrete {
  var forwardTemperature: Double? { beta }
  var backwardTemperature: Double? { beta }
}

extension GumbelRao { var backwardTemperature: Double? { tau } }
extension ReinMaxRao { var backwardTemperature: Double? { tau } }
extension ReinMax { public var backwardTemperature: Double? { tau } }
extension RungeKuttaAlpha { var backwardTemperature: Double? { tau } }
extension GappedStraightThrough { var backwardTemperature: Double? { tau } }
extension Rebar { public var backwardTemperature: Double? { tau } }
extension Relax { var backwardTemperature: Double? { tau } }
