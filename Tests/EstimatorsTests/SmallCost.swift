import Discrete
import Foundation
import Tensors

/// A cost on a few small latents, with its gradient, as functions of a soft point `[D][K]`.
struct SmallCost: Sendable {
  let latents: Int
  let categories: Int
  let value: @Sendable ([Double]) -> Double
  let gradient: @Sendable ([Double]) -> [Double]

  var width: Int { latents * categories }

  var jointCodeCount: Int {
    LayerShape(rows: 1, latents: latents, categories: categories).jointCodes(limit: 100_000) ?? 0
  }

  /// Category indices of all joint codes, `[jointCodes][D]`.
  var codes: [Int32] {
    JointCodes(latents: latents, categories: categories).codes(0..<jointCodeCount)
  }

  func oneHot(_ codes: some Collection<Int32>) -> [Double] {
    var point = [Double](repeating: 0, count: width)
    for (latent, code) in codes.enumerated() { point[latent * categories + Int(code)] = 1 }
    return point
  }

  /// Values and gradients at all joint codes.
  func table() -> (values: [Double], gradients: [Double]) {
    let codes = self.codes
    var values: [Double] = []
    var gradients: [Double] = []
    for jointCode in 0..<jointCodeCount {
      let point = oneHot(codes[jointCode * latents..<(jointCode + 1) * latents])
      values.append(value(point))
      gradients += gradient(point)
    }
    return (values, gradients)
  }

  /// Everything that exact moments are summed over.
  func jointCodes(
    _ row: RowLogits, distribution: ForwardDistribution = .sample(temperature: 1),
    step: Double = 0.2
  ) -> RowJointCodes {
    let table = table()
    return RowJointCodes(
      row: row, distribution: distribution, codes: codes, values: table.values,
      gradients: table.gradients,
      quadratureStep: step)
  }

  /// `E f` and `d/dphi E f = E f (z - p)` at temperature 1, summed over all joint codes.
  func target(_ row: RowLogits) -> (value: Double, gradient: [Double]) {
    let jointCodes = jointCodes(row)
    let scores = jointCodes.scores()
    var value = 0.0
    var gradient = [Double](repeating: 0, count: width)
    for jointCode in 0..<jointCodes.count {
      let part = jointCodes.weights[jointCode] * jointCodes.values[jointCode]
      value += part
      for index in 0..<width { gradient[index] += part * scores[jointCode * width + index] }
    }
    return (value, gradient)
  }

  /// The fixed smooth problem of the definitions: no random numbers, latents coupled.
  static func reference(latents: Int, categories: Int) -> (row: RowLogits, cost: SmallCost) {
    let places = (0..<latents).flatMap { d in (0..<categories).map { (Double(d), Double($0)) } }
    let phi = places.map { 1.2 * sin(1 + 2 * $0.0 + 0.7 * $0.1) }
    let a = places.map { cos(0.9 + 1.7 * $0.0 + 0.6 * $0.1) }
    let c = places.map { ($0.1 + 1) / Double(categories) }
    @Sendable func parts(_ z: [Double]) -> (s: Double, t: [Double]) {
      let s = z.indices.reduce(0.0) { $0 + a[$1] * z[$1] }
      let t = (0..<latents).map { d in
        (d * categories..<(d + 1) * categories).reduce(0.0) { $0 + c[$1] * z[$1] }
      }
      return (s, t)
    }
    let cost = SmallCost(
      latents: latents, categories: categories,
      value: { z in
        let (s, t) = parts(z)
        return s + 0.5 * s * s + 0.3 * sin(2 * s) + 0.4 * t.reduce(0.0) { $0 + $1 * $1 * $1 }
      },
      gradient: { z in
        let (s, t) = parts(z)
        return z.indices.map {
          let level = t[$0 / categories]
          return a[$0] * (1 + s + 0.6 * cos(2 * s)) + 1.2 * level * level * c[$0]
        }
      })
    return (RowLogits(latents: latents, categories: categories, values: phi), cost)
  }

  /// `z' A z + b . z` with arbitrary fixed `A`, `b`; linear without `A`.
  static func quadratic(latents: Int, categories: Int, curved: Bool, seed: UInt64) -> SmallCost {
    let width = latents * categories
    let a =
      curved
      ? fixedNumbers(width * width, seed: seed)
      : [Double](repeating: 0, count: width * width)
    let b = fixedNumbers(width, seed: seed + 1)
    return SmallCost(
      latents: latents, categories: categories,
      value: { z in
        var sum = 0.0
        for i in 0..<width {
          sum += b[i] * z[i]
          for j in 0..<width { sum += a[i * width + j] * z[i] * z[j] }
        }
        return sum
      },
      gradient: { z in
        var gradients = b
        for i in 0..<width {
          for j in 0..<width { gradients[i] += (a[i * width + j] + a[j * width + i]) * z[j] }
        }
        return gradients
      })
  }

  /// The same cost at one-hot points with `sum_i c_i z_i (1 - z_i)` added.
  func extended(by c: [Double]) -> SmallCost {
    let (value, gradient) = (value, gradient)
    return SmallCost(
      latents: latents, categories: categories,
      value: { z in z.indices.reduce(value(z)) { $0 + c[$1] * z[$1] * (1 - z[$1]) } },
      gradient: { z in
        let h = gradient(z)
        return z.indices.map { h[$0] + c[$0] * (1 - 2 * z[$0]) }
      })
  }
}

/// A fixed list of numbers in `[-1, 1]`.
func fixedNumbers(_ count: Int, seed: UInt64) -> [Double] {
  RandomStream(key: RandomKey(seed: seed), row: 0, site: 0).uniforms(from: 0, count: count)
    .map { 2 * Double($0) - 1 }
}

/// Largest absolute difference; infinite where lengths differ or a difference is NaN.
func largestDifference(_ a: [Double], _ b: [Double]) -> Double {
  guard a.count == b.count else { return .infinity }
  var largest = 0.0
  for (x, y) in zip(a, b) {
    let difference = abs(x - y)
    if difference.isNaN { return .infinity }
    largest = max(largest, difference)
  }
  return largest
}

/// Euclidean length.
func length(_ vector: [Double]) -> Double {
  vector.reduce(0.0) { $0 + $1 * $1 }.squareRoot()
}
