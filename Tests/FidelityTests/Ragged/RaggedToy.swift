import Discrete
import Fidelity
import Foundation
import Models
import Tensors
import TestSupport

/// Latents of 3, 2 and 4 categories (or others) under `f(y) = y' A y + b . y + sum_r (W y)_r^3`, written here on
/// the categories that there are, one after the other; and the same as a problem, whose arrays have padding.
struct RaggedToy {
  let levels: [Int]
  let logits: [Double]
  private let matrix: [Double]
  private let factors: [Double]

  init(_ levels: [Int] = [3, 2, 4], seed: UInt64 = 3) {
    _ = oneThread
    self.levels = levels
    let width = levels.reduce(0, +)
    let stream = RandomStream(key: RandomKey(seed: seed), row: 0, site: 0)
    logits = stream.normals(from: 0, count: width).map { Double($0) }
    matrix = stream.normals(from: 1000, count: width * width).map { 0.4 * Double($0) }
    factors = stream.normals(from: 5000, count: 2 * width).map { 0.5 * Double($0) }
  }

  var width: Int { levels.reduce(0, +) }
  /// First place of each latent.
  var starts: [Int] { levels.indices.map { levels[..<$0].reduce(0, +) } }

  /// All codes, the first latent slowest.
  var jointCodes: [[Int]] {
    levels.reduce([[]]) { jointCodes, level in
      jointCodes.flatMap { jointCode in (0..<level).map { jointCode + [$0] } }
    }
  }

  func oneHot(_ codes: [Int]) -> [Double] {
    var y = [Double](repeating: 0, count: width)
    for (start, code) in zip(starts, codes) { y[start + code] = 1 }
    return y
  }

  func value(_ y: [Double]) -> Double {
    var sum = 0.0
    for i in 0..<width { for j in 0..<width { sum += y[i] * matrix[i * width + j] * y[j] } }
    for r in 0..<2 {
      let u = (0..<width).reduce(0.0) { $0 + factors[r * width + $1] * y[$1] }
      sum += u * u * u
    }
    return sum
  }

  func gradient(_ y: [Double]) -> [Double] {
    (0..<width).map { i in
      var h = 0.0
      for j in 0..<width { h += (matrix[i * width + j] + matrix[j * width + i]) * y[j] }
      for r in 0..<2 {
        let u = (0..<width).reduce(0.0) { $0 + factors[r * width + $1] * y[$1] }
        h += 3 * u * u * factors[r * width + i]
      }
      return h
    }
  }

  /// `softmax(phi / T)` of every latent.
  func distribution(_ temperature: Double = 1) -> [Double] {
    softmaxes(logits.map { $0 / temperature })
  }

  func softmaxes(_ v: [Double]) -> [Double] {
    zip(starts, levels).flatMap { start, level -> [Double] in
      let own = v[start..<start + level]
      let top = own.max() ?? 0
      let sum = own.reduce(0) { $0 + exp($1 - top) }
      return own.map { exp($0 - top) / sum }
    }
  }

  func probability(_ codes: [Int], _ distribution: [Double]) -> Double {
    zip(starts, codes).reduce(1) { $0 * distribution[$1.0 + $1.1] }
  }

  /// `J(s) v` latent by latent.
  func jacobian(_ s: [Double], _ v: [Double]) -> [Double] {
    zip(starts, levels).flatMap { start, level -> [Double] in
      let mean = (start..<start + level).reduce(0.0) { $0 + s[$1] * v[$1] }
      return (start..<start + level).map { s[$0] * (v[$0] - mean) }
    }
  }

  var shape: LayerShape { LayerShape(rows: 1, categories: levels) }

  private func cost() throws -> CubicCost {
    let shape = shape
    var padded = [Double](repeating: 0, count: shape.width * shape.width)
    for (i, row) in shape.places.enumerated() {
      for (j, column) in shape.places.enumerated() {
        padded[row * shape.width + column] = matrix[i * width + j]
      }
    }
    return try CubicCost(
      latents: levels.count, categories: shape.categories, matrix: padded,
      factors: shape.padded(factors, filling: 0))
  }

  func problem() throws -> any DiscreteProblem {
    try CostProblem(logits: Logits(shape: shape, values: logits), cost: cost())
  }

  /// All latents with as many categories as the one of most; those that are too many have a logit so low that
  /// their probability is rounding.
  func uniform() throws -> any DiscreteProblem {
    try CostProblem(
      logits: Logits(
        shape: shape.coveringUniform, values: shape.padded(logits, filling: -60)), cost: cost())
  }
}
