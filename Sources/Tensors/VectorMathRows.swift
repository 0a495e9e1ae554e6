import CKernels

extension VectorMath {
  /// Softmax of each row of `categories`: `exp(x - max) / sum exp(x - max)`.
  ///
  /// `-inf` gives 0; a row must have a finite maximum, or it becomes NaN.
  public static func softmax(_ x: inout [Float], categories: Int) {
    let rows = rowCount(x.count, categories)
    gf_softmax_f32(&x, rows, categories)
  }

  /// Softmax of each row of `categories`: `exp(x - max) / sum exp(x - max)`.
  ///
  /// `-inf` gives 0; a row must have a finite maximum, or it becomes NaN.
  public static func softmax(_ x: inout [Double], categories: Int) {
    let rows = rowCount(x.count, categories)
    gf_softmax_f64(&x, rows, categories)
  }

  /// Log-softmax of each row of `categories`: `x - max - log sum exp(x - max)`.
  ///
  /// `-inf` stays; a row must have a finite maximum, or it becomes NaN.
  public static func logSoftmax(_ x: inout [Float], categories: Int) {
    let rows = rowCount(x.count, categories)
    gf_log_softmax_f32(&x, rows, categories)
  }

  /// Log-softmax of each row of `categories`: `x - max - log sum exp(x - max)`.
  ///
  /// `-inf` stays; a row must have a finite maximum, or it becomes NaN.
  public static func logSoftmax(_ x: inout [Double], categories: Int) {
    let rows = rowCount(x.count, categories)
    gf_log_softmax_f64(&x, rows, categories)
  }

  /// `sum_j log(1 + exp(y_j))` over each row of `columns`: the negative log-normaliser of
  /// independent Bernoulli variables with logits `y`.
  ///
  /// In 16 lanes by column: 32 terms of a lane are added in `Float`, with one logarithm between them,
  /// the rest in `Double`. `columns` must be positive unless `y` is empty.
  public static func softplusRowSums(_ y: [Float], columns: Int) -> [Double] {
    let rows = rowCount(y.count, columns)
    return [Double](unsafeUninitializedCapacity: rows) { buffer, initialized in
      gf_softplus_row_sums_f32(y, rows, columns, buffer.baseAddress)
      initialized = rows
    }
  }

  /// `sum_j log(1 + exp(y_j))` over each row of `columns`: the negative log-normaliser of
  /// independent Bernoulli variables with logits `y`.
  ///
  /// In 16 lanes by column: 32 terms of a lane are added in `Double`, with one logarithm between them,
  /// the rest in `Double`. `columns` must be positive unless `y` is empty.
  public static func softplusRowSums(_ y: [Double], columns: Int) -> [Double] {
    let rows = rowCount(y.count, columns)
    return [Double](unsafeUninitializedCapacity: rows) { buffer, initialized in
      gf_softplus_row_sums_f64(y, rows, columns, buffer.baseAddress)
      initialized = rows
    }
  }

  private static func rowCount(_ count: Int, _ width: Int) -> Int {
    guard count > 0 else { return 0 }
    precondition(width > 0 && count % width == 0, "the count must be a multiple of the row width")
    return count / width
  }
}
