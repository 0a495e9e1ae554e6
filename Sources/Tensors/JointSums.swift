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

/// Each row of `sums` plus each of the rows of `terms`, `[rows * k][columns]`, of row-major arrays
/// whose rows have `columns` numbers. Cost: one addition per element.
public func outerSums(_ sums: [Double], _ terms: ArraySlice<Double>, columns: Int) -> [Double] {
  guard columns > 0 else { return [] }
  let (rows, k) = (sums.count / columns, terms.count / columns)
  precondition(sums.count == rows * columns && terms.count == k * columns)
  return [Double](unsafeUninitializedCapacity: rows * k * columns) { buffer, initialized in
    terms.withUnsafeBufferPointer { terms in
      gf_outer_sums(sums, rows, terms.baseAddress, k, columns, buffer.baseAddress)
    }
    initialized = rows * k * columns
  }
}

/// `starts[row] + sum_d terms[row][d, k_d]` of all codes `k` of some neighbouring latents,
/// `[rows][K^D']`, from terms `[rows][D][K]` of all `D`. Cost: about one addition per element.
public func codeSums(
  _ terms: [Double], latents: Range<Int>, of all: Int, categories: Int, starts: [Double]
) -> [Double] {
  let stride = all * categories
  precondition(latents.lowerBound >= 0 && latents.upperBound <= all)
  precondition(terms.count == starts.count * stride)
  let codes = latents.reduce(1) { codes, _ in codes * categories }
  return [Double](unsafeUninitializedCapacity: starts.count * codes) { buffer, initialized in
    terms.withUnsafeBufferPointer { terms in
      gf_code_sums(
        starts, starts.count, terms.baseAddress.map { $0 + latents.lowerBound * categories },
        stride, latents.count, categories, buffer.baseAddress)
    }
    initialized = starts.count * codes
  }
}

/// Adds `sum_r u[i, r]^3` of every row of `u`, `[values.count][R]`, to `values`, and sets `u` to
/// `3 u^2`, the gradients of the cubes. Cost: one pass.
public func addCubes(of u: inout [Double], to values: inout [Double]) {
  guard !values.isEmpty else { return }
  precondition(u.count % values.count == 0)
  gf_add_cubes(&u, values.count, u.count / values.count, &values)
}

/// `T q` and `p T` of a table `T[p.count][q.count]`, in one pass over it. Cost: `4 p.count q.count`
/// flops.
public func contractions(
  _ table: [Double], rows p: [Double], columns q: [Double]
) -> (byRow: [Double], byColumn: [Double]) {
  precondition(table.count == p.count * q.count)
  var byColumn: [Double] = []
  let byRow = [Double](unsafeUninitializedCapacity: p.count) { rows, initialized in
    byColumn = [Double](unsafeUninitializedCapacity: q.count) { columns, initialized in
      gf_contract(table, p.count, q.count, p, q, rows.baseAddress, columns.baseAddress)
      initialized = q.count
    }
    initialized = p.count
  }
  return (byRow, byColumn)
}
