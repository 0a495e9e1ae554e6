import Tensors

/// Inner products of block deviations `d_k = m_k - m` on one scope: what the spread of quadratic
/// statistics follows from.
///
/// More than `BlockForms.limit` blocks are merged into that many groups of neighbours first: the
/// Gram matrix of more would cost more than it tells.
struct BlockForms: Sendable {
  /// Most groups.
  static let limit = 32

  /// Number of groups.
  let count: Int
  /// `<d_i, d_j>`, `[count][count]`.
  var gram: [Double]
  /// `<d_k, m>`
  var withMean: [Double]
  /// `<d_k, g*>`
  var withTarget: [Double]

  init(count: Int, gram: [Double], withMean: [Double], withTarget: [Double]) {
    self.count = count
    self.gram = gram
    self.withMean = withMean
    self.withTarget = withTarget
  }

  /// `<d_k, m - g*>`
  var withDifference: [Double] { zip(withMean, withTarget).map { $0 - $1 } }

  /// The group of each of `blocks` blocks: neighbours, sizes that differ by at most one.
  static func groups(blocks: Int) -> [Range<Int>] {
    let count = min(blocks, limit)
    return (0..<count).map { $0 * blocks / count..<($0 + 1) * blocks / count }
  }

  /// Forms of the sum of two orthogonal scopes.
  static func + (a: BlockForms, b: BlockForms) -> BlockForms {
    BlockForms(
      count: a.count, gram: zip(a.gram, b.gram).map(+),
      withMean: zip(a.withMean, b.withMean).map(+),
      withTarget: zip(a.withTarget, b.withTarget).map(+))
  }

  /// `tr(M Sigma M Sigma)` for the covariance `Sigma` of the overall mean, unbiased whatever the
  /// blocks' distribution (Himeno and Yamada 2014), where `form[i][j] = <d_i, M d_j>`.
  ///
  /// Needs four groups. Cost: `O(count^2)`.
  static func traceOfSquare(_ form: [Double], count: Int) -> Double {
    let n = Double(count)
    var squares = 0.0
    for value in form { squares += value * value }
    var trace = 0.0
    var fourth = 0.0
    for i in 0..<count {
      let own = form[i * count + i]
      trace += own
      fourth += own * own
    }
    let sum =
      (n - 2) * squares / (n - 1) + trace * trace / ((n - 1) * (n - 1)) - n * fourth / (n - 1)
    return max(0, (n - 1) / (n * (n - 2) * (n - 3)) * sum) / (n * n)
  }

  /// `x^T Sigma x` for the covariance of the overall mean, given `<d_k, x>`.
  static func form(_ products: [Double], _ others: [Double]) -> Double {
    let n = Double(products.count)
    var sum = 0.0
    for index in products.indices { sum += products[index] * others[index] }
    return sum / (n * (n - 1))
  }

  /// `x^T Sigma^2 x` for the covariance of the overall mean, free of the diagonal's bias.
  func squaredForm(_ products: [Double]) -> Double {
    let n = Double(count)
    var sum = 0.0
    for i in 0..<count {
      for j in 0..<count where j != i { sum += gram[i * count + j] * products[i] * products[j] }
    }
    return sum / (n * (n - 1) * n * n)
  }
}

/// The forms of both sides of a comparison on one scope.
struct ScopeForms: Sendable {
  /// Of the estimates; nil where nothing was drawn.
  var estimates: BlockForms?
  /// Of a sampled target; nil for an exact one.
  var target: BlockForms?
  /// `<d_j, e_k>` between the deviations of both, `[estimates][target]`.
  var cross: [Double]

  /// Forms of the sum of two orthogonal scopes.
  static func + (a: ScopeForms, b: ScopeForms) -> ScopeForms {
    func sum(_ a: BlockForms?, _ b: BlockForms?) -> BlockForms? {
      guard let a, let b else { return nil }
      return a + b
    }
    return ScopeForms(
      estimates: sum(a.estimates, b.estimates), target: sum(a.target, b.target),
      cross: zip(a.cross, b.cross).map(+))
  }

  /// `tr(Sigma Sigma_r)` of the two means' covariances.
  var crossTrace: Double {
    guard let estimates, let target else { return 0 }
    var sum = 0.0
    for value in cross { sum += value * value }
    return sum / crossDivisor(estimates.count, target.count)
  }

  /// `x^T Sigma Sigma_r x`, given `<d_j, x>` and `<e_k, x>`.
  func crossForm(_ products: [Double], _ targetProducts: [Double]) -> Double {
    guard let estimates, let target else { return 0 }
    var sum = 0.0
    for j in 0..<estimates.count {
      for k in 0..<target.count {
        sum += cross[j * target.count + k] * products[j] * targetProducts[k]
      }
    }
    return sum / crossDivisor(estimates.count, target.count)
  }

  private func crossDivisor(_ a: Int, _ b: Int) -> Double {
    Double(a) * Double(a - 1) * Double(b) * Double(b - 1)
  }
}
