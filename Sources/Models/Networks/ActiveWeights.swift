import Networks
import Tensors

/// The weights between the units of one row that its ReLUs let through: all draws of a row share them,
/// and the other units pass nothing on.
struct ActiveWeights<Scalar: NetworkScalar>: Sendable {
  /// Active units of the second layer, and `W3^T` on them, `[active][DK]`.
  let upper: (units: [Int], weights: [Scalar])
  /// Active units of the first layer, and `W2^T` on the active units of both, `[active][active]`.
  let lower: (units: [Int], weights: [Scalar])

  init(_ pullback: EncoderPullback<Scalar>, row: Int) {
    let layers = pullback.encoder.layers
    let width = layers[2].outputs
    func active(_ index: Int) -> [Int] {
      let count = layers[index].inputs
      let input = pullback.pass.inputs[index]
      return (0..<count).filter { input[row * count + $0] > 0 }
    }
    let (first, second) = (active(1), active(2))
    var weights: [Scalar] = []
    weights.reserveCapacity(second.count * width)
    for unit in second { weights += layers[2].weights[unit * width..<(unit + 1) * width] }
    upper = (second, weights)
    let columns = layers[1].outputs
    lower = (
      first,
      [Scalar](unsafeUninitializedCapacity: first.count * second.count) { buffer, initialized in
        layers[1].weights.withUnsafeBufferPointer { weights in
          for (line, unit) in first.enumerated() {
            for (column, other) in second.enumerated() {
              buffer[line * second.count + column] = weights[unit * columns + other]
            }
          }
        }
        initialized = first.count * second.count
      }
    )
  }

  /// The Jacobian of the logits with respect to the first layer's output, transposed:
  /// `[active][DK]`; `upper.weights` is that of the second layer's.
  var lowerJacobian: [Scalar] {
    matrixProduct(
      lower.weights, upper.weights, m: lower.units.count,
      n: upper.units.isEmpty ? 0 : upper.weights.count / upper.units.count, k: upper.units.count)
  }
}
