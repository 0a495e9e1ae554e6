import Discrete
import Networks
import Tensors

extension EncoderPullback: CoordinatePullback {
  public func rowPullback(_ row: Int, draws: Int) -> any RowPullback {
    EncoderRow(self, row: row, keepsOuter: prefersOuter(draws: draws))
  }

  /// Whether the lower layers' variances come from each row's `DK x DK` matrix of second moments.
  ///
  /// Flops of a row with half of its units active: `h2 (DK + h1 / 2)` a draw by backward passes,
  /// against `DK^2` a draw and `DK (h1 h2 / 2 + (h1 + h2) DK)` once.
  private func prefersOuter(draws: Int) -> Bool {
    let width = shape.width
    let (h2, h1) = (encoder.layers[2].inputs, encoder.layers[1].inputs)
    let direct = draws * h2 * (width + h1 / 2)
    let outer = draws * width * width + width * (h1 * h2 / 2 + (h1 + h2) * width)
    return outer < direct
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func parameterVariances(
    _ rows: [OutputSquares], logits: (mean: [Double], variance: [Double]), draws: Int
  ) -> [[Double]] {
    let deltas = encoder.outputGradients(logits.mean.map { Scalar($0) }, pass)
    let count = Double(draws)
    var outputs: [[Double]] = []
    for (group, means) in deltas.dropLast().enumerated() {
      var variances = rows.flatMap { $0.squares[group] }
      for index in variances.indices {
        let mean = Double(means[index])
        variances[index] = max(0, variances[index] - count * mean * mean) / (count - 1)
      }
      outputs.append(variances)
    }
    outputs.append(logits.variance)
    return zip(encoder.layers, outputs).enumerated().map { index, pair in
      let (layer, variances) = pair
      let weights = matrixProduct(
        pass.inputs[index].map { $0 * $0 }, variances.map { Scalar($0) }, m: layer.inputs,
        n: layer.outputs, k: shape.rows, transposeA: true)
      var parameters = [Double](repeating: 0, count: layer.parameterCount)
      for position in weights.indices { parameters[position] = Double(weights[position]) }
      for position in variances.indices {
        parameters[weights.count + position % layer.outputs] += variances[position]
      }
      return parameters
    }
  }
}

/// The backward pass of one row.
private struct EncoderRow<Scalar: NetworkScalar>: RowPullback {
  private let pullback: EncoderPullback<Scalar>
  private let row: Int
  /// `DK`.
  private let width: Int
  /// Nil where second moments of the logit gradient are kept.
  private let weights: ActiveWeights<Scalar>?

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  init(_ pullback: EncoderPullback<Scalar>, row: Int, keepsOuter: Bool) {
    self.pullback = pullback
    self.row = row
    width = pullback.shape.width
    weights = keepsOuter ? nil : ActiveWeights(pullback, row: row)
  }

  /// Outputs of the first and the second layer.
  private var outputs: [Int] { pullback.encoder.layers.dropLast().map(\.outputs) }

  var noSquares: OutputSquares {
    OutputSquares(
      squares: weights == nil ? [] : outputs.map { [Double](repeating: 0, count: $0) },
      outer: weights == nil ? [Float](repeating: 0, count: width * width) : [])
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func add(_ estimates: [Float], count: Int, stride: Int, to sums: inout OutputSquares) {
    precondition(count <= stride && estimates.count >= width * stride)
    guard let weights else {
      addUpperLineGram(
        estimates, n: width, count: count, stride: stride, beta: 1, to: &sums.outer)
      return
    }
    let upperDeltas = product(
      weights.upper.weights, lines: weights.upper.units.count, Scalar.numbers(estimates),
      inner: width, count, stride)
    add(upperDeltas, weights.upper.units, count, stride, to: &sums.squares[1])
    let lowerDeltas = product(
      weights.lower.weights, lines: weights.lower.units.count, upperDeltas,
      inner: weights.upper.units.count, count, stride)
    add(lowerDeltas, weights.lower.units, count, stride, to: &sums.squares[0])
  }

  /// `diag(J C J^T)` of the two lower layers' outputs with the Jacobians `J[active][DK]`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func finish(_ sums: inout [OutputSquares]) {
    guard weights == nil else { return }
    let active = ActiveWeights(pullback, row: row)
    let (upper, lower) = (active.upper, active.lower)
    let jacobians = [active.lowerJacobian, upper.weights]
    for estimator in sums.indices {
      var matrix = Scalar.numbers(sums[estimator].outer)
      for i in 0..<width {
        for j in 0..<i { matrix[i * width + j] = matrix[j * width + i] }
      }
      sums[estimator] = OutputSquares(
        squares: zip(jacobians, [lower.units, upper.units]).enumerated().map { index, pair in
          let (jacobian, units) = pair
          let image = matrixProduct(
            jacobian, matrix, m: jacobian.count / width, n: width, k: width)
          var squares = [Double](repeating: 0, count: outputs[index])
          guard !image.isEmpty else { return squares }
          image.withUnsafeBufferPointer { image in
            jacobian.withUnsafeBufferPointer { jacobian in
              guard let x = image.baseAddress, let y = jacobian.baseAddress else { return }
              for (line, unit) in units.enumerated() {
                squares[unit] = Double(Scalar.dot(width, x + line * width, y + line * width))
              }
            }
          }
          return squares
        }, outer: [])
    }
  }

  /// `A B` for `A[lines][inner]` and draws side by side in `B[inner][stride]`.
  private func product(
    _ a: [Scalar], lines: Int, _ b: [Scalar], inner: Int, _ count: Int, _ stride: Int
  ) -> [Scalar] {
    [Scalar](unsafeUninitializedCapacity: lines * stride) { buffer, initialized in
      a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
          guard lines > 0, let c = buffer.baseAddress else { return }
          guard inner > 0, let a = a.baseAddress, let b = b.baseAddress else {
            buffer.initialize(repeating: 0)
            return
          }
          Scalar.gemm(
            transposeA: false, transposeB: false, m: lines, n: count, k: inner, alpha: 1, a: a,
            lda: inner, b: b, ldb: stride, beta: 0, c: c, ldc: stride)
          for line in 0..<lines {
            (c + line * stride + count).initialize(repeating: 0, count: stride - count)
          }
        }
      }
      initialized = lines * stride
    }
  }

  private func add(
    _ deltas: [Scalar], _ units: [Int], _ count: Int, _ stride: Int, to sums: inout [Double]
  ) {
    var squares = [Double](repeating: 0, count: units.count)
    Scalar.addLineSquares(deltas, count: count, stride: stride, to: &squares)
    for (line, unit) in units.enumerated() { sums[unit] += squares[line] }
  }
}
