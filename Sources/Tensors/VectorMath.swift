import CKernels

/// Elementwise and row-wise functions on whole arrays, in place.
///
/// The bits do not depend on the CPU: vector loops without fused multiply-add, sums in a fixed
/// order. Errors are given in units in the last place of the result.
public enum VectorMath {
  /// `exp(x)` within 1.2 units; subnormal results, 0 and infinity at the ends; NaN stays NaN.
  public static func exp(_ x: inout [Float]) {
    let count = x.count
    gf_exp_f32(&x, count)
  }

  /// `exp(x)` within 1.2 units; subnormal results, 0 and infinity at the ends; NaN stays NaN.
  public static func exp(_ x: inout [Double]) {
    let count = x.count
    gf_exp_f64(&x, count)
  }

  /// Natural logarithm within 1 unit; `-inf` at 0, NaN below 0.
  public static func log(_ x: inout [Float]) {
    let count = x.count
    gf_log_f32(&x, count)
  }

  /// Natural logarithm within 1 unit; `-inf` at 0, NaN below 0.
  public static func log(_ x: inout [Double]) {
    let count = x.count
    gf_log_f64(&x, count)
  }

  /// `1 / (1 + exp(-x))` within 3 units, without overflow at either end.
  public static func sigmoid(_ x: inout [Float]) {
    let count = x.count
    gf_sigmoid_f32(&x, count)
  }

  /// `1 / (1 + exp(-x))` within 3 units, without overflow at either end.
  public static func sigmoid(_ x: inout [Double]) {
    let count = x.count
    gf_sigmoid_f64(&x, count)
  }
}
