import GradientFidelity

/// The speed of a large single-precision matrix product: the limit that the networks are held
/// against.
enum ProductLimit {
  static func measure(rounds: Int) -> BenchmarkResult {
    let size = 1024
    let a = RandomStream(key: RandomKey(seed: 1), row: 0, site: 0).normals(
      from: 0, count: size * size)
    var result = BenchmarkResult(workload: "limit", case: "sgemm 1024")
    result.flops = 2 * Double(size) * Double(size) * Double(size)
    var corner: Float = 0
    result.time(rounds: rounds) { corner = matrixProduct(a, a, m: size, n: size, k: size)[0] }
    result.check["corner"] = Double(corner)
    return result
  }
}
