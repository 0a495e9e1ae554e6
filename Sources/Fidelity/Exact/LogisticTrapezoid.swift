import Discrete
import Foundation

/// The trapezoidal rule over at most two logistic variables, for smooth costs.
///
/// Differences `delta_j = h_j - h_K` of Gumbel-perturbed logits have the density
/// `(K-1)! prod_j e^{a_j - delta_j} / (1 + sum_j e^{a_j - delta_j})^K`, `a_j` the difference of
/// locations. The step is halved until mean and second moments stand to `tolerance`; the last
/// change is the stated error, an upper bound: the error of a smooth integrand is its square.
struct LogisticTrapezoid {
  let integrand: NoiseIntegrand
  /// Relative size of what rounding leaves of an estimate's digits: changes below are none.
  let rounding: Double
  /// The step is not halved beyond as many nodes.
  let limit: Int

  private static let tolerance = 1e-13
  private static let reach = 38.0
  /// The limit of a row by itself.
  static let mostNodes = 30_000_000

  func moments() throws -> ExactMoments {
    let dimensions = integrand.latents * (integrand.categories - 1)
    var step = 0.5
    var previous = try rule(step: step, dimensions: dimensions)
    var lastChange = 0.0
    while true {
      step /= 2
      let next = try rule(step: step, dimensions: dimensions)
      let absolute =
        zip(next.mean + next.covariance, previous.mean + previous.covariance)
        .map { abs($0 - $1) }.max() ?? 0
      let scale = (next.mean + next.covariance).map(abs).max() ?? 0
      let change = scale > 0 ? absolute / scale : 0
      // Halving squares the error of a smooth integrand; where two halvings show it, the next
      // change is foreseen.
      let foreseen = change <= lastChange * lastChange.squareRoot() ? change * change : change
      lastChange = change
      let nodes = pow(4 * LogisticTrapezoid.reach / step, Double(dimensions))
      if foreseen <= max(LogisticTrapezoid.tolerance, rounding) || nodes > Double(limit) {
        return ExactMoments(next, coarse: previous)
      }
      previous = next
    }
  }

  /// Moments with one step.
  private func rule(step: Double, dimensions: Int) throws -> RowMoments {
    let width = integrand.width
    let half = Int(LogisticTrapezoid.reach / step)
    let side = 2 * half + 1
    var total = 0.0
    var mean = [Double](repeating: 0, count: width)
    var second = [Double](repeating: 0, count: width * width)
    var points: [Double] = []
    var weights: [Double] = []
    func flush() throws {
      guard !weights.isEmpty else { return }
      let estimates = try integrand.estimates(points, weights.count)
      for (node, weight) in weights.enumerated() {
        for i in 0..<width {
          let value = weight * estimates[node * width + i]
          mean[i] += value
          for j in i..<width { second[i * width + j] += value * estimates[node * width + j] }
        }
        total += weight
      }
      points.removeAll(keepingCapacity: true)
      weights.removeAll(keepingCapacity: true)
    }
    var offsets = [Double](repeating: 0, count: dimensions)
    for node in 0..<Int(pow(Double(side), Double(dimensions))) {
      var rest = node
      for dimension in 0..<dimensions {
        offsets[dimension] = Double(rest % side - half) * step
        rest /= side
      }
      let density = self.density(offsets)
      if density < 1e-17 { continue }
      weights.append(density * pow(step, Double(dimensions)))
      appendPoint(offsets, to: &points)
      if weights.count == NoiseIntegrand.batch { try flush() }
    }
    try flush()
    for i in 0..<width { mean[i] /= total }
    for i in 0..<width {
      for j in i..<width {
        let covariance = second[i * width + j] / total - mean[i] * mean[j]
        second[i * width + j] = covariance
        second[j * width + i] = covariance
      }
    }
    return RowMoments(mean: mean, covariance: second)
  }

  /// Density at offsets from the location differences.
  private func density(_ offsets: [Double]) -> Double {
    let free = integrand.categories - 1
    var density = 1.0
    for latent in 0..<integrand.latents {
      var sum = 1.0
      var product = 1.0
      for j in 0..<free {
        let term = exp(-offsets[latent * free + j])
        sum += term
        product *= Double(j + 1) * term
      }
      density *= product / pow(sum, Double(integrand.categories))
    }
    return density
  }

  private func appendPoint(_ offsets: [Double], to points: inout [Double]) {
    let free = integrand.categories - 1
    for latent in 0..<integrand.latents {
      let last = integrand.locations[latent * integrand.categories + free]
      for j in 0..<free {
        points.append(
          integrand.locations[latent * integrand.categories + j] - last + offsets[latent * free + j]
        )
      }
      points.append(0)
    }
  }
}
