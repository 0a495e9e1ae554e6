/// Stochastic gradient descent with momentum; weight decay is added to the gradient.
///
/// With `g' = g + decay w` and the momentum `a`: `u = a u + g'`, `w -= rate u`, or
/// `w -= rate (g' + a u)` with Nesterov's momentum. Without momentum nothing is remembered.
public struct StochasticDescent: OptimiserRule, Equatable {
  public let momentum: Double
  public let nesterov: Bool
  public let weightDecay: Double

  public init(momentum: Double = 0, nesterov: Bool = false, weightDecay: Double = 0) {
    self.momentum = momentum
    self.nesterov = nesterov
    self.weightDecay = weightDecay
  }

  public static let descriptor = OptimiserDescriptor(
    name: "sgd", summary: "Stochastic gradient descent, with or without momentum",
    formula: "u = momentum u + g + weight-decay w; w -= rate u",
    source: "Sutskever et al. 2013, as in PyTorch",
    settings: [
      SettingSpec("momentum", .share, default: .number(0), "Decay of the running sum"),
      SettingSpec("nesterov", .flag, default: .flag(false), "Nesterov's form of the momentum"),
      SettingSpec("weight-decay", .notNegative, default: .number(0), "Weight decay"),
    ]
  ) {
    StochasticDescent(
      momentum: $0.number("momentum"), nesterov: $0.flag("nesterov"),
      weightDecay: $0.number("weight-decay"))
  }

  public var memory: [String] { momentum == 0 ? [] : ["velocity"] }

  public func update<Scalar: NetworkScalar>(
    _ weights: inout [Scalar], _ gradient: [Scalar], _ moments: inout Moments<Scalar>, step: Int,
    rate: Double
  ) {
    if momentum == 0 {
      descend(&weights, gradient, rate: Scalar(rate), decay: Scalar(weightDecay))
    } else {
      roll(
        &weights, gradient, &moments.first, rate: Scalar(rate), decay: Scalar(weightDecay),
        momentum: Scalar(momentum), nesterov: nesterov)
    }
  }
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func descend<Scalar: NetworkScalar>(
  _ weights: inout [Scalar], _ gradient: [Scalar], rate: Scalar, decay: Scalar
) {
  weights.withUnsafeMutableBufferPointer { weights in
    gradient.withUnsafeBufferPointer { gradient in
      // Two loops, so that each has no branch inside.
      if decay == 0 {
        for i in 0..<weights.count { weights[i] -= rate * gradient[i] }
      } else {
        for i in 0..<weights.count {
          weights[i] -= rate * (gradient[i] + decay * weights[i])
        }
      }
    }
  }
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func roll<Scalar: NetworkScalar>(
  _ weights: inout [Scalar], _ gradient: [Scalar], _ velocity: inout [Scalar], rate: Scalar,
  decay: Scalar, momentum: Scalar, nesterov: Bool
) {
  weights.withUnsafeMutableBufferPointer { weights in
    gradient.withUnsafeBufferPointer { gradient in
      velocity.withUnsafeMutableBufferPointer { velocity in
        for i in 0..<weights.count {
          let g = decay == 0 ? gradient[i] : gradient[i] + decay * weights[i]
          velocity[i] = momentum * velocity[i] + g
          weights[i] -= rate * (nesterov ? g + momentum * velocity[i] : velocity[i])
        }
      }
    }
  }
}
