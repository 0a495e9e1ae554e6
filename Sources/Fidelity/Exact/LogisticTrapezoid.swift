import Discrete
import Foundation

/// The trapezoidal rule over at most two logistic variables, for smooth costs.
///
/// Differences `delta_j = h_j - h_K` of Gumbel-perturbed logits have the density
/// `(K-1)! prod_j e^{a_j - delta_j} / (1 + sum_j e^{a_j - delta_j})^K`, `a_j` the difference of
/// locations. The step is halved until mean and second moments stand to `tolerance`. The stated error is
/// rounding and the larger of two changes: the last one, and that to nodes of the step before, moved by 0.381966
/// of that step. It is an upper bound, as the error of a smooth integrand is the square of that.
struct LogisticTrapezoid {
  let integrand: NoiseIntegrand
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
      if foreseen <= max(LogisticTrapezoid.tolerance, integrand.rounding) || nodes > Double(limit) {
        // Of nodes that the two rules have in common both are blind to the same.
        let other = try rule(step: 2 * step, dimensions: dimensions, shift: 0.381966)
        return stated(next, previous, other)
      }
      previous = next
    }
  }

  private func stated(_ own: RowMoments, _ coarser: RowMoments, _ other: RowMoments) -> ExactMoments
  {
    let width = integrand.width
    let rounding = integrand.statedRounding
    func change(_ a: [Double], _ b: [Double], _ c: [Double], _ place: Int) -> Double {
      max(abs(a[place] - b[place]), abs(a[place] - c[place]))
    }
    // Sizes of estimates: what is left of them may be small.
    let sizes = (0..<width).map {
      abs(own.mean[$0]) + max(0, own.covariance[$0 * (width + 1)]).squareRoot()
    }
    return ExactMoments(
      own,
      errors: own.mean.indices.map {
        change(own.mean, coarser.mean, other.mean, $0) + rounding * sizes[$0]
      },
      covarianceErrors: own.covariance.indices.map {
        change(own.covariance, coarser.covariance, other.covariance, $0)
          + rounding * sizes[$0 / width] * sizes[$0 % width]
      })
  }

  /// Moments with one step, on nodes moved by a share of it.
  private func rule(step: Double, dimensions: Int, shift: Double = 0) throws -> RowMoments {
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
        offsets[dimension] = (Double(rest % side - half) + shift) * step
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
