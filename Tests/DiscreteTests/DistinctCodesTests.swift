import Discrete
import Tensors
import Testing

/// Different codes and pairs of a block, against sets.
@Suite struct DistinctCodesTests {
  private func block(_ shape: LayerShape, draws: Int, seed: UInt64) -> CodeBlock {
    let count = shape.rows * draws * shape.latents
    let indices = RandomStream(key: RandomKey(seed: seed), row: 0, site: 0)
      .uniforms(from: 0, count: count).map { Int32($0 * Float(shape.categories)) }
    return CodeBlock(shape: shape, draws: draws, indices: indices)
  }

  /// Many repetitions, few, and a single latent.
  @Test(
    arguments: [
      LayerShape(rows: 7, latents: 3, categories: 2),
      LayerShape(rows: 5, latents: 40, categories: 8),
      LayerShape(rows: 3, latents: 1, categories: 4),
    ])
  func isTheSetOfCodes(shape: LayerShape) {
    let draws = 50
    let block = block(shape, draws: draws, seed: 4)
    let distinct = DistinctCodes(block)
    let latents = shape.latents
    func code(_ point: Int) -> [Int32] {
      Array(block.indices[point * latents..<(point + 1) * latents])
    }
    let points = 0..<shape.rows * draws
    #expect(distinct.count == Set(points.map(code)).count)
    #expect(distinct.pairCount == Set(points.map { [Int32($0 / draws)] + code($0) }).count)
    #expect(distinct.firstPair.last == distinct.pairCount)
    for point in points {
      let pair = Int(distinct.pairOfPoint[point])
      #expect(Int(distinct.pairRows[pair]) == point / draws)
      let index = (0..<distinct.count).first {
        distinct.firstPair[$0] <= pair && pair < distinct.firstPair[$0 + 1]
      }
      let own = index.map { Array(distinct.codes[$0 * latents..<($0 + 1) * latents]) }
      #expect(own == code(point))
    }
  }

  @Test func apartIsEveryPoint() {
    let block = block(LayerShape(rows: 3, latents: 2, categories: 2), draws: 4, seed: 5)
    let apart = DistinctCodes(apart: block)
    #expect(apart.codes == block.indices && apart.count == 12 && apart.pairCount == 12)
    #expect(apart.pairRows == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2])
    #expect(apart.pairOfPoint == Array(0..<12) && apart.firstPair == Array(0...12))
  }

  @Test func nothing() {
    let shape = LayerShape(rows: 2, latents: 2, categories: 2)
    let distinct = DistinctCodes(CodeBlock(shape: shape, draws: 0, indices: []))
    #expect(distinct.count == 0 && distinct.pairCount == 0)
  }
}
