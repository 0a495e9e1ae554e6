import CKernels
import COpenBLAS
import Foundation

/// Set-up and identity of the OpenBLAS library in use.
public enum BLASRuntime {
  /// Core type that OpenBLAS chose for this CPU, and whether larger products in single precision, or all products, go
  /// past it; products may differ in the last bits across these.
  public static var coreName: String {
    let own =
      switch gf_product_level() {
      case 4: " + AVX-512 single products"
      case 3: " + AVX2 products"
      default: ""
      }
    return String(cString: openblas_get_corename()) + own
  }

  /// Version and build options of OpenBLAS.
  public static var configuration: String { String(cString: openblas_get_config()) }

  /// Sets one BLAS thread per worker. Call once at start, before any product.
  ///
  /// - Returns: a message when the library is the OpenMP variant and cannot be held to one thread
  ///   (it ignores the setting on other threads unless `OMP_NUM_THREADS` is 1); nil when all is well.
  public static func useOneThread() -> String? {
    openblas_set_num_threads(1)
    let openMP: Int32 = 2
    if openblas_get_parallel() == openMP,
      ProcessInfo.processInfo.environment["OMP_NUM_THREADS"] != "1"
    {
      return
        "this OpenBLAS is the OpenMP variant, which ignores the one-thread setting; set OMP_NUM_THREADS=1 or install libopenblas0-pthread"
    }
    return nil
  }
}
