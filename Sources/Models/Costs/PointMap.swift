import Discrete
import Tensors

/// A matrix `W` with `D K` columns applied to points: a gather-sum of its columns at one-hot
/// points, a dense product at soft ones.
struct PointMap: Sendable {
  let outputs: Int
  let latents: Int
  let categories: Int
  /// `W^T`, `[D K][outputs]`: the column of a category is contiguous.
  private let columns: [Double]

  /// - Parameter matrix: `W`, `[outputs][D K]`.
  init(_ matrix: [Double], outputs: Int, latents: Int, categories: Int) {
    let width = latents * categories
    precondition(matrix.count == outputs * width)
    self.outputs = outputs
    self.latents = latents
    self.categories = categories
    var columns = [Double](repeating: 0, count: matrix.count)
    for row in 0..<outputs {
      for column in 0..<width { columns[column * outputs + row] = matrix[row * width + column] }
    }
    self.columns = columns
  }

  /// `W`, `[outputs][D K]`.
  var matrix: [Double] {
    let width = latents * categories
    return (0..<outputs).flatMap { row in
      (0..<width).map { columns[$0 * outputs + row] }
    }
  }

  /// `W y + offset` of every point, `[count][outputs]`.
  ///
  /// Cost per point: `D outputs` additions at hard points, `2 D K outputs` flops at soft ones.
  func apply(_ points: CostPoints, count: Int, offset: [Double] = []) -> [Double] {
    switch points {
    case .hard(let codes):
      return gather(codes, count: count, offset: offset)
    case .soft(let points):
      var result = matrixProduct(points, columns, m: count, n: outputs, k: latents * categories)
      if !offset.isEmpty {
        for point in 0..<count {
          for output in 0..<outputs { result[point * outputs + output] += offset[output] }
        }
      }
      return result
    }
  }

  /// `W^T g` of every row of `g[count][outputs]`, `[count][D K]`. Cost: `2 count outputs D K` flops.
  func pullBack(_ g: [Double], count: Int) -> [Double] {
    matrixProduct(g, columns, m: count, n: latents * categories, k: outputs, transposeB: true)
  }

  private func gather(_ codes: [Int32], count: Int, offset: [Double]) -> [Double] {
    precondition(codes.count == count * latents)
    var result = [Double](repeating: 0, count: count * outputs)
    result.withUnsafeMutableBufferPointer { result in
      columns.withUnsafeBufferPointer { columns in
        for point in 0..<count {
          let out = UnsafeMutableBufferPointer(
            rebasing: result[point * outputs..<(point + 1) * outputs])
          if !offset.isEmpty {
            for output in 0..<outputs { out[output] = offset[output] }
          }
          for latent in 0..<latents {
            let category = latent * categories + Int(codes[point * latents + latent])
            let column = UnsafeBufferPointer(
              rebasing: columns[category * outputs..<(category + 1) * outputs])
            for output in 0..<outputs { out[output] += column[output] }
          }
        }
      }
    }
    return result
  }
}
