/// The angle between the mean of the estimates and the target, with its confidence set.
///
/// `tan^2 = N / D`, with `N` the debiased square of the mean's part across the target and `D` that
/// of the part along it. Both are squares of noisy vectors, so the set is that of the `rho` with
/// `(N - rho D)^2 <= t^2 V(rho)`; in `V` the second-order part is that of the quadratic form
/// `P - rho g g^T / ||g||^2`, and the part across has the size that `rho` says.
struct AngleSet {
  /// `cos` of the mean and the target.
  let cosine: Double
  let cosineEnds: (low: Double, high: Double)
  /// `1 - cos^2 = min_c ||c m - g*||^2 / ||g*||^2`; may be negative.
  let sineSquared: Double
  let sineSquaredEnds: (low: Double, high: Double)

  init(full: ScopeStatistics, forms: ScopeForms, critical: Double) {
    let form = AngleForm(full: full, forms: forms)
    let sign = full.dot < 0 ? -1.0 : 1.0
    guard form.along > 0 else {
      // No part along the target is told from zero: every angle is possible.
      let norms = (full.mean * full.target).squareRoot()
      cosine = norms > 0 ? full.dot / norms : .nan
      cosineEnds = (-1, 1)
      sineSquared = 1
      sineSquaredEnds = (0, 1)
      return
    }
    let ratio = form.across / form.along
    let ends = QuadraticSet.around(max(ratio, 0)) { form.contains($0, critical: critical) }
    func cosineAt(_ ratio: Double) -> Double { sign / (1 + ratio).squareRoot() }
    func sineAt(_ ratio: Double) -> Double { ratio.isInfinite ? 1 : ratio / (1 + ratio) }
    cosine = cosineAt(max(ratio, 0))
    if ends.high.isInfinite {
      cosineEnds = (-1, 1)
    } else {
      let both = [cosineAt(ends.low), cosineAt(ends.high)]
      cosineEnds = (min(both[0], both[1]), max(both[0], both[1]))
    }
    sineSquared = form.across / (form.across + form.along)
    sineSquaredEnds = (sineAt(ends.low), sineAt(ends.high))
  }
}

/// The quadratic forms behind an angle.
private struct AngleForm {
  /// `N`
  var across = 0.0
  /// `D`
  var along = 0.0
  /// Plug-in square of the part across.
  private var plainAcross = 0.0
  /// `<m, g> / ||g||`
  private var projection = 0.0
  private var targetNorm = 0.0
  private var count = 0
  /// `<d_i, P d_j>`, and `<d_k, g> / ||g||`, `<d_k, P m>`.
  private var gramAcross: [Double] = []
  private var withTarget: [Double] = []
  private var withAcross: [Double] = []
  /// The target's part in the same: its noise across moves the part across by `-<m, g>/||g||^2`.
  private var targetNull = 0.0
  private var targetAcross: [Double] = []
  private var targetAlong: [Double] = []

  init(full: ScopeStatistics, forms: ScopeForms) {
    guard full.target > 0 else { return }
    targetNorm = full.target
    let norm = full.target.squareRoot()
    let share = full.dot / full.target
    projection = full.dot / norm
    plainAcross = max(full.mean - projection * projection, 0)
    across = plainAcross
    along = projection * projection
    if let own = forms.estimates {
      count = own.count
      let h = own.withTarget.map { $0 / norm }
      withTarget = h
      withAcross = zip(own.withMean, own.withTarget).map { $0 - share * $1 }
      gramAcross = own.gram
      for i in 0..<count {
        for j in 0..<count { gramAcross[i * count + j] -= h[i] * h[j] }
      }
      across -= noise(gramAcross, count)
      along -= BlockForms.form(h, h)
    }
    guard let other = forms.target else { return }
    let h = other.withTarget.map { $0 / norm }
    var gram = other.gram
    for i in 0..<other.count {
      for j in 0..<other.count { gram[i * other.count + j] -= h[i] * h[j] }
    }
    gram = gram.map { share * share * $0 }
    across -= noise(gram, other.count)
    let withPart = zip(other.withMean, other.withTarget).map { $0 - share * $1 }
    targetAcross = withPart.map { -share * $0 }
    targetAlong = withPart.map { $0 / norm }
    targetNull = BlockForms.traceOfSquare(gram, count: other.count)
    guard let own = forms.estimates else { return }
    var crossing = forms
    for j in 0..<own.count {
      for k in 0..<other.count {
        let index = j * other.count + k
        crossing.cross[index] = -share * (forms.cross[index] - withTarget[j] * h[k])
      }
    }
    targetNull += 2 * crossing.crossTrace
  }

  private func noise(_ gram: [Double], _ count: Int) -> Double {
    let trace = (0..<count).reduce(0) { $0 + gram[$1 * count + $1] }
    return max(trace, 0) / (Double(count) * Double(count - 1))
  }

  func contains(_ ratio: Double, critical: Double) -> Bool {
    let difference = across - ratio * along
    // What rounding leaves of two equal numbers is no difference.
    let rounding = 1e-24 * targetNorm * targetNorm
    return difference * difference
      <= critical * critical * variance(ratio) * (1 + 1e-9) + rounding
  }

  private func variance(_ ratio: Double) -> Double {
    var second = targetNull
    if count > 0 {
      var form = gramAcross
      for i in 0..<count {
        for j in 0..<count { form[i * count + j] -= ratio * withTarget[i] * withTarget[j] }
      }
      second += BlockForms.traceOfSquare(form, count: count)
    }
    let size =
      plainAcross > 1e-26 * targetNorm
      ? (ratio * max(along, 0) / plainAcross).squareRoot() : 0
    func first(_ across: [Double], _ along: [Double]) -> Double {
      guard !across.isEmpty else { return 0 }
      let sum = zip(across, along).map { size * $0 - ratio * projection * $1 }
      return BlockForms.form(sum, sum)
    }
    return 2 * second + 4 * (first(withAcross, withTarget) + first(targetAcross, targetAlong))
  }
}
