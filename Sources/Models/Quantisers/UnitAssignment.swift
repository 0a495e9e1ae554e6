import Discrete
import Foundation
import Tensors

/// The distribution of one unit's category at one point, smooth in the point.
package struct UnitAssignment: Sendable {
  /// `log p_k`, `[K]`; `impossible` where `p_k` is 0.
  package var logProbabilities: [Double]
  /// `d log p_k / dz`, `[K][d]`, in the space of the cells; 0 where `p_k` is 0.
  package var scores: [Double]

  /// The logit of a category that cannot be: its probability is 0 at every temperature below 1,000, and it is finite.
  package static let impossible = -1e6

  /// `p_k = softmax_k(-||z - e_k||^2 / (2 s^2))`, `d log p_k/dz = (e_k - sum_j p_j e_j) / s^2`.
  package static func soft(_ unit: QuantiserUnit, at point: [Double], width: Double)
    -> UnitAssignment
  {
    let (count, dimension) = (unit.count, unit.dimension)
    let scaled = NearestCells(dimension: dimension, codes: unit.centres)
      .squaredDistances(point).map { -0.5 * $0 / width / width }
    let largest = scaled.max() ?? 0
    let normaliser = largest + log(scaled.reduce(0) { $0 + exp($1 - largest) })
    var mean = [Double](repeating: 0, count: dimension)
    for code in 0..<count {
      let p = exp(scaled[code] - normaliser)
      for axis in 0..<dimension { mean[axis] += p * unit.centres[code * dimension + axis] }
    }
    return UnitAssignment(
      logProbabilities: scaled.map { $0 - normaliser },
      scores: unit.centres.indices.map {
        (unit.centres[$0] - mean[$0 % dimension]) / width / width
      })
  }

  /// `p_k = P(Q(z + s e) = k)`, `e` standard normal, on one axis: the normal measure of the category's intervals.
  package static func gaussianOnAxis(
    _ unit: QuantiserUnit, at point: [Double], width: Double
  ) -> UnitAssignment {
    var logs = [Double](repeating: -.infinity, count: unit.count)
    var parts: [(category: Int, log: Double, score: Double)] = []
    unit.cells.forEachSegment(point, direction: [1]) { _, segment in
      let (low, high) = (segment.from / width, segment.to / width)
      let own = StandardNormal.logProbability(low, high)
      guard own > -.infinity else { return }
      // d/dz of Phi((t - z)/s) is -phi/s.
      let score =
        exp(StandardNormal.logDensity(low) - own) - exp(StandardNormal.logDensity(high) - own)
      parts.append((segment.category, own, score / width))
      let most = max(logs[segment.category], own)
      logs[segment.category] = most + log(exp(logs[segment.category] - most) + exp(own - most))
    }
    var scores = [Double](repeating: 0, count: unit.count)
    for part in parts {
      scores[part.category] += part.score * exp(part.log - logs[part.category])
    }
    return UnitAssignment(logProbabilities: logs.map { max($0, impossible) }, scores: scores)
  }

  /// The same from `p_k` and `dp_k/dz`.
  package init(probabilities: [Double], derivatives: [Double]) {
    let dimension = derivatives.count / probabilities.count
    logProbabilities = probabilities.map { $0 > 0 ? log($0) : Self.impossible }
    scores = derivatives.enumerated().map {
      let p = probabilities[$0 / dimension]
      return p > 0 ? $1 / p : 0
    }
  }

  package init(logProbabilities: [Double], scores: [Double]) {
    self.logProbabilities = logProbabilities
    self.scores = scores
  }
}
