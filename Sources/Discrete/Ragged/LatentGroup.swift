/// The latents of one number of categories among those of a layer with `levels`, and the parts of arrays that
/// belong to them.
struct LatentGroup: Sendable, Equatable {
  /// In rising order.
  let latents: [Int]
  /// Categories of each.
  let size: Int
  /// Of the whole row.
  private let all: Int
  private let categories: Int

  /// The groups of a layer, in the order of their first latents.
  static func all(_ shape: LayerShape) -> [LatentGroup] {
    var sizes: [Int] = []
    for latent in 0..<shape.latents where !sizes.contains(shape.categories(of: latent)) {
      sizes.append(shape.categories(of: latent))
    }
    return sizes.map { size in
      LatentGroup(
        latents: (0..<shape.latents).filter { shape.categories(of: $0) == size }, size: size,
        all: shape.latents, categories: shape.categories)
    }
  }

  /// The layer of these latents.
  func shape(rows: Int) -> LayerShape {
    LayerShape(rows: rows, latents: latents.count, categories: size)
  }

  /// The row of these latents.
  func row(_ row: RowLogits) -> RowLogits {
    RowLogits(latents: latents.count, categories: size, values: vectors(row.values))
  }

  /// `[...][D'][K']` of an array `[...][D][K]`.
  func vectors(_ array: [Double]) -> [Double] {
    var part: [Double] = []
    part.reserveCapacity(array.count / (all * categories) * latents.count * size)
    for base in stride(from: 0, to: array.count, by: all * categories) {
      for latent in latents {
        let from = base + latent * categories
        part += array[from..<from + size]
      }
    }
    return part
  }

  /// Puts `[...][D'][K']` into the places of an array `[...][D][K]`.
  func put(_ part: [Double], into array: inout [Double]) {
    var next = 0
    for base in stride(from: 0, to: array.count, by: all * categories) {
      for latent in latents {
        let from = base + latent * categories
        for category in 0..<size {
          array[from + category] = part[next]
          next += 1
        }
      }
    }
  }

  /// `[...][D']` of an array `[...][D]`.
  func codes(_ array: [Int32]) -> [Int32] {
    var part: [Int32] = []
    part.reserveCapacity(array.count / all * latents.count)
    for base in stride(from: 0, to: array.count, by: all) {
      for latent in latents { part.append(array[base + latent]) }
    }
    return part
  }

  /// Puts `[...][D']` into the places of an array `[...][D]`.
  func put(_ part: [Int32], into array: inout [Int32]) {
    var next = 0
    for base in stride(from: 0, to: array.count, by: all) {
      for latent in latents {
        array[base + latent] = part[next]
        next += 1
      }
    }
  }

  /// `[count][shared + D' n']` of uniforms `[count][shared + D n]`, the first `n'` of the `n` of each latent.
  ///
  /// - Parameters:
  ///   - shared: uniforms of no latent.
  ///   - given: `n`, of each latent as they were drawn.
  ///   - used: `n'`.
  func uniforms(_ array: [Double], shared: Int, given: Int, used: Int) -> [Double] {
    guard !array.isEmpty else { return [] }
    var part: [Double] = []
    for base in stride(from: 0, to: array.count, by: shared + all * given) {
      part += array[base..<base + shared]
      for latent in latents {
        let from = base + shared + latent * given
        part += array[from..<from + used]
      }
    }
    return part
  }
}
