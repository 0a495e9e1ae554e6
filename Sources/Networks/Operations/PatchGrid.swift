/// The patches of an image that a kernel visits: `rows x columns` places, `stride` apart, on the
/// image with `padding` zeros around it.
struct PatchGrid: Sendable, Equatable {
  let channels: Int
  let height: Int
  let width: Int
  let kernel: Int
  let stride: Int
  let padding: Int
  let rows: Int
  let columns: Int

  /// Places of the kernel.
  var places: Int { rows * columns }
  /// Numbers of a patch.
  var patch: Int { channels * kernel * kernel }
  /// Numbers of the image.
  var pixels: Int { channels * height * width }

  /// Columns `x` of places whose pixel `x stride + shift - padding` lies inside the width.
  func inside(_ shift: Int) -> Range<Int> {
    let first = max(0, (padding - shift + stride - 1) / stride)
    let end = shift - padding >= width ? 0 : (width - 1 - shift + padding) / stride + 1
    let last = min(columns, end)
    return first..<max(first, last)
  }
}

extension PatchGrid {
  /// Patches of an image as columns: `patches[channel][i][j][place]` is the pixel that entry `i, j`
  /// of the kernel meets there, 0 outside the image.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func gather<Scalar: NetworkScalar>(
    _ image: UnsafePointer<Scalar>, into patches: UnsafeMutablePointer<Scalar>
  ) {
    var line = patches
    for channel in 0..<channels {
      for i in 0..<kernel {
        for j in 0..<kernel {
          let inside = inside(j)
          let first = inside.lowerBound * stride + j - padding
          for row in 0..<rows {
            let y = row * stride + i - padding
            let met = y >= 0 && y < height ? inside : 0..<0
            line.update(repeating: 0, count: met.lowerBound)
            (line + met.upperBound).update(repeating: 0, count: columns - met.upperBound)
            if !met.isEmpty {
              let from = image + ((channel * height + y) * width + first)
              let to = line + met.lowerBound
              if stride == 1 {
                to.update(from: from, count: met.count)
              } else {
                for index in 0..<met.count { to[index] = from[index * stride] }
              }
            }
            line += columns
          }
        }
      }
    }
  }

  /// Adds every entry of the patches to its pixel: the transpose of `gather`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func scatter<Scalar: NetworkScalar>(
    _ patches: UnsafePointer<Scalar>, addingTo image: UnsafeMutablePointer<Scalar>
  ) {
    var line = patches
    for channel in 0..<channels {
      for i in 0..<kernel {
        for j in 0..<kernel {
          let inside = inside(j)
          let first = inside.lowerBound * stride + j - padding
          for row in 0..<rows {
            let y = row * stride + i - padding
            if y >= 0, y < height, !inside.isEmpty {
              let to = image + ((channel * height + y) * width + first)
              let from = line + inside.lowerBound
              if stride == 1 {
                for index in 0..<inside.count { to[index] += from[index] }
              } else {
                for index in 0..<inside.count { to[index * stride] += from[index] }
              }
            }
            line += columns
          }
        }
      }
    }
  }
}

/// `K` filters over the patches of one image after another, as products of BLAS.
///
/// The filters are `[filters][patch]`, answers `[filters][places]`, images
/// `[channels][height][width]`.
struct PatchProducts: Sendable, Equatable {
  let grid: PatchGrid
  let filters: Int

  /// Answers of all filters on every image, `[rows][filters][places]`: `W patches(x)`.
  func answers<Scalar: NetworkScalar>(_ images: [Scalar], _ weight: [Scalar], rows: Int) -> [Scalar]
  {
    var result = [Scalar](repeating: 0, count: rows * filters * grid.places)
    var patches = [Scalar](repeating: 0, count: grid.patch * grid.places)
    withPointers(images, weight, &patches, &result) { images, weight, patches, result in
      for row in 0..<rows {
        grid.gather(images + row * grid.pixels, into: patches)
        Scalar.gemm(
          transposeA: false, transposeB: false, m: filters, n: grid.places, k: grid.patch,
          alpha: 1, a: weight, lda: grid.patch, b: patches, ldb: grid.places, beta: 0,
          c: result + row * filters * grid.places, ldc: grid.places)
      }
    }
    return result
  }

  /// The transpose of `answers` in the images: `sum patches^T(W^T a)`, `[rows][channels][h][w]`.
  func images<Scalar: NetworkScalar>(_ answers: [Scalar], _ weight: [Scalar], rows: Int) -> [Scalar]
  {
    var result = [Scalar](repeating: 0, count: rows * grid.pixels)
    var patches = [Scalar](repeating: 0, count: grid.patch * grid.places)
    withPointers(answers, weight, &patches, &result) { answers, weight, patches, result in
      for row in 0..<rows {
        Scalar.gemm(
          transposeA: true, transposeB: false, m: grid.patch, n: grid.places, k: filters,
          alpha: 1, a: weight, lda: grid.patch, b: answers + row * filters * grid.places,
          ldb: grid.places, beta: 0, c: patches, ldc: grid.places)
        grid.scatter(patches, addingTo: result + row * grid.pixels)
      }
    }
    return result
  }

  /// `scale sum_rows a patches(x)^T`: the gradient at the filters, `[filters][patch]`, for answers
  /// `a`.
  func filterGradient<Scalar: NetworkScalar>(
    _ images: [Scalar], _ answers: [Scalar], rows: Int, scale: Scalar
  ) -> [Scalar] {
    var result = [Scalar](repeating: 0, count: filters * grid.patch)
    var patches = [Scalar](repeating: 0, count: grid.patch * grid.places)
    withPointers(images, answers, &patches, &result) { images, answers, patches, result in
      for row in 0..<rows {
        grid.gather(images + row * grid.pixels, into: patches)
        Scalar.gemm(
          transposeA: false, transposeB: true, m: filters, n: grid.patch, k: grid.places,
          alpha: scale, a: answers + row * filters * grid.places, lda: grid.places, b: patches,
          ldb: grid.places, beta: 1, c: result, ldc: grid.patch)
      }
    }
    return result
  }

  private func withPointers<Scalar>(
    _ a: [Scalar], _ b: [Scalar], _ c: inout [Scalar], _ d: inout [Scalar],
    _ body: (
      UnsafePointer<Scalar>, UnsafePointer<Scalar>, UnsafeMutablePointer<Scalar>,
      UnsafeMutablePointer<Scalar>
    ) -> Void
  ) {
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        c.withUnsafeMutableBufferPointer { c in
          d.withUnsafeMutableBufferPointer { d in
            if let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress,
              let d = d.baseAddress
            {
              body(a, b, c, d)
            }
          }
        }
      }
    }
  }
}

/// Adds `biases[channel]` to every number of its plane in `values[rows][channels][plane]`.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func addByChannel<Scalar: NetworkScalar>(
  _ biases: [Scalar], to values: inout [Scalar], plane: Int
) {
  values.withUnsafeMutableBufferPointer { values in
    var channel = 0
    for start in stride(from: 0, to: values.count, by: plane) {
      let bias = biases[channel]
      for index in start..<start + plane { values[index] += bias }
      channel = channel + 1 == biases.count ? 0 : channel + 1
    }
  }
}

/// `scale` times the sums of `values[rows][channels][plane]` by channel.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func channelSums<Scalar: NetworkScalar>(
  _ values: [Scalar], channels: Int, plane: Int, scale: Scalar
) -> [Scalar] {
  var sums = [Scalar](repeating: 0, count: channels)
  var channel = 0
  for start in stride(from: 0, to: values.count, by: plane) {
    var sum: Scalar = 0
    for index in start..<start + plane { sum += values[index] }
    sums[channel] += scale * sum
    channel = channel + 1 == channels ? 0 : channel + 1
  }
  return sums
}
