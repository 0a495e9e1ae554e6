import Discrete
import Tensors

/// The Gram matrices `G` of one row on every part beyond the logits, and the forms in them.
///
/// A network in single precision gets single-precision forms: its gradients carry no more digits,
/// and they take half the time and memory.
struct RowGrams: Sendable {
  private enum Matrices: Sendable {
    case single([[Float]])
    case double([[Double]])
  }

  private let matrices: Matrices
  /// `DK`.
  private let width: Int

  init(_ geometry: ScopeGeometry, row: Int) {
    width = geometry.shape.width
    let grams = geometry.rowGrams(row)
    matrices =
      geometry.isSinglePrecision ? .single(grams.map { $0.map { Float($0) } }) : .double(grams)
  }

  /// `sum_i g_i^T G g_i` of estimates `g[count][DK]` on every part, the logits (`G = I`) first.
  func traces(_ estimates: [Double]) -> [Double] {
    let square = ScopeGeometry.dots([estimates], [estimates])
    let count = estimates.count / width
    switch matrices {
    case .single(let grams):
      guard !grams.isEmpty else { return square }
      return square + Self.traces(estimates.map { Float($0) }, count, width, grams)
    case .double(let grams):
      guard !grams.isEmpty else { return square }
      return square + Self.traces(estimates, count, width, grams)
    }
  }

  private static func traces<Scalar: BLASScalar>(
    _ estimates: [Scalar], _ count: Int, _ width: Int, _ grams: [[Scalar]]
  ) -> [Double] {
    // G is symmetric: twice the upper triangle, less the diagonal.
    let moments = upperGram(estimates, rows: count, columns: width)
    return grams.map { gram in
      var diagonal = 0.0
      for index in stride(from: 0, to: gram.count, by: width + 1) {
        diagonal += Double(moments[index]) * Double(gram[index])
      }
      return 2 * Double(dot(gram, moments)) - diagonal
    }
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
    case .single(let grams):
      let single = vectors.map { Float($0) }
      for gram in grams {
        forms.append(
          Self.forms(
            single, images: matrixProduct(single, gram, m: count, n: width, k: width), count, width)
        )
      }
    case .double(let grams):
      for gram in grams {
        forms.append(
          Self.forms(
            vectors, images: matrixProduct(vectors, gram, m: count, n: width, k: width), count,
            width))
      }
    }
    return forms
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
  /// Appends the values of a further part.
  fileprivate mutating func append(_ part: RowGrams.Forms) {
    for index in withFirst.indices {
      withFirst[index] += part.withFirst[index]
      squares[index] += part.squares[index]
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

/// `sum_i a_i b_i`.
private func dot<Scalar: BLASScalar>(_ a: [Scalar], _ b: [Scalar]) -> Scalar {
  a.withUnsafeBufferPointer { a in
    b.withUnsafeBufferPointer { b in
      guard let x = a.baseAddress, let y = b.baseAddress else { return 0 }
      return Scalar.dot(a.count, x, y)
    }
  }
}
