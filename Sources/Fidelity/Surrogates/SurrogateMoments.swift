import Discrete
import Models
import Tensors

/// Mean and variance of one estimate of a surrogate: what it returns where nothing is random, an integral over its
/// noise by randomly shifted lattices else.
struct SurrogateMoments: Sendable {
  struct Part: Sendable {
    /// Of every coordinate of `z_e`, and of every codebook one after the other.
    var points, codebooks: [Double]
    /// Population variances; 0 where nothing is random.
    var pointVariances, codebookVariances: [Double]

    /// - Parameter points: coordinates of `z_e`, which come first.
    init(_ moments: RowMoments, points count: Int) {
      let variances = moments.mean.indices.map {
        max(0, moments.covariance[$0 * (moments.mean.count + 1)])
      }
      points = Array(moments.mean[..<count])
      codebooks = Array(moments.mean[count...])
      pointVariances = Array(variances[..<count])
      codebookVariances = Array(variances[count...])
    }
  }

  let pooled: Part
  /// The same with each shift left out; empty where nothing is random.
  let replicates: [Part]

  /// Cost: a gradient of the cost; 2^13 of them in each of 16 shifts where there is noise.
  init(_ surrogate: any Surrogate, at point: QuantisedPoint, key: UInt64) throws {
    let integrand = SurrogateIntegrand(surrogate: surrogate, point: point)
    let count = point.points.count
    guard integrand.variables > 0 else {
      let mean = try surrogate.gradient(point, uniforms: []).numbers
      let zeros = [Double](repeating: 0, count: mean.count * mean.count)
      pooled = Part(RowMoments(mean: mean, covariance: zeros), points: count)
      replicates = []
      return
    }
    let moments = try ShiftedLattice(integrand: integrand, key: key, workers: 1).moments()
    pooled = Part(moments.moments, points: count)
    replicates = moments.replicates.map { Part($0, points: count) }
  }

  /// The jackknife's standard error of a number; 0 where nothing is random.
  func error(_ function: (Part) -> Double) -> Double { Jackknife.error(replicates.map(function)) }

  /// The same of every number of a part.
  func errors(_ part: (Part) -> [Double]) -> [Double] {
    let all = replicates.map(part)
    return part(pooled).indices.map { index in Jackknife.error(all.map { $0[index] }) }
  }
}

extension SurrogateGradient {
  fileprivate var numbers: [Double] { points + codebooks.flatMap(\.self) }
}

/// A surrogate as a function of its uniforms.
private struct SurrogateIntegrand: LatticeIntegrand {
  let surrogate: any Surrogate
  let point: QuantisedPoint

  var width: Int {
    point.points.count + point.quantiser.codebooks.reduce(0) { $0 + $1.count }
  }
  var variables: Int { surrogate.uniforms(point) }
  var strata: [Double] { [1] }
  var rules: [[LatticeRule]] { [[.several(points: 1 << 13)]] }
  /// There is one rule: nothing is tried again.
  var precision: Double { 1 }

  func estimates(_ stratum: Int, _ points: inout LatticePoints) throws -> [Double] {
    try (0..<points.count).flatMap { index in
      try surrogate.gradient(
        point, uniforms: Array(points.values[index * variables..<(index + 1) * variables])
      ).numbers
    }
  }
}
