import Discrete
import Foundation
import Models
import Tensors
import Testing

/// A fixed list of numbers in `[-1, 1]` for coefficients and points.
func fixedNumbers(_ count: Int, seed: UInt64) -> [Double] {
  RandomStream(key: RandomKey(seed: seed), row: 0, site: 0).uniforms(from: 0, count: count)
    .map { 2 * Double($0) - 1 }
}

/// A point inside the simplices of one row, away from corners and ties.
func innerPoint(_ shape: LayerShape, seed: UInt64) -> [Double] {
  var point = fixedNumbers(shape.width, seed: seed)
  VectorMath.softmax(&point, categories: shape.categories)
  return point
}

/// Largest difference between two lists, over the largest entry of the second (at least 1).
func relativeDifference(_ a: [Double], _ b: [Double]) -> Double {
  guard a.count == b.count else { return .infinity }
  let size = b.reduce(1.0) { max($0, abs($1)) }
  return zip(a, b).reduce(0.0) { max($0, abs($1.0 - $1.1)) } / size
}

/// Central fourth-order differences of `function` at `point`.
func differences(
  at point: [Double], step: Double = 1e-3, of function: ([Double]) throws -> Double
) rethrows -> [Double] {
  try point.indices.map { index in
    func value(_ offset: Double) throws -> Double {
      var moved = point
      moved[index] += offset * step
      return try function(moved)
    }
    return try (8 * (value(1) - value(-1)) - (value(2) - value(-2))) / (12 * step)
  }
}

/// `E f` and `dE f/dphi` of one row, summed over all joint codes.
func enumerated(_ problem: any DiscreteProblem, row: Int = 0, temperature: Double = 1) throws -> (
  value: Double, gradient: [Double]
) {
  let shape = problem.shape
  let count = try #require(shape.jointCodes(limit: 1 << 20))
  let jointCodes = JointCodes(latents: shape.latents, categories: shape.categories)
  let p = problem.logits.row(row).probabilities(temperature: temperature)
  let weights = jointCodes.weights(p)
  let codes = jointCodes.codes(0..<count)
  let costs = try problem.oracle.costs(ofJointCodes: 0..<count, gradients: false).values
  var value = 0.0
  var gradient = [Double](repeating: 0, count: shape.width)
  for jointCode in 0..<count {
    let part = weights[jointCode] * costs[row * count + jointCode]
    value += part
    for latent in 0..<shape.latents {
      let start = latent * shape.categories
      for category in 0..<shape.categories {
        let hit = codes[jointCode * shape.latents + latent] == Int32(category) ? 1.0 : 0
        gradient[start + category] += part * (hit - p[start + category]) / temperature
      }
    }
  }
  return (value, gradient)
}

/// Checks an oracle of any number of rows: `df/dz` against differences inside the simplex and at
/// hard points, hard points against the corners of the soft form, and the joint code table against
/// direct evaluation.
func checkOracle(
  _ oracle: any CostOracle, tolerance: Double, differenceStep: Double = 1e-3,
  gradientTolerance: Double = 1e-8
) throws {
  let shape = oracle.shape
  let draws = 3
  var points: [Double] = []
  for index in 0..<UInt64(shape.rows * draws) { points += innerPoint(shape, seed: 100 + index) }
  let soft = SoftBlock(shape: shape, draws: draws, points: points)
  let block = try oracle.costs(at: soft, gradients: true)
  #expect(try oracle.costs(at: soft, gradients: false).values == block.values)
  let numeric = try differences(at: points, step: differenceStep) {
    try oracle.costs(at: SoftBlock(shape: shape, draws: draws, points: $0), gradients: false)
      .values.reduce(0, +)
  }
  #expect(relativeDifference(block.gradients, numeric) < gradientTolerance)

  let count = min(64, try #require(shape.jointCodes(limit: 1 << 40)))
  let codes = JointCodes(latents: shape.latents, categories: shape.categories).codes(0..<count)
  let indices = (0..<shape.rows).flatMap { _ in codes }
  var corners = [Double](repeating: 0, count: shape.count * count)
  for (position, code) in indices.enumerated() {
    corners[position * shape.categories + Int(code)] = 1
  }
  let hard = try oracle.costs(
    at: CodeBlock(shape: shape, draws: count, indices: indices), gradients: true)
  let corner = try oracle.costs(
    at: SoftBlock(shape: shape, draws: count, points: corners), gradients: true)
  let table = try oracle.costs(ofJointCodes: 0..<count, gradients: true)
  #expect(relativeDifference(hard.values, corner.values) < tolerance)
  #expect(relativeDifference(hard.gradients, corner.gradients) < tolerance)
  #expect(relativeDifference(table.values, hard.values) < tolerance)
  #expect(relativeDifference(table.gradients, hard.gradients) < tolerance)
}

/// A problem of the registry with the given parameters.
func problem(
  _ kind: String, _ parameters: [String: ParameterValue] = [:], directory: String = "",
  data: [String] = []
) throws -> any DiscreteProblem {
  let descriptor = try #require(ProblemRegistry.named(kind))
  return try descriptor.make(
    ResolvedParameters(parameters, specs: descriptor.parameters),
    ProblemEnvironment(
      baseDirectory: directory, dataDirectories: data, checkpointDirectory: directory))
}

/// Runs `body` with a new folder that is removed afterwards.
func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
    "gradfid-models-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder.path)
}

/// The message of the error that `body` throws; empty if it throws none.
func message(_ body: () throws -> Void) -> String {
  do {
    try body()
    return ""
  } catch {
    return "\(error)"
  }
}
