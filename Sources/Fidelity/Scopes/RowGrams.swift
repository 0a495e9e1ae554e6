import CKernels
import Discrete
import Tensors

/// The Gram matrices `G` of one row on every part beyond the logits, and the forms in them.
///
/// A network in single precision gets single-precision forms: its gradients carry no more digits,
/// and they take half the time and memory.
struct RowGrams: Sendable {
  /// One part's Gram matrix.
  private enum Matrix<Scalar: BLASScalar>: Sendable {
    /// A multiple of the unit matrix: what a layer's own weights have, whose output are the logits.
    case scale(Double)
    case full([Scalar])

    init(_ gram: [Double], width: Int) {
      let isScale = gram.indices.allSatisfy {
        gram[$0] == ($0 % (width + 1) == 0 ? gram[0] : 0)
      }
      self = isScale ? .scale(gram[0]) : .full(gram.map { Scalar($0) })
    }
  }

  private enum Matrices: Sendable {
    case single([Matrix<Float>])
    case double([Matrix<Double>])
  }

  private let matrices: Matrices
  /// `DK`.
  private let width: Int
  /// `RowRounding.gram` of every part, the logits first.
  let bounds: [Double]

  init(_ geometry: ScopeGeometry, row: Int) {
    let width = geometry.shape.width
    self.width = width
    let grams = geometry.rowGrams(row)
    bounds = [1] + grams.map { RowRounding.gram($0, width: width) }
    matrices =
      geometry.isSinglePrecision
      ? .single(grams.map { Matrix($0, width: width) })
      : .double(grams.map { Matrix($0, width: width) })
  }

  /// `sum_i g_i^T G g_i` of estimates `g[count][DK]` on every part, the logits (`G = I`) first.
  func traces(_ estimates: [Double]) -> [Double] {
    let square = ScopeGeometry.dots([estimates], [estimates])[0]
    let count = estimates.count / width
    switch matrices {
    case .single(let grams):
      guard !grams.isEmpty else { return [square] }
      return [square] + Self.traces(estimates.map { Float($0) }, count, width, grams, square)
    case .double(let grams):
      guard !grams.isEmpty else { return [square] }
      return [square] + Self.traces(estimates, count, width, grams, square)
    }
  }

  /// The same of estimates in float32, draws side by side in `lines[DK][stride]`.
  ///
  /// - Parameters:
  ///   - square: `sum_i |g_i|^2`.
  ///   - moments: room for `DK x DK` second moments, zeros below the diagonal.
  func traces(
    lines: [Float], count: Int, stride: Int, square: Double, moments: inout [Float]
  ) -> [Double] {
    guard case .single(let grams) = matrices, !grams.isEmpty else { return [square] }
    addUpperLineGram(lines, n: width, count: count, stride: stride, beta: 0, to: &moments)
    // Both triangles of a symmetric form are twice one with half of its diagonal.
    for index in 0..<width { moments[index * (width + 1)] *= 0.5 }
    var traces = [square]
    var waiting: (part: Int, gram: [Float])?
    for gram in grams {
      switch gram {
      case .scale(let scale): traces.append(scale * square)
      case .full(let gram):
        traces.append(0)
        guard let other = waiting else {
          waiting = (traces.count - 1, gram)
          continue
        }
        waiting = nil
        let dots = upperDots(other.gram, gram, moments)
        traces[other.part] = 2 * dots[0]
        traces[traces.count - 1] = 2 * dots[1]
      }
    }
    if let other = waiting {
      traces[other.part] = 2 * upperDots(other.gram, other.gram, moments)[0]
    }
    return traces
  }

  private func upperDots(_ a: [Float], _ b: [Float], _ triangle: [Float]) -> [Double] {
    var dots = [0.0, 0.0]
    gf_upper_dots(a, b, triangle, width, &dots)
    return dots
  }

  private static func traces<Scalar: BLASScalar>(
    _ estimates: [Scalar], _ count: Int, _ width: Int, _ grams: [Matrix<Scalar>], _ square: Double
  ) -> [Double] {
    let moments = upperGram(estimates, rows: count, columns: width)
    return grams.map { gram in
      switch gram {
      case .scale(let scale): scale * square
      case .full(let gram): symmetricTrace(gram, moments, width)
      }
    }
  }

  /// `tr(G C)` of symmetric matrices from their upper triangles.
  private static func symmetricTrace<Scalar: BLASScalar>(
    _ gram: [Scalar], _ moments: [Scalar], _ width: Int
  ) -> Double {
    var (triangle, diagonal) = (0.0, 0.0)
    gram.withUnsafeBufferPointer { gram in
      moments.withUnsafeBufferPointer { moments in
        guard let g = gram.baseAddress, let c = moments.baseAddress else { return }
        for row in 0..<width {
          let start = row * (width + 1)
          triangle += Double(Scalar.dot(width - row, g + start, c + start))
          diagonal += Double(g[start]) * Double(c[start])
        }
      }
    }
    return 2 * triangle - diagonal
  }

  /// Forms of several vectors on every part, the logits first.
  struct Forms {
    /// `v_0^T G v_i`, `[vector][part]`.
    var withFirst: [[Double]]
    /// `v_i^T G v_i`, `[vector][part]`.
    var squares: [[Double]]
  }

  /// The forms of `vectors[count][DK]`. Cost: `2 count (DK)^2` flops a part, in one product.
  func forms(_ vectors: [Double]) -> Forms {
    let count = vectors.count / width
    var forms = Self.forms(vectors, images: vectors, count, width)
    switch matrices {
    case .single(let grams): append(grams, vectors.map { Float($0) }, count, to: &forms)
    case .double(let grams): append(grams, vectors, count, to: &forms)
    }
    return forms
  }

  private func append<Scalar: BLASScalar>(
    _ grams: [Matrix<Scalar>], _ vectors: [Scalar], _ count: Int, to forms: inout Forms
  ) {
    let plain = forms
    for gram in grams {
      switch gram {
      case .scale(let scale):
        forms.append(plain, scale: scale)
      case .full(let gram):
        let images = matrixProduct(vectors, gram, m: count, n: width, k: width)
        forms.append(Self.forms(vectors, images: images, count, width))
      }
    }
  }

  private static func forms<Scalar: BLASScalar>(
    _ vectors: [Scalar], images: [Scalar], _ count: Int, _ width: Int
  ) -> Forms {
    var forms = Forms(withFirst: [], squares: [])
    vectors.withUnsafeBufferPointer { vectors in
      images.withUnsafeBufferPointer { images in
        guard let v = vectors.baseAddress, let w = images.baseAddress else { return }
        for index in 0..<count {
          forms.withFirst.append([Double(Scalar.dot(width, v + index * width, w))])
          forms.squares.append(
            [Double(Scalar.dot(width, v + index * width, w + index * width))])
        }
      }
    }
    return forms
  }
}

extension RowGrams.Forms {
  /// Appends `scale` times the first part of `forms` as a further part.
  fileprivate mutating func append(_ forms: RowGrams.Forms, scale: Double = 1) {
    for index in withFirst.indices {
      withFirst[index].append(scale * forms.withFirst[index][0])
      squares[index].append(scale * forms.squares[index][0])
    }
  }

  /// Adds the forms of another row.
  mutating func add(_ row: RowGrams.Forms) {
    for index in withFirst.indices {
      for part in withFirst[index].indices {
        withFirst[index][part] += row.withFirst[index][part]
        squares[index][part] += row.squares[index][part]
      }
    }
  }
}
