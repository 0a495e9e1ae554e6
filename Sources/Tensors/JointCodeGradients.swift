import CKernels

/// Sizes of a batch and of two dense layers with ReLUs behind them.
public struct GradientSizes: Sendable, Equatable {
  /// Rows `B` of the batch.
  public let rows: Int
  /// Inputs of the first layer.
  public let width: Int
  /// Outputs of the first and of the second layer.
  public let first: Int
  public let second: Int

  public init(rows: Int, width: Int, first: Int, second: Int) {
    precondition(rows >= 0 && width > 0 && first > 0 && second > 0)
    self.rows = rows
    self.width = width
    self.first = first
    self.second = second
  }

  var kernel: gf_gradient_sizes {
    gf_gradient_sizes(rows: rows, width: width, first: first, second: second)
  }
}

/// Derivatives at the input of two ReLU layers, for all rows of a batch at shared joint codes:
/// `h_b = W1 m1 W2 m2 (s - x_b)`, with the masks `m` and the vector `s` of a joint code and the vectors
/// `x_b` of the rows.
///
/// The Jacobian `W1 m1 W2 m2` is made once a joint code, and units that the joint code blocks take no part in
/// its products: `2 width a2 (a1 + B)` flops a joint code for `a1` and `a2` active units.
public struct JointCodeGradients<Scalar: LayerScalar>: ~Copyable {
  public let sizes: GradientSizes
  /// The weights and the rows' vectors in the order in which they are read.
  private let operands: UnsafeMutableBufferPointer<Scalar>
  private let active: UnsafeMutableBufferPointer<Int32>

  /// - Parameters:
  ///   - w1: `[width][first]`.
  ///   - w2: `[first][second]`.
  ///   - data: `x_b`, `[rows][second]`.
  public init(_ sizes: GradientSizes, w1: [Scalar], w2: [Scalar], data: [Scalar]) {
    precondition(
      w1.count == sizes.width * sizes.first && w2.count == sizes.first * sizes.second
        && data.count == sizes.rows * sizes.second)
    self.sizes = sizes
    // Whole cache lines, so that no vector lies across two.
    let bytes = UnsafeMutableRawBufferPointer.allocate(
      byteCount: Scalar.gradientOperands(sizes) * MemoryLayout<Scalar>.stride, alignment: 64)
    operands = bytes.bindMemory(to: Scalar.self)
    active = .allocate(capacity: sizes.first + sizes.second)
    if let operands = operands.baseAddress {
      Scalar.layOutGradients(sizes, w1: w1, w2: w2, data: data, operands)
    }
  }

  deinit {
    operands.deallocate()
    active.deallocate()
  }

  /// Writes `h_b` of each joint code at `out[b * stride + jointCode * width]`.
  ///
  /// - Parameters:
  ///   - first: outputs of the first layer's ReLUs, `[jointCodes][first]`: active where positive.
  ///   - second: of the second layer's, `[jointCodes][second]`.
  ///   - shared: `s`, `[jointCodes][second]`.
  ///   - out: at least `(B - 1) stride + jointCodes width` numbers.
  public mutating func write(
    jointCodes: Int, first: [Scalar], second: [Scalar], shared: [Scalar],
    into out: UnsafeMutablePointer<Scalar>, stride: Int
  ) {
    precondition(
      first.count == jointCodes * sizes.first && second.count == jointCodes * sizes.second
        && shared.count == second.count && stride >= jointCodes * sizes.width)
    guard let operands = operands.baseAddress, let active = active.baseAddress else { return }
    Scalar.writeGradients(
      sizes, operands, jointCodes, first, second, shared, active, into: out, stride: stride)
  }
}

extension Float {
  public static func gradientOperands(_ sizes: GradientSizes) -> Int {
    gf_gradient_operands_count_f32(sizes.kernel)
  }

  public static func layOutGradients(
    _ sizes: GradientSizes, w1: [Float], w2: [Float], data: [Float],
    _ operands: UnsafeMutablePointer<Float>
  ) {
    gf_gradient_operands_f32(sizes.kernel, w1, w2, data, operands)
  }

  public static func writeGradients(
    _ sizes: GradientSizes, _ operands: UnsafeMutablePointer<Float>, _ jointCodes: Int,
    _ first: [Float],
    _ second: [Float], _ shared: [Float], _ active: UnsafeMutablePointer<Int32>,
    into out: UnsafeMutablePointer<Float>, stride: Int
  ) {
    gf_joint_code_gradients_f32(
      sizes.kernel, operands, jointCodes, first, second, shared, active, out, stride)
  }
}

extension Double {
  public static func gradientOperands(_ sizes: GradientSizes) -> Int {
    gf_gradient_operands_count_f64(sizes.kernel)
  }

  public static func layOutGradients(
    _ sizes: GradientSizes, w1: [Double], w2: [Double], data: [Double],
    _ operands: UnsafeMutablePointer<Double>
  ) {
    gf_gradient_operands_f64(sizes.kernel, w1, w2, data, operands)
  }

  public static func writeGradients(
    _ sizes: GradientSizes, _ operands: UnsafeMutablePointer<Double>, _ jointCodes: Int,
    _ first: [Double], _ second: [Double], _ shared: [Double],
    _ active: UnsafeMutablePointer<Int32>, into out: UnsafeMutablePointer<Double>, stride: Int
  ) {
    gf_joint_code_gradients_f64(
      sizes.kernel, operands, jointCodes, first, second, shared, active, out, stride)
  }
}
