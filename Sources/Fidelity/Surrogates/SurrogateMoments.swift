import Discrete
import Models
import Tensors

/// Mean and covariance of one estimate of a surrogate on one row: what it returns where nothing is random, an integral
/// over its noise by randomly shifted lattices else.
struct SurrogateMoments: Sendable {
  /// Of every coordinate of `z_e`, and of every codebook one after the other where they are asked for.
  struct Part: Sendable {
    /// Without a covariance where nothing is random.
    let moments: RowMoments
    /// Coordinates of `z_e`, which come first.
    let count: Int

    var points: [Double] { Array(moments.mean[..<count]) }
    var codebooks: [Double] { Array(moments.mean[count...]) }
    /// Population variances; 0 where nothing is random.
    var pointVariances: [Double] { (0..<count).map(variance) }
    var codebookVariances: [Double] { (count..<moments.mean.count).map(variance) }

    private func variance(_ index: Int) -> Double {
      moments.covariance.isEmpty
        ? 0 : max(0, moments.covariance[index * (moments.mean.count + 1)])
    }
  }

  let pooled: Part
  /// The same with each shift left out; empty where nothing is random.
  let replicates: [Part]

  /// Points of a lattice in each shift on one row.
  static let points = 1 << 13

  /// Cost: a gradient of the cost; `points` of them in each of 16 shifts where there is noise.
  ///
  /// - Parameters:
  ///   - h: the cost's gradient at the quantised point, where it is known.
  ///   - codebooks: whether the gradient at the codes is wanted.
  init(
    _ surrogate: any Surrogate, at point: QuantisedPoint, h: [Double]? = nil,
    codebooks: Bool = true, points: Int = SurrogateMoments.points, key: UInt64
  ) throws {
    let integrand = SurrogateIntegrand(
      surrogate: surrogate, point: point, codebooks: codebooks, latticePoints: points)
    let count = point.points.count
    guard integrand.variables > 0 else {
      let forward = try surrogate.forward(point, uniforms: [])
      let isCode = h != nil && forward == point.quantised
      let own = try isCode ? h ?? [] : point.decoded(forward).gradient
      let mean = integrand.numbers(try surrogate.backward(point, own, uniforms: []))
      guard mean.allSatisfy(\.isFinite) else { throw Self.notFinite }
      pooled = Part(moments: RowMoments(mean: mean, covariance: []), count: count)
      replicates = []
      return
    }
    let moments = try ShiftedLattice(integrand: integrand, key: key, workers: 1).moments()
    guard moments.moments.mean.allSatisfy(\.isFinite) else { throw Self.notFinite }
    pooled = Part(moments: moments.moments, count: count)
    replicates = moments.replicates.map { Part(moments: $0, count: count) }
  }

  private static var notFinite: DiscreteError {
    .notFinite("an estimate of the surrogate is not finite")
  }

  /// The jackknife's standard error of a number; 0 where nothing is random.
  func error(_ function: (Part) -> Double) -> Double { Jackknife.error(replicates.map(function)) }

  /// The same of every number of a part.
  func errors(_ part: (Part) -> [Double]) -> [Double] {
    let all = replicates.map(part)
    return part(pooled).indices.map { index in Jackknife.error(all.map { $0[index] }) }
  }
}

/// A surrogate as a function of its uniforms.
private struct SurrogateIntegrand: LatticeIntegrand {
  let surrogate: any Surrogate
  let point: QuantisedPoint
  let codebooks: Bool
  let latticePoints: Int

  var width: Int {
    point.points.count
      + (codebooks ? point.quantiser.codebooks.reduce(0) { $0 + $1.count } : 0)
  }
  var variables: Int { surrogate.uniforms(point) }
  var strata: [Double] { [1] }
  var rules: [[LatticeRule]] { [[.several(points: latticePoints)]] }
  /// There is one rule: nothing is tried again.
  var precision: Double { 1 }

  func numbers(_ estimate: SurrogateEstimate) -> [Double] {
    estimate.points + (codebooks ? estimate.codebooks.flatMap(\.self) : [])
  }

  func estimates(_ stratum: Int, _ points: inout LatticePoints) throws -> [Double] {
    let uniforms = (0..<points.count).map {
      Array(points.values[$0 * variables..<($0 + 1) * variables])
    }
    let forwards = try uniforms.map { try surrogate.forward(point, uniforms: $0) }
    let gradients = try point.decoded(forwards).gradients
    return try zip(gradients, uniforms).flatMap {
      numbers(try surrogate.backward(point, $0, uniforms: $1))
    }
  }
}
