import Discrete
import Tensors

extension EncoderPullback: CoordinatePullback {
  /// Whether the lower layers' variances come from each row's `DK x DK` matrix of second moments.
  ///
  /// Flops of a row: `2 h2 (DK + h1)` a draw by backward passes, against `DK^2` a draw and
  /// `2 DK (h1 h2 + (h1 + h2) DK)` once.
  private func prefersOuter(draws: Int) -> Bool {
    let width = shape.width
    let (h2, h1) = (encoder.layers[2].inputs, encoder.layers[1].inputs)
    let direct = draws * 2 * h2 * (width + h1)
    let outer = draws * width * width + 2 * width * (h1 * h2 + (h1 + h2) * width)
    return outer < direct
  }

  public func squares(draws: Int) -> OutputSquares {
    let outer = prefersOuter(draws: draws)
    return OutputSquares(
      squares: outer
        ? []
        : encoder.layers.dropLast().map { [Double](repeating: 0, count: shape.rows * $0.outputs) },
      outer: outer ? [Float](repeating: 0, count: shape.count * shape.width) : [])
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func add(_ estimates: [Float], count: Int, to sums: inout OutputSquares) {
    precondition(estimates.count == shape.count * count)
    guard sums.outer.isEmpty else {
      addOuter(estimates, count: count, to: &sums.outer)
      return
    }
    var delta = estimates.map { Scalar($0) }
    for index in [2, 1] {
      delta = encoder.layers[index].inputGradient(delta, rows: shape.rows * count)
      Scalar.gatedSquares(
        &delta, gates: pass.inputs[index], count: count, columns: encoder.layers[index].inputs,
        sums: &sums.squares[index - 1])
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func parameterVariances(
    _ sums: [OutputSquares], logits: [(mean: [Double], variance: [Double])], draws: Int
  ) -> [[[Double]]] {
    var squares = sums.map(\.squares)
    if sums.contains(where: { !$0.outer.isEmpty }) { squares = expandedOuter(sums) }
    let inputSquares = pass.inputs.map { input in input.map { $0 * $0 } }
    return zip(squares, logits).map { squares, logits in
      let deltas = encoder.outputGradients(logits.mean.map { Scalar($0) }, pass)
      let count = Double(draws)
      var outputs = zip(squares, deltas).map { squares, means in
        zip(squares, means).map { square, mean in
          max(0, square - count * Double(mean) * Double(mean)) / (count - 1)
        }
      }
      outputs.append(logits.variance)
      return zip(encoder.layers, outputs).enumerated().map { index, pair in
        let (layer, variances) = pair
        let weights = matrixProduct(
          inputSquares[index], variances.map { Scalar($0) }, m: layer.inputs, n: layer.outputs,
          k: shape.rows, transposeA: true
        ).map { Double($0) }
        var biases = [Double](repeating: 0, count: layer.outputs)
        for position in variances.indices {
          biases[position % layer.outputs] += variances[position]
        }
        return weights + biases
      }
    }
  }

  /// Adds `sum_i g_i g_i^T` of every row.
  private func addOuter(_ estimates: [Float], count: Int, to outer: inout [Float]) {
    let width = shape.width
    estimates.withUnsafeBufferPointer { estimates in
      outer.withUnsafeMutableBufferPointer { outer in
        guard let g = estimates.baseAddress, let c = outer.baseAddress else { return }
        for row in 0..<shape.rows {
          Float.syrk(
            ofRows: false, n: width, k: count, alpha: 1, a: g + row * count * width, lda: width,
            beta: 1,
            c: c + row * width * width, ldc: width)
        }
      }
    }
  }

  /// `diag(J^T C J)` of the two lower layers, `[estimator][layer][B][outputs]`, with each row's
  /// Jacobian `J[DK][outputs]` formed once for all estimators.
  private func expandedOuter(_ sums: [OutputSquares]) -> [[[Double]]] {
    let width = shape.width
    var unit = [Scalar](repeating: 0, count: width * width)
    for index in 0..<width { unit[index * width + index] = 1 }
    var squares = sums.map { _ in [[Double]](repeating: [], count: 2) }
    for row in 0..<shape.rows {
      let jacobians = rowJacobians(row, unit)
      for (estimator, sums) in sums.enumerated() {
        var matrix = sums.outer[row * width * width..<(row + 1) * width * width].map { Scalar($0) }
        for i in 0..<width {
          for j in 0..<i { matrix[i * width + j] = matrix[j * width + i] }
        }
        for (index, jacobian) in zip([1, 0], jacobians) {
          let outputs = encoder.layers[index].outputs
          let image = matrixProduct(matrix, jacobian, m: width, n: outputs, k: width)
          squares[estimator][index] += Self.columnDots(image, jacobian, columns: outputs)
        }
      }
    }
    return squares
  }

  /// `dphi/d(output)` of the second and the first layer on one row, `[DK][outputs]`.
  private func rowJacobians(_ row: Int, _ unit: [Scalar]) -> [[Scalar]] {
    var delta = unit
    return [2, 1].map { index in
      let layer = encoder.layers[index]
      delta = layer.inputGradient(delta, rows: shape.width)
      var ignored = [Double](repeating: 0, count: layer.inputs)
      Scalar.gatedSquares(
        &delta, gates: Array(pass.inputs[index][row * layer.inputs..<(row + 1) * layer.inputs]),
        count: shape.width, columns: layer.inputs, sums: &ignored)
      return delta
    }
  }

  /// `sum_i a_ij b_ij` of every column `j`.
  private static func columnDots(_ a: [Scalar], _ b: [Scalar], columns: Int) -> [Double] {
    var sums = [Scalar](repeating: 0, count: columns)
    sums.withUnsafeMutableBufferPointer { sums in
      a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
          for start in stride(from: 0, to: a.count, by: columns) {
            for column in 0..<columns { sums[column] += a[start + column] * b[start + column] }
          }
        }
      }
    }
    return sums.map { Double($0) }
  }
}
