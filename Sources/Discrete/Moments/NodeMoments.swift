import CKernels
import Foundation

/// Moments of the surrogate softmax of one latent with many categories, contracted at the nodes of
/// the quadrature: a table of fourth moments would have `K^4 / 24` entries a winner.
///
/// Given `u` and `E_x`, the terms of `V` are independent (see `SoftmaxMoments`). What `E[J M J]` asks for
/// at one node follows from their moments up to the third order and from `M m`, `O(K^2)` in all.
public struct NodeMoments: SurrogateMoments {
  public let categories: Int
  public let distributions: Int
  public let jacobianMeans: [Double]
  private let nodes: Nodes
  /// Weights of the winners in a single distribution; nil given each winner.
  private let mixture: [Double]?

  /// Moments given every winner, by the rule of `SoftmaxMoments`.
  ///
  /// Cost: `O(nodes K^3)`, some 1,000 nodes at a step of 0.5, of which those are left out whose share
  /// is below the error; a table of `5 K` numbers a node.
  ///
  /// - Parameters:
  ///   - logProbabilities: `log p`, normalised, of the distribution whose winner is known.
  ///   - logOffsets: `log c`; only differences matter.
  ///   - exponent: `alpha`, above 0.
  ///   - step: trapezoidal step; 0.5 gives about 1e-7, 0.2 rounding.
  public static func conditional(
    logProbabilities: [Double], logOffsets: [Double], exponent: Double, step: Double
  ) -> NodeMoments {
    NodeMoments(
      Nodes(logProbabilities, logOffsets, exponent: exponent, step: step),
      mixture: nil)
  }

  /// Moments without a known winner: the mixture over winners.
  public static func unconditional(
    probabilities: [Double], exponent: Double, step: Double
  ) -> NodeMoments {
    NodeMoments(
      Nodes(
        probabilities.map { log($0) }, [Double](repeating: 0, count: probabilities.count),
        exponent: exponent, step: step),
      mixture: probabilities)
  }

  private init(_ nodes: Nodes, mixture: [Double]?) {
    let size = nodes.categories
    let square = size * size
    categories = size
    distributions = mixture == nil ? size : 1
    self.nodes = nodes
    self.mixture = mixture
    var means = [Double](repeating: 0, count: distributions * square)
    nodes.forEachWinner(matrices: nil) { x, pairs, _ in
      let base = mixture == nil ? x * square : 0
      let weight = mixture.map { $0[x] } ?? 1
      for i in 0..<size {
        for j in 0..<size where j != i {
          let pair = weight * pairs[i * size + j]
          means[base + i * size + j] -= pair
          means[base + i * size + i] += pair
        }
      }
    }
    jacobianMeans = means
  }

  public func sandwich(_ matrices: [Double]) -> [Double] {
    let size = categories
    precondition(matrices.count == distributions * size * size)
    var result = [Double](repeating: 0, count: size * size)
    nodes.forEachWinner(matrices: matrices) { x, _, products in
      let weight = mixture.map { $0[x] } ?? 1
      for index in result.indices { result[index] += weight * products[index] }
    }
    for i in 0..<size {
      var rest = 0.0
      for j in 0..<size where j != i { rest -= result[i * size + j] }
      result[i * size + i] = rest
    }
    return result
  }
}

/// The nodes that all winners share, with what each category is at them as a loser.
private struct Nodes: Sendable {
  let categories: Int
  private let isWinner: [Bool]
  /// `c_x`, in units of the largest.
  private let winnerValues: [Double]
  private let t: ExponentialGrid
  private let u: [Double]
  /// `gf_node_ratios`.
  private let ratios: [Double]
  private let negligible: Double

  init(_ logs: [Double], _ logOffsets: [Double], exponent: Double, step: Double) {
    let size = logs.count
    precondition(logOffsets.count == size)
    categories = size
    let isWinner = logs.map { $0 > SoftmaxMoments.negligible }
    self.isWinner = isWinner
    // The unit of V is its typical size, and no winner's c is above it.
    let unit =
      logOffsets.indices.map {
        logOffsets[$0] + (isWinner[$0] ? 0 : exponent * min(0, logs[$0]))
      }.max() ?? 0
    let offsets = logOffsets.map { $0 - unit }
    winnerValues = offsets.map { exp(min(0, $0)) }
    t = ExponentialGrid.shared(step: step)
    u = Nodes.laplaceGrid(logs, offsets, isWinner, exponent: exponent, step: step)
    let count = t.logs.count * u.count
    negligible = 0.1 * LaplaceGrid.tolerance(step: step) / Double(count)
    var values = [Double](repeating: 0, count: t.logs.count)
    ratios = [Double](unsafeUninitializedCapacity: 5 * count * size) { [t, u] in
      gf_node_ratios(
        Int32(size), logs, offsets, exponent, Int32(t.logs.count), t.logs, Int32(t.logs.count),
        t.logs.map { exp($0) }, t.weights, Int32(u.count), u, $0.baseAddress, &values)
      $1 = 5 * count * size
    }
  }

  /// Off-diagonal `E[s_i s_j | x]` of every winner that occurs and, with matrices (one, or one for
  /// each winner), `E[(J M_x J)_ij | x]`.
  func forEachWinner(
    matrices: [Double]?, _ body: (_ x: Int, _ pairs: [Double], _ products: [Double]) -> Void
  ) {
    let square = categories * categories
    var sums = [Double](repeating: 0, count: square)
    var scratch = [Double](
      repeating: 0,
      count: gf_node_sums_scratch(Int32(categories), Int32(t.logs.count), Int32(u.count)))
    for x in 0..<categories where isWinner[x] {
      if let matrices {
        let base = matrices.count == square ? 0 : x * square
        matrices.withUnsafeBufferPointer { matrices in
          gf_node_sums(
            Int32(categories), Int32(x), winnerValues[x], Int32(t.logs.count), t.weights,
            Int32(u.count), u, ratios, negligible, matrices.baseAddress.map { $0 + base }, nil,
            &sums, &scratch)
        }
        body(x, [], sums)
      } else {
        gf_node_sums(
          Int32(categories), Int32(x), winnerValues[x], Int32(t.logs.count), t.weights,
          Int32(u.count), u, ratios, negligible, nil, &sums, nil, &scratch)
        body(x, sums, [])
      }
    }
  }

  /// The nodes that serve whoever wins.
  private static func laplaceGrid(
    _ logs: [Double], _ offsets: [Double], _ isWinner: [Bool], exponent: Double, step: Double
  ) -> [Double] {
    var loserFloor = -Double.infinity
    var winnerFloor = Double.infinity
    var highest = 0.0
    for i in offsets.indices {
      let bounds = LaplaceGrid.loserBounds(
        logProbability: logs[i], logOffset: offsets[i], exponent: exponent, step: step)
      loserFloor = max(loserFloor, bounds.lowest)
      highest = max(highest, bounds.highest)
      if isWinner[i] { winnerFloor = min(winnerFloor, offsets[i]) }
    }
    // The loser with the highest floor may be the winner itself, whose c is higher still.
    return LaplaceGrid(
      lowest: max(winnerFloor, loserFloor), highest: highest, terms: offsets.count, step: step
    ).nodes
  }
}
