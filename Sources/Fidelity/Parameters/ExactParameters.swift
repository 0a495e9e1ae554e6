import Discrete

/// Every coordinate's mean and variance from exact moments of the rows.
///
/// With a row's covariance `C = L L^T` and its Jacobian `J`, the variance of parameter `j` is
/// `(1/B^2) sum_b sum_r (J_j . L_r)^2`; the mean is the pull-back of the mean.
struct ExactParameters {
  let problem: any DiscreteProblem
  let workers: Int

  private var shape: LayerShape { problem.shape }

  /// - Parameter exact: with the moments of its rows.
  /// - Throws: `DiscreteError.shape` for a pull-back's arrays of other lengths.
  func numbers(_ exact: ExactMeasurement) throws -> PartNumbers {
    let rows = exact.rows
    let scale = 1 / (Double(shape.rows) * Double(shape.rows))
    func scaled(_ parts: [[Double]]) -> [[Double]] { parts.map { $0.map { $0 * scale } } }
    let variance = try scaled(squares { rows[$0].moments.covariance })
    let mean = parts(exact.mean)
    var meanError = mean.map { [Double](repeating: 0, count: $0.count) }
    var varianceError = meanError
    if let coarse = exact.coarse {
      meanError = zip(mean, parts(coarse.mean)).map { zip($0, $1).map { abs($0 - $1) } }
      // The rows that were integrated by both rules stand for all.
      let checked = rows.count { $0.coarse != nil }
      let factor = Double(rows.count) / Double(max(1, checked)) * scale
      varianceError = try changes(rows).map { $0.map { $0 * factor } }
    }
    if !exact.replicates.isEmpty {
      let means = exact.replicates.map { parts($0.mean) }
      let variances = try exact.replicates.indices.map { shift in
        try scaled(
          squares { row in
            let left = rows[row].replicates
            return left.isEmpty ? rows[row].moments.covariance : left[shift].covariance
          })
      }
      add(Self.jackknife(means), to: &meanError)
      add(Self.jackknife(variances), to: &varianceError)
    }
    let numbers = mean.indices.map {
      CoordinateNumbers(
        mean: mean[$0], meanError: meanError[$0], variance: variance[$0],
        varianceError: varianceError[$0])
    }
    return PartNumbers(logits: numbers[0], groups: Array(numbers.dropFirst()))
  }

  /// The vector at the logits and its pull-back to every group.
  private func parts(_ vector: [Double]) -> [[Double]] {
    [vector] + (problem.pullback?.pullBack(vector) ?? [])
  }

  /// Sums of squares at the logits and of every parameter, for the covariance of every row.
  private func squares(_ covariance: @Sendable (_ row: Int) -> [Double]) throws -> [[Double]] {
    try total { row, squares in
      let vectors = RowVectors(factorOf: covariance(row), width: shape.width)
      return (vectors.squares[0], try squares?(vectors)[0] ?? [])
    }
  }

  /// By how much the rows' squares change on a coarser rule, changes of different rows added by their size.
  private func changes(_ rows: [ExactMoments]) throws -> [[Double]] {
    try total { row, squares in
      guard let coarse = rows[row].coarse else { return nil }
      let pair = [rows[row].moments, coarse].map {
        RowVectors(factorOf: $0.covariance, width: shape.width)
      }
      func change(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map { abs($0 - $1) } }
      guard let squares else { return (change(pair[0].squares[0], pair[1].squares[0]), []) }
      return (
        change(pair[0].squares[0], pair[1].squares[0]),
        change(try squares(pair[0])[0], try squares(pair[1])[0])
      )
    }
  }

  /// What rows give at their logits and in the pull-back's form, brought to every parameter; rows that give
  /// nothing add nothing.
  private func total(
    _ body:
      @Sendable (Int, ((RowVectors) throws -> [[Double]])?) throws ->
      (logits: [Double], outputs: [Double])?
  ) throws -> [[Double]] {
    let pullback = problem.pullback
    let form = pullback?.squares.form
    let width = shape.width
    var logits = [Double](repeating: 0, count: shape.count)
    var outputs = [Double](repeating: 0, count: form?.count(rows: shape.rows) ?? 0)
    let size = BlockSweep.rowsTogether(pullback, shape, sums: 1, workers: workers)
    for first in stride(from: 0, to: shape.rows, by: size) {
      let rows = first..<min(first + size, shape.rows)
      let found = try parallelMap(rows.count, workers: workers) { place in
        let row = rows.lowerBound + place
        return try body(row, pullback?.checkedSquares(ofRow: row, of: shape.rows))
      }
      for (row, own) in zip(rows, found) {
        guard let own else { continue }
        for index in own.logits.indices { logits[row * width + index] = own.logits[index] }
        let start = form?.start(of: row) ?? 0
        for index in own.outputs.indices { outputs[start + index] += own.outputs[index] }
      }
    }
    return [logits] + (try pullback?.checkedParameterSquares(outputs, power: 1) ?? [])
  }

  /// `IntervalForming.latticeErrors` standard errors of a mean over shifts, from the same with each shift left out.
  private static func jackknife(_ without: [[[Double]]]) -> [[Double]] {
    let count = Double(without.count)
    return without[0].indices.map { part in
      without[0][part].indices.map { index in
        let average = without.reduce(0) { $0 + $1[part][index] } / count
        let spread = without.reduce(0) { sum, shift in
          let change = shift[part][index] - average
          return sum + change * change
        }
        return IntervalForming.latticeErrors * (spread * (count - 1) / count).squareRoot()
      }
    }
  }

  private func add(_ more: [[Double]], to sums: inout [[Double]]) {
    for part in sums.indices {
      for index in sums[part].indices { sums[part][index] += more[part][index] }
    }
  }
}
