import CKernels
import Discrete
import Tensors

/// The Gram matrices `G` of one row on every part beyond the logits, and the forms in them.
///
/// A matrix of float32 numbers gets single-precision forms: its gradients carry no more digits, and they
/// take half the time and memory. Each matrix says so itself (`RowGram.precision`), and forms of every
/// precision are made of estimates in every precision.
struct RowGrams: Sendable {
  /// One part's Gram matrix.
  private enum Matrix: Sendable {
    /// A multiple of the unit matrix: what a layer's own weights have, whose output are the logits.
    case scale(Double)
    case single([Float])
    case double([Double])

    init(_ gram: RowGram, width: Int) {
      let values = gram.values
      let isScale = values.indices.allSatisfy {
        values[$0] == ($0 % (width + 1) == 0 ? values[0] : 0)
      }
      self =
        isScale
        ? .scale(values[0])
        : gram.precision == .single ? .single(values.map { Float($0) }) : .double(values)
    }
  }

  private let matrices: [Matrix]
  private let hasSingle: Bool
  private let hasDouble: Bool
  /// `DK`.
  private let width: Int
  /// `RowRounding.gram` of every part, the logits first.
  let bounds: [Double]

  /// - Throws: `DiscreteError.shape` for a pull-back whose matrices are not `DK x DK`, or not one a group.
  init(_ geometry: ScopeGeometry, row: Int) throws {
    let width = geometry.shape.width
    self.width = width
    let grams = geometry.grams(row)
    guard grams.count == geometry.partCount - 1,
      grams.allSatisfy({ $0.values.count == width * width })
    else {
      throw DiscreteError.shape(
        "a pull-back of \(geometry.partCount - 1) groups needs a Gram matrix of \(width) x \(width) numbers for each, found \(grams.map(\.values.count))"
      )
    }
    bounds = [1] + grams.map { RowRounding.gram($0.values, width: width) }
    matrices = grams.map { Matrix($0, width: width) }
    hasSingle = matrices.contains { if case .single = $0 { true } else { false } }
    hasDouble = matrices.contains { if case .double = $0 { true } else { false } }
  }

  /// Whether traces of estimates in float32 need room for their second moments.
  var needsMoments: Bool { hasSingle }

  /// `sum_i g_i^T G g_i` of estimates `g[count][DK]` on every part, the logits (`G = I`) first.
  func traces(_ estimates: [Double]) -> [Double] {
    let square = ScopeGeometry.dots([estimates], [estimates])[0]
    let count = estimates.count / width
    let single =
      hasSingle ? upperGram(estimates.map { Float($0) }, rows: count, columns: width) : []
    let double = hasDouble ? upperGram(estimates, rows: count, columns: width) : []
    return [square]
      + matrices.map { matrix in
        switch matrix {
        case .scale(let scale): scale * square
        case .single(let gram): Self.symmetricTrace(gram, single, width)
        case .double(let gram): Self.symmetricTrace(gram, double, width)
        }
      }
  }

  /// The same of estimates in float32, draws side by side in `lines[DK][stride]`.
  ///
  /// - Parameters:
  ///   - square: `sum_i |g_i|^2`.
  ///   - moments: room for `DK x DK` second moments, zeros below the diagonal; may be empty unless
  ///     `needsMoments`.
  func traces(
    lines: [Float], count: Int, stride: Int, square: Double, moments: inout [Float]
  ) -> [Double] {
    if hasSingle {
      addUpperLineGram(lines, n: width, count: count, stride: stride, beta: 0, to: &moments)
      // Both triangles of a symmetric form are twice one with half of its diagonal.
      for index in 0..<width { moments[index * (width + 1)] *= 0.5 }
    }
    let double = hasDouble ? doubleMoments(lines, count: count, stride: stride) : []
    var traces = [square]
    var waiting: (part: Int, gram: [Float])?
    for matrix in matrices {
      switch matrix {
      case .scale(let scale): traces.append(scale * square)
      case .double(let gram): traces.append(Self.symmetricTrace(gram, double, width))
      case .single(let gram):
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

  /// Second moments in float64 of `lines[DK][stride]`.
  private func doubleMoments(_ lines: [Float], count: Int, stride: Int) -> [Double] {
    var estimates = [Double](repeating: 0, count: count * width)
    for line in 0..<width {
      for draw in 0..<count {
        estimates[draw * width + line] = Double(lines[line * stride + draw])
      }
    }
    return upperGram(estimates, rows: count, columns: width)
  }

  private func upperDots(_ a: [Float], _ b: [Float], _ triangle: [Float]) -> [Double] {
    var dots = [0.0, 0.0]
    gf_upper_dots(a, b, triangle, width, &dots)
    return dots
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
    let singles = hasSingle ? vectors.map { Float($0) } : []
    let plain = forms
    for matrix in matrices {
      switch matrix {
      case .scale(let scale): forms.append(plain, scale: scale)
      case .single(let gram): forms.append(images(gram, singles, count))
      case .double(let gram): forms.append(images(gram, vectors, count))
      }
    }
    return forms
  }

  private func images<Scalar: BLASScalar>(
    _ gram: [Scalar], _ vectors: [Scalar], _ count: Int
  ) -> Forms {
    let images = matrixProduct(vectors, gram, m: count, n: width, k: width)
    return Self.forms(vectors, images: images, count, width)
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
