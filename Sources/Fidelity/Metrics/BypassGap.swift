import Discrete
import Tensors

/// The gradient gap of a deterministic quantiser: `df/dz` at its output `z_q` against the one at its
/// input `z_e`, as the identity straight-through hands them to the encoder.
///
/// Nothing is drawn: norms of the batch are exact. How much one row differs from the next is given
/// beside them, as the mean over rows of each row's own gap with Student's interval.
struct BypassGap {
  let problem: any QuantisedProblem
  let geometry: ScopeGeometry
  let intervals: IntervalForming

  func numbers() throws -> [FidelityNumber] {
    let gradients = try problem.bypassGradients()
    let rows = problem.shape.rows
    let width = gradients.bypassed.count / rows
    let scale = 1 / Double(rows)
    let difference = zip(gradients.quantised, gradients.bypassed).map { $0 - $1 }
    func square(_ vector: [Double]) -> Double { vector.reduce(0) { $0 + $1 * $1 } }
    func scaled(_ vector: [Double]) -> [Double] { vector.map { scale * $0 } }

    let pullback = problem.activationPullback
    let differenceSquares = pullback.squaredNorms(scaled(difference))
    let bypassedSquares = pullback.squaredNorms(scaled(gradients.bypassed))
    var scopes = [
      ScopeSquares(
        scope: "logits", metrics: (.gapBypassLatent, .gapBypassLatentRelative),
        difference: square(scaled(difference)), reference: square(scaled(gradients.bypassed)))
    ]
    for scope in geometry.parameterScopes {
      func sum(_ squares: [Double]) -> Double { scope.parts.reduce(0) { $0 + squares[$1 - 1] } }
      scopes.append(
        ScopeSquares(
          scope: scope.name, metrics: (.gapBypassLayer, .gapBypassLayerRelative),
          difference: sum(differenceSquares), reference: sum(bypassedSquares)))
    }

    for row in 0..<rows {
      let range = row * width..<(row + 1) * width
      let (own, reference) = (Array(difference[range]), Array(gradients.bypassed[range]))
      scopes[0].rows.append((square(own), square(reference)))
      guard scopes.count > 1 else { continue }
      let grams = pullback.rowGrams(row).map(\.values)
      let squares = grams.map { form($0, own) }
      let norms = grams.map { form($0, reference) }
      for (index, scope) in geometry.parameterScopes.enumerated() {
        func sum(_ squares: [Double]) -> Double { scope.parts.reduce(0) { $0 + squares[$1 - 1] } }
        scopes[index + 1].rows.append((sum(squares), sum(norms)))
      }
    }
    return scopes.flatMap(numbers)
  }

  /// Squared norms on one scope.
  private struct ScopeSquares {
    let scope: String
    let metrics: (absolute: Metric, relative: Metric)
    /// Of the whole batch, with the factor `1/B^2`.
    let difference: Double
    let reference: Double
    /// Of each row by itself.
    var rows: [(difference: Double, reference: Double)] = []
  }

  private func numbers(_ squares: ScopeSquares) -> [FidelityNumber] {
    var numbers = [
      intervals.exact(
        squares.metrics.absolute, scope: squares.scope, value: squares.difference.squareRoot()),
      intervals.exact(
        squares.metrics.relative, scope: squares.scope,
        value: Self.ratio(squares.difference, squares.reference)),
    ]
    // One row has no spread.
    guard squares.rows.count > 1 else { return numbers }
    numbers.append(
      intervals.mean(
        .gapBypassRow, scope: squares.scope,
        of: squares.rows.map { max($0.difference, 0).squareRoot() }))
    numbers.append(
      intervals.mean(
        .gapBypassRowRelative, scope: squares.scope,
        of: squares.rows.map { Self.ratio($0.difference, $0.reference) }))
    return numbers
  }

  /// The root of a quotient of squares; NaN where there is nothing to compare with.
  private static func ratio(_ square: Double, _ reference: Double) -> Double {
    reference > 0 ? (max(square, 0) / reference).squareRoot() : .nan
  }

  /// `v^T G v`
  private func form(_ gram: [Double], _ vector: [Double]) -> Double {
    let image = matrixProduct(gram, vector, m: vector.count, n: 1, k: vector.count)
    return ScopeGeometry.dots([vector], [image])[0]
  }
}
