import Foundation
import Tensors

/// A layer of tanh units with fixed pseudo-random input weights: the hidden layer of small networks
/// whose output weights alone are fitted, by least squares.
///
/// Weights are normal with variance `2.25 / active`, offsets standard normal, always the same for the
/// same sizes.
struct HiddenLayer: Sendable {
  let units: Int
  let inputs: Int
  private let weights: [Double]
  private let offsets: [Double]

  /// - Parameter active: how many inputs are of order 1 at a time.
  init(units: Int, inputs: Int, active: Int) {
    self.units = units
    self.inputs = inputs
    let key = RandomKey(seed: 0x6772_6164).derived("hidden-layer")
    let scale = 1.5 / Double(max(1, active)).squareRoot()
    weights = RandomStream(key: key, row: 0, site: 0).normals(from: 0, count: units * inputs)
      .map { scale * Double($0) }
    offsets = RandomStream(key: key, row: 0, site: 1).normals(from: 0, count: units)
      .map(Double.init)
  }

  /// The value of one unit at the inputs that start at `start`.
  func value(_ unit: Int, _ x: [Double], at start: Int = 0) -> Double {
    var sum = offsets[unit]
    for index in 0..<inputs { sum += weights[unit * inputs + index] * x[start + index] }
    return tanh(sum)
  }

  /// Adds `factor` times the gradient of one unit, whose value is known, to `out`.
  func addGradient(_ factor: Double, _ unit: Int, value: Double, to out: inout [Double]) {
    let derivative = factor * (1 - value * value)
    for index in 0..<inputs { out[index] += derivative * weights[unit * inputs + index] }
  }
}
