import CKernels
import COpenBLAS

/// A floating-point type that OpenBLAS multiplies: `Float` or `Double`. Larger products of `Float` take a
/// kernel of ours on CPUs with AVX-512, all products on CPUs with AVX2: bits of a row do not depend on how many
/// rows are multiplied at once.
public protocol BLASScalar: BinaryFloatingPoint, Codable, SIMDScalar, Sendable {
  /// `C = alpha op(A) op(B) + beta C`, row-major, `op(A)` is `m x k`, `op(B)` is `k x n`.
  static func gemm(
    transposeA: Bool, transposeB: Bool, m: Int, n: Int, k: Int, alpha: Self,
    a: UnsafePointer<Self>, lda: Int, b: UnsafePointer<Self>, ldb: Int, beta: Self,
    c: UnsafeMutablePointer<Self>, ldc: Int)

  /// `C = alpha A A^T + beta C` into the upper triangle of the `n x n` matrix `C`, `A` is `n x k`; with
  /// `transposeA` `C = alpha A^T A + beta C`, `A` is `k x n`.
  static func syrk(
    transposeA: Bool, n: Int, k: Int, alpha: Self, a: UnsafePointer<Self>, lda: Int, beta: Self,
    c: UnsafeMutablePointer<Self>, ldc: Int)

  static func dot(_ count: Int, _ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>) -> Self
}

extension Float: BLASScalar {
  public static func gemm(
    transposeA: Bool, transposeB: Bool, m: Int, n: Int, k: Int, alpha: Float,
    a: UnsafePointer<Float>, lda: Int, b: UnsafePointer<Float>, ldb: Int, beta: Float,
    c: UnsafeMutablePointer<Float>, ldc: Int
  ) {
    if Shortcuts.ownProducts.isOn {
      let served = gf_product_f32(
        transposeA ? 1 : 0, transposeB ? 1 : 0, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
      if served != 0 { return }
    }
    cblas_sgemm(
      CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
      blasint(m), blasint(n), blasint(k), alpha, a, blasint(lda), b, blasint(ldb), beta, c,
      blasint(ldc))
  }

  public static func syrk(
    transposeA: Bool, n: Int, k: Int, alpha: Float, a: UnsafePointer<Float>, lda: Int, beta: Float,
    c: UnsafeMutablePointer<Float>, ldc: Int
  ) {
    cblas_ssyrk(
      CblasRowMajor, CblasUpper, transposeA ? CblasTrans : CblasNoTrans, blasint(n), blasint(k),
      alpha, a, blasint(lda), beta, c, blasint(ldc))
  }

  public static func dot(
    _ count: Int, _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>
  ) -> Float {
    cblas_sdot(blasint(count), x, 1, y, 1)
  }
}

extension Double: BLASScalar {
  public static func gemm(
    transposeA: Bool, transposeB: Bool, m: Int, n: Int, k: Int, alpha: Double,
    a: UnsafePointer<Double>, lda: Int, b: UnsafePointer<Double>, ldb: Int, beta: Double,
    c: UnsafeMutablePointer<Double>, ldc: Int
  ) {
    if Shortcuts.ownProducts.isOn {
      let served = gf_product_f64(
        transposeA ? 1 : 0, transposeB ? 1 : 0, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
      if served != 0 { return }
    }
    cblas_dgemm(
      CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
      blasint(m), blasint(n), blasint(k), alpha, a, blasint(lda), b, blasint(ldb), beta, c,
      blasint(ldc))
  }

  public static func syrk(
    transposeA: Bool, n: Int, k: Int, alpha: Double, a: UnsafePointer<Double>, lda: Int,
    beta: Double,
    c: UnsafeMutablePointer<Double>, ldc: Int
  ) {
    cblas_dsyrk(
      CblasRowMajor, CblasUpper, transposeA ? CblasTrans : CblasNoTrans, blasint(n), blasint(k),
      alpha, a, blasint(lda), beta, c, blasint(ldc))
  }

  public static func dot(
    _ count: Int, _ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>
  ) -> Double {
    cblas_ddot(blasint(count), x, 1, y, 1)
  }
}
