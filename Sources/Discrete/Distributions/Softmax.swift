import Tensors

/// `softmax(scale * v)` of each run of `categories` values. Stable; cost: one exponential a value.
public func softmax(_ values: [Double], categories: Int, scale: Double = 1) -> [Double] {
  var scaled = values
  if scale != 1 {
    for index in scaled.indices { scaled[index] *= scale }
  }
  VectorMath.softmax(&scaled, categories: categories)
  return scaled
}

/// `log softmax(scale * v)` of each run of `categories` values.
public func logSoftmax(_ values: [Double], categories: Int, scale: Double = 1) -> [Double] {
  var scaled = values
  if scale != 1 {
    for index in scaled.indices { scaled[index] *= scale }
  }
  VectorMath.logSoftmax(&scaled, categories: categories)
  return scaled
}

/// Writes `factor * J(q) v` into `out[offset..<offset + K]`, `J(q) v = q (v - <q, v>)`.
///
/// - Parameters:
///   - q: probabilities, read from `qOffset`.
///   - v: the vector, read from `offset`.
@inline(__always)
public func softmaxJacobianProduct(
  _ q: Span<Double>, at qOffset: Int, _ v: Span<Double>, at offset: Int, categories: Int,
  factor: Double, into out: inout MutableSpan<Double>
) {
  var mean = 0.0
  for k in 0..<categories { mean += q[qOffset + k] * v[offset + k] }
  for k in 0..<categories {
    out[offset + k] = factor * q[qOffset + k] * (v[offset + k] - mean)
  }
}

/// The matrix `J(q) = diag(q) - q q^T` of one latent, `[K][K]`.
public func softmaxJacobian(_ q: ArraySlice<Double>) -> [Double] {
  let distribution = Array(q)
  let categories = distribution.count
  var jacobian = [Double](repeating: 0, count: categories * categories)
  for i in 0..<categories {
    for j in 0..<categories { jacobian[i * categories + j] = -distribution[i] * distribution[j] }
    jacobian[i * categories + i] += distribution[i]
  }
  return jacobian
}
