import CKernels

/// The counter-based generator Philox4x32-10 (Salmon, Moraes, Dror, Shaw, SC 2011).
public enum Philox {
  /// The four words of one counter under the 64-bit key: 10 rounds, each two 32 x 32 bit products.
  public static func block(key: UInt64, counter: SIMD4<UInt32>) -> SIMD4<UInt32> {
    var c = counter
    var k0 = UInt32(truncatingIfNeeded: key)
    var k1 = UInt32(truncatingIfNeeded: key >> 32)
    for _ in 0..<10 {
      let p = c[0].multipliedFullWidth(by: 0xD251_1F53)
      let q = c[2].multipliedFullWidth(by: 0xCD9E_8D57)
      c = SIMD4(q.high ^ c[1] ^ k0, q.low, p.high ^ c[3] ^ k1, p.low)
      k0 &+= 0x9E37_79B9
      k1 &+= 0xBB67_AE85
    }
    return c
  }
}

/// A random-access stream of 32-bit words and of the variates made from them.
///
/// Word `e` is lane `e % 4` of the Philox block with counter
/// `(lo32(e / 4), hi32(e / 4), row, site)`. Every value depends on its word alone (a normal: on its
/// pair of words), so splitting a range changes nothing, and so does the CPU.
public struct RandomStream: Sendable {
  private let key: UInt64
  private let row: UInt32
  private let site: UInt32

  /// `row` and `site` must lie in `0 ..< 2^32`.
  public init(key: RandomKey, row: Int, site: Int) {
    precondition(
      UInt32(exactly: row) != nil && UInt32(exactly: site) != nil,
      "row and site of a random stream must lie in 0..<2^32")
    self.key = key.value
    self.row = UInt32(truncatingIfNeeded: row)
    self.site = UInt32(truncatingIfNeeded: site)
  }

  /// Words `first ..< first + count`.
  public func words(from first: UInt64, count: Int) -> [UInt32] {
    fill(first, count) { gf_words(key, row, site, first, count, $0) }
  }

  /// Uniforms `((w >> 9) + 1/2) 2^-23`: midpoints of `2^23` cells, never 0 or 1.
  public func uniforms(from first: UInt64, count: Int) -> [Float] {
    fill(first, count) { gf_uniforms(key, row, site, first, count, $0) }
  }

  /// Uniforms of 52 bits, `((w_2i 2^20 + (w_2i+1 >> 12)) + 1/2) 2^-52`: word pairs, never 0 or 1.
  public func preciseUniforms(from first: UInt64, count: Int) -> [Double] {
    let words = words(from: 2 * first, count: 2 * count)
    return (0..<count).map { index in
      let high = UInt64(words[2 * index]) << 20
      let low = UInt64(words[2 * index + 1] >> 12)
      return (Double(high | low) + 0.5) * 0x1p-52
    }
  }

  /// Standard exponentials `-log u`, between `2^-24` and 16.64.
  public func exponentials(from first: UInt64, count: Int) -> [Float] {
    fill(first, count) { gf_exponentials(key, row, site, first, count, $0) }
  }

  /// Standard Gumbel variates `-log(-log u)`, between -2.81 and 16.64.
  public func gumbels(from first: UInt64, count: Int) -> [Float] {
    fill(first, count) { gf_gumbels(key, row, site, first, count, $0) }
  }

  /// Standard normals by Box-Muller, at most 5.77 in size: words `2i`, `2i + 1` give
  /// `sqrt(-2 log u) cos(2 pi v)` and `sqrt(-2 log u) sin(2 pi v)`.
  public func normals(from first: UInt64, count: Int) -> [Float] {
    fill(first, count) { gf_normals(key, row, site, first, count, $0) }
  }

  private func fill<Value>(
    _ first: UInt64, _ count: Int, _ kernel: (UnsafeMutablePointer<Value>?) -> Void
  ) -> [Value] {
    precondition(
      count >= 0 && !first.addingReportingOverflow(UInt64(count)).overflow,
      "a range of stream words must have a count >= 0 and end below 2^64")
    return [Value](unsafeUninitializedCapacity: count) { buffer, initialized in
      kernel(buffer.baseAddress)
      initialized = count
    }
  }
}
