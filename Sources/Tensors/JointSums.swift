import CKernels

/// Sums of four terms over the table of a joint index: row `a` and column `b = (f, g)` get
/// `front[a][f] + back[a][g] + shared[a / k][b] + own[a % k][b]`.
///
/// The arrays are row-major; `k` is `own.count / columns`, the numbers of `f` and `g` follow from
/// `rows`. Cost: three additions per element.
public func jointSums(
  front: [Double], back: [Double], shared: [Double], own: [Double], rows: Int, columns: Int
) -> [Double] {
  guard rows > 0, columns > 0 else { return [] }
  let (fronts, backs, k) = (front.count / rows, back.count / rows, own.count / columns)
  precondition(front.count == rows * fronts && back.count == rows * backs)
  precondition(fronts * backs == columns && k > 0 && own.count == k * columns)
  precondition(shared.count >= (rows + k - 1) / k * columns)
  return [Double](unsafeUninitializedCapacity: rows * columns) { buffer, initialized in
    gf_joint_sums(front, fronts, back, backs, shared, own, k, rows, buffer.baseAddress)
    initialized = rows * columns
  }
}
