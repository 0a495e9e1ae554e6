import Discrete
import Models
import Networks
import Tensors

/// Eight grey images of six pixels.
func smallImages() throws -> ImageData {
  try ImageData(
    name: "small", pixelCount: 6,
    bytes: fixedNumbers(48, seed: 11).map { UInt8(255 * ($0 + 1) / 2) })
}

/// A network of 6-7-5-(2 x 3) units, with biases that are not zero.
func smallVAE<Scalar: NetworkScalar>(
  _ type: Scalar.Type, rows: Int = 4, binarised: Bool = false
) throws -> CategoricalVAE<Scalar> {
  let settings = VAESettings(
    latents: 2, categories: 3, rows: rows, offset: 1, hidden1: 7, hidden2: 5, seed: 3,
    binarised: binarised)
  let plain = try CategoricalVAE<Scalar>(settings: settings, images: smallImages())
  func shifted(_ network: ReLUNetwork<Scalar>, seed: UInt64) -> ReLUNetwork<Scalar> {
    ReLUNetwork(
      layers: network.layers.enumerated().map { index, layer in
        var layer = layer
        layer.biases = fixedNumbers(layer.outputs, seed: seed + UInt64(index)).map {
          Scalar($0 / 4)
        }
        return layer
      })
  }
  return try plain.with(
    encoder: shifted(plain.encoder, seed: 20), decoder: shifted(plain.decoder, seed: 30))
}

/// Softmax straight-through: `(1/T) J(softmax(phi/T)) df/dz(z)`.
struct StraightThrough: GradientEstimator {
  var plan = EvaluationPlan(gradients: true)

  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    let p = plan.distribution.probabilities(row)
    for start in stride(from: 0, to: estimates.count, by: row.categories) {
      let range = start..<start + row.categories
      let mean = range.reduce(0.0) { $0 + p[$1 % p.count] * draws.gradients[$1] }
      for index in range { estimates[index] = p[index % p.count] * (draws.gradients[index] - mean) }
    }
  }
}

/// REINFORCE with the leave-one-out baseline of `samples` draws.
struct LeaveOneOut: GradientEstimator {
  var plan = EvaluationPlan(samples: 2, values: true)

  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    let p = row.probabilities()
    let n = Double(plan.samples)
    let width = p.count
    for index in estimates.indices {
      let estimate = index / width
      let total = draws.values.reduce(0.0) { $0 + $1[estimate] }
      estimates[index] = 0
      for sample in 0..<plan.samples {
        let code = draws.codes[sample][index / row.categories]
        let hit = Int(code) == index % row.categories ? 1.0 : 0
        let value = draws.values[sample][estimate]
        let centred = (value - total / n) * n / (n - 1)
        estimates[index] += centred * (hit - p[index % width]) / n
      }
    }
  }
}

/// Gumbel-softmax at temperature 1 with the noise of the draw: `J(s) df/dz(s)`.
struct GumbelSoftmax: SoftPointEstimator {
  var plan = EvaluationPlan(perturbed: true, relaxed: true)

  func softPoints(_ row: RowLogits, _ draws: RowDraws) -> [Double]? {
    var points = draws.perturbed
    VectorMath.softmax(&points, categories: row.categories)
    return points
  }

  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    let s = softPoints(row, draws) ?? []
    for start in stride(from: 0, to: s.count, by: row.categories) {
      let range = start..<start + row.categories
      let mean = range.reduce(0.0) { $0 + s[$1] * draws.softGradients[$1] }
      for index in range { estimates[index] = s[index] * (draws.softGradients[index] - mean) }
    }
  }
}
