import Discrete
import Estimators
import Fidelity
import Foundation
import Models
import Tensors
import TestSupport
import Testing

/// Where a constant hides in a cost that moves no gradient by it.
enum Hiding: String, CaseIterable, Sendable {
  /// In the linear coefficients of one latent.
  case linearPart
  /// In all entries of the quadratic part.
  case quadraticPart
  /// In a single block of it, between two latents.
  case quadraticBlock
}

/// Polynomial costs of random coefficients with a constant of size `constant` in them.
func offsetPolynomial(
  _ constant: Double, _ hiding: Hiding = .linearPart, latents: Int = 2, categories: Int = 2,
  isCubic: Bool = false, rows: Int = 1
) throws -> CostProblem {
  _ = oneThread
  let width = latents * categories
  func numbers(_ label: String, _ count: Int, _ scale: Double) -> [Double] {
    RandomStream(key: RandomKey(seed: 12).derived(label), row: 0, site: 0)
      .normals(from: 0, count: count).map { scale * Double($0) }
  }
  var matrix = numbers("A", width * width, 0.5)
  var weights = numbers("b", width, 0.6)
  switch hiding {
  case .linearPart:
    for index in 0..<categories { weights[index] += constant }
  case .quadraticPart:
    for index in matrix.indices { matrix[index] += constant }
  case .quadraticBlock:
    for i in 0..<categories {
      for j in width - categories..<width { matrix[i * width + j] += constant }
    }
  }
  let shape = LayerShape(rows: rows, latents: latents, categories: categories)
  let logits = try Logits(shape: shape, values: numbers("logits", shape.count, 1))
  guard isCubic else {
    return try CostProblem(
      logits: logits,
      cost: QuadraticCost(
        latents: latents, categories: categories, matrix: matrix, weights: weights))
  }
  // A cubic cost has no linear part of its own: the diagonal of A is one at one-hot points, and a
  // constant in the block of one latent is a constant.
  if hiding == .linearPart {
    for i in 0..<categories {
      for j in 0..<categories { matrix[i * width + j] += constant }
    }
  }
  return try CostProblem(
    logits: logits,
    cost: CubicCost(
      latents: latents, categories: categories, matrix: matrix,
      factors: numbers("W", 3 * width, 0.4)))
}

/// What a cost of values near `constant` may be off by, over its spread, which is about 1: a few
/// roundings of its own values.
func allowance(_ constant: Double) -> Double { 1e-12 + 64 * constant * 0x1p-53 }
