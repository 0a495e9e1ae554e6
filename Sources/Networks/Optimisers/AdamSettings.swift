/// Hyper-parameters that Adam and its kin share.
public struct AdamSettings: Sendable, Equatable {
  public var beta1: Double
  public var beta2: Double
  public var epsilon: Double
  public var weightDecay: Double

  public init(
    beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, weightDecay: Double = 0
  ) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  init(_ settings: ResolvedSettings) {
    self.init(
      beta1: settings.number("beta1"), beta2: settings.number("beta2"),
      epsilon: settings.number("epsilon"), weightDecay: settings.number("weight-decay"))
  }

  static func specs(weightDecay: Double) -> [SettingSpec] {
    [
      SettingSpec("beta1", .share, default: .number(0.9), "Decay of the running mean"),
      SettingSpec(
        "beta2", .share, default: .number(0.999), "Decay of the running mean of squares"),
      SettingSpec("epsilon", .positive, default: .number(1e-8), "Added to the root"),
      SettingSpec("weight-decay", .notNegative, default: .number(weightDecay), "Weight decay"),
    ]
  }
}

/// One step of Adam on one tensor: `m` and `v` move, then `w -= size m / (sqrt(v) root + epsilon)`
/// where `adaptive`, `w -= size m` elsewhere.
struct AdamStep {
  let settings: AdamSettings
  let size: Double
  let root: Double
  let adaptive: Bool
  /// Added to the gradient, times the weight.
  let coupledDecay: Double

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func take<Scalar: NetworkScalar>(
    _ weights: inout [Scalar], _ gradient: [Scalar], _ moments: inout Moments<Scalar>
  ) {
    let size = Scalar(size)
    let root = Scalar(root)
    let epsilon = Scalar(settings.epsilon)
    let keep1 = Scalar(settings.beta1)
    let keep2 = Scalar(settings.beta2)
    let add1 = Scalar(1 - settings.beta1)
    let add2 = Scalar(1 - settings.beta2)
    let decay = Scalar(coupledDecay)
    let adaptive = adaptive
    weights.withUnsafeMutableBufferPointer { weights in
      gradient.withUnsafeBufferPointer { gradient in
        moments.first.withUnsafeMutableBufferPointer { first in
          moments.second.withUnsafeMutableBufferPointer { second in
            for i in 0..<weights.count {
              let g = decay == 0 ? gradient[i] : gradient[i] + decay * weights[i]
              first[i] = keep1 * first[i] + add1 * g
              second[i] = keep2 * second[i] + add2 * g * g
              let change = size * first[i]
              weights[i] -=
                adaptive ? change / (second[i].squareRoot() * root + epsilon) : change
            }
          }
        }
      }
    }
  }
}
