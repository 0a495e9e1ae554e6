import Discrete
import Models
import Tensors

/// Mean and trace of covariance of a surrogate at `z_e` and on the parameters upstream.
struct SurrogateMeasurement: Sendable {
  /// `E g` at `z_e`, `[B][n]`, with the factor `1/B` of the objective.
  var mean: [Double]
  /// `tr Cov` on every part of `ScopeGeometry(atFeaturesOf:)`; 0 where nothing is random.
  var traces: [Double]
  /// The same with each shift of a lattice left out; empty where nothing is random.
  var replicates: [(mean: [Double], traces: [Double])]
  /// How far rounding may have moved the mean on every part.
  var rounding: [Double]
}

/// Measures surrogates on the rows of one problem. The decoder is evaluated at the quantised rows once, for all of
/// them.
struct SurrogateEngine: Sendable {
  let problem: any QuantisedProblem
  let geometry: ScopeGeometry
  let key: UInt64
  let workers: Int
  private let points: [QuantisedPoint]
  /// `h` of every row.
  private let gradients: [[Double]]

  /// Cost: one gradient of every row's cost.
  ///
  /// - Throws: `DiscreteError.notFinite` where a gradient is not finite.
  init(
    _ problem: any QuantisedProblem, geometry: ScopeGeometry, key: UInt64, workers: Int
  ) throws {
    self.problem = problem
    self.geometry = geometry
    self.key = key
    self.workers = workers
    let points = problem.quantisedPoints
    self.points = points
    gradients = try parallelMap(points.count, workers: workers) {
      try points[$0].decoded(points[$0].quantised).gradient
    }
  }

  private var encoder: (any ParameterPullback)? { geometry.encoder(of: problem) }

  /// Points of a lattice in each shift, so that all rows together take no more than one alone, and at least 256.
  static func latticePoints(rows: Int) -> Int {
    var points = SurrogateMoments.points
    while points > LatticeRule.fewestPoints, points * rows > SurrogateMoments.points { points /= 2 }
    return points
  }

  func measure(_ surrogate: any Surrogate) throws -> SurrogateMeasurement {
    let count = points.count
    let rows = try parallelMap(count, workers: workers) { row in
      try SurrogateMoments(
        surrogate, at: points[row], h: gradients[row], codebooks: false,
        points: Self.latticePoints(rows: count),
        key: RandomKey(seed: key).derived(UInt64(row)).value)
    }
    let scale = 1 / Double(count)
    func mean(_ part: (SurrogateMoments) -> SurrogateMoments.Part) -> [Double] {
      rows.flatMap { part($0).points.map { scale * $0 } }
    }
    var measurement = SurrogateMeasurement(
      mean: mean(\.pooled), traces: [Double](repeating: 0, count: geometry.partCount),
      replicates: [], rounding: [])
    // Rows without noise of their own are the same in every replicate.
    let shifts = rows.map(\.replicates.count).max() ?? 0
    if shifts > 0 {
      func traces(_ part: (SurrogateMoments) -> SurrogateMoments.Part) -> [Double] {
        self.traces(rows.map { part($0).moments.covariance })
      }
      measurement.traces = traces(\.pooled)
      measurement.replicates = (0..<shifts).map { shift in
        func left(_ row: SurrogateMoments) -> SurrogateMoments.Part {
          row.replicates.isEmpty ? row.pooled : row.replicates[shift]
        }
        return (mean(left), traces(left))
      }
    }
    measurement.rounding = rounding(measurement.mean)
    return measurement
  }

  /// `sum_b tr(C_b G_b) / B^2` on every part, `G_b` that of `theta -> z_e`.
  private func traces(_ covariances: [[Double]]) -> [Double] {
    var traces = [Double](repeating: 0, count: geometry.partCount)
    let scale = 1 / Double(covariances.count * covariances.count)
    for (row, covariance) in covariances.enumerated() {
      let width = points[row].points.count
      for axis in 0..<width { traces[1] += scale * covariance[axis * (width + 1)] }
      guard let encoder else { continue }
      let grams = encoder.rowGrams(row).map(\.values)
      for (index, trace) in ScopeGeometry.dots(grams, grams.map { _ in covariance }).enumerated() {
        traces[index + 2] += scale * trace
      }
    }
    return traces
  }

  /// Of what a decoder computes in: an estimate is good to about that part of itself and of `h`.
  private var unit: Double {
    problem.oracle.capabilities.precision == .single ? 0x1p-21 : 0x1p-49
  }

  private func rounding(_ mean: [Double]) -> [Double] {
    func norm(_ vector: some Sequence<Double>) -> Double {
      vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
    let scale = 1 / Double(points.count)
    var bounds = [Double](repeating: 0, count: geometry.partCount)
    bounds[1] = unit * (norm(mean) + scale * norm(gradients.joined()))
    guard let encoder else { return bounds }
    let width = mean.count / points.count
    let norms = encoder.norms
    for row in points.indices {
      let own = mean[row * width..<(row + 1) * width]
      let size = norm(own)
      guard size > 0 else { continue }
      // What a row is off by reaches the weights like the row itself.
      let error = unit * (size + scale * norm(gradients[row])) / size
      var vector = [Double](repeating: 0, count: mean.count)
      vector.replaceSubrange(own.indices, with: own)
      let squares = norms.squaredNorms(norms.partial(vector, rows: [row]))
      for (index, square) in squares.enumerated() {
        bounds[index + 2] += (error + unit) * max(square, 0).squareRoot()
      }
    }
    return bounds
  }
}
