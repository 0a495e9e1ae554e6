import CKernels

/// A floating-point type with the elementwise steps of dense networks. The bits do not depend on
/// the CPU.
public protocol LayerScalar: BLASScalar {
  /// Sets to zero what a ReLU blocks: entries of `x` whose gate is not positive.
  static func gate(_ x: inout [Self], by gates: [Self])

  /// Adds `row` to each row of `y`, then takes `max(y, 0)` if `rectified` (NaN stays NaN).
  static func addRow(_ y: inout [Self], _ row: [Self], rectified: Bool)

  /// `1 / (1 + exp(-y)) - data[rows[i]]` for each row `i` of `y[rows][columns]`, in place.
  static func sigmoidResidual(_ y: inout [Self], data: [Self], rows: [Int32], columns: Int)

  /// `start + sum_d table[d categories + codes[r][d]]` of every row of codes, `[rows][columns]`, for
  /// a `table[latents categories][columns]`, and `max(y, 0)` of it if `rectified`. Codes must lie in
  /// `0..<categories`.
  static func gatheredSums(
    _ table: [Self], start: [Self], codes: [Int32], latents: Int, categories: Int,
    rectified: Bool
  ) -> [Self]

  /// Adds the sum of squares of the first `count` numbers of each line of `x[lines][stride]` to
  /// `squares[lines]`, in double across lanes.
  static func addLineSquares(
    _ x: [Self], count: Int, stride: Int, to squares: inout [Double])

  /// Numbers of the operands of `JointCodeGradients`.
  static func gradientOperands(_ sizes: GradientSizes) -> Int

  /// Lays out the operands of `JointCodeGradients`.
  static func layOutGradients(
    _ sizes: GradientSizes, w1: [Self], w2: [Self], data: [Self],
    _ operands: UnsafeMutablePointer<Self>)

  /// `JointCodeGradients.write`; `active` has room for a number of each unit.
  static func writeGradients(
    _ sizes: GradientSizes, _ operands: UnsafeMutablePointer<Self>, _ jointCodes: Int,
    _ first: [Self],
    _ second: [Self], _ shared: [Self], _ active: UnsafeMutablePointer<Int32>,
    into out: UnsafeMutablePointer<Self>, stride: Int)
}

/// Checks of the kernels' sizes.
enum LayerKernels {
  static func rows(_ count: Int, _ columns: Int) -> Int {
    guard count > 0 else { return 0 }
    precondition(columns > 0 && count % columns == 0, "the count must be whole rows")
    return count / columns
  }

  static func check(_ y: Int, _ data: Int, _ rows: [Int32], _ columns: Int) {
    precondition(columns > 0 && y == rows.count * columns && data % columns == 0)
    precondition(rows.allSatisfy { $0 >= 0 && Int($0) < data / columns }, "rows outside the data")
  }

  static func rows(
    _ codes: [Int32], _ table: Int, _ columns: Int, _ latents: Int, _ categories: Int
  ) -> Int {
    precondition(latents > 0 && codes.count % latents == 0)
    precondition(table == latents * categories * columns)
    precondition(
      codes.allSatisfy { $0 >= 0 && Int($0) < categories }, "codes must lie in 0..<categories")
    return codes.count / latents
  }
}

extension Float: LayerScalar {
  public static func gate(_ x: inout [Float], by gates: [Float]) {
    precondition(x.count == gates.count)
    let count = x.count
    gf_gate_f32(&x, gates, count)
  }

  public static func addRow(_ y: inout [Float], _ row: [Float], rectified: Bool) {
    let rows = LayerKernels.rows(y.count, row.count)
    gf_add_row_f32(&y, row, rows, row.count, rectified ? 1 : 0)
  }

  public static func sigmoidResidual(
    _ y: inout [Float], data: [Float], rows: [Int32], columns: Int
  ) {
    LayerKernels.check(y.count, data.count, rows, columns)
    gf_sigmoid_residual_f32(&y, data, rows, rows.count, columns)
  }

  public static func gatheredSums(
    _ table: [Float], start: [Float], codes: [Int32], latents: Int, categories: Int,
    rectified: Bool
  ) -> [Float] {
    let rows = LayerKernels.rows(codes, table.count, start.count, latents, categories)
    return [Float](unsafeUninitializedCapacity: rows * start.count) { buffer, initialized in
      gf_gather_sums_f32(
        table, start, codes, rows, latents, categories, start.count, rectified ? 1 : 0,
        buffer.baseAddress)
      initialized = rows * start.count
    }
  }

  public static func addLineSquares(
    _ x: [Float], count: Int, stride: Int, to squares: inout [Double]
  ) {
    precondition(count <= stride && x.count >= squares.count * stride)
    gf_line_squares(x, squares.count, count, stride, &squares)
  }
}

extension Double: LayerScalar {
  public static func gate(_ x: inout [Double], by gates: [Double]) {
    precondition(x.count == gates.count)
    let count = x.count
    gf_gate_f64(&x, gates, count)
  }

  public static func addRow(_ y: inout [Double], _ row: [Double], rectified: Bool) {
    let rows = LayerKernels.rows(y.count, row.count)
    gf_add_row_f64(&y, row, rows, row.count, rectified ? 1 : 0)
  }

  public static func sigmoidResidual(
    _ y: inout [Double], data: [Double], rows: [Int32], columns: Int
  ) {
    LayerKernels.check(y.count, data.count, rows, columns)
    gf_sigmoid_residual_f64(&y, data, rows, rows.count, columns)
  }

  public static func gatheredSums(
    _ table: [Double], start: [Double], codes: [Int32], latents: Int, categories: Int,
    rectified: Bool
  ) -> [Double] {
    let rows = LayerKernels.rows(codes, table.count, start.count, latents, categories)
    return [Double](unsafeUninitializedCapacity: rows * start.count) { buffer, initialized in
      gf_gather_sums_f64(
        table, start, codes, rows, latents, categories, start.count, rectified ? 1 : 0,
        buffer.baseAddress)
      initialized = rows * start.count
    }
  }

  public static func addLineSquares(
    _ x: [Double], count: Int, stride: Int, to squares: inout [Double]
  ) {
    precondition(count <= stride && x.count >= squares.count * stride)
    for line in squares.indices {
      for index in line * stride..<line * stride + count { squares[line] += x[index] * x[index] }
    }
  }
}
