import CKernels
import Foundation
import Tensors
import Testing

/// Kernels on draws side by side, against the formulas in float64 and at every level.
@Suite(.serialized) struct LaneKernelTests {
  private static let lanes = Int(GF_LANES)
  private let stream = RandomStream(key: RandomKey(seed: 81), row: 4, site: 1)

  private func normals(_ count: Int, from first: UInt64 = 0) -> [Float] {
    stream.normals(from: first, count: count)
  }

  private func codes(_ count: Int, below categories: Int) -> [Int32] {
    stream.uniforms(from: 90_000, count: count).map { Int32($0 * Float(categories)) }
  }

  /// Widths and counts with and without a rest beyond sixteen.
  @Test(arguments: [1, 15, 16, 33], [3, 16, 40])
  func tilesHoldDrawsSideBySide(count: Int, width: Int) {
    let rows = normals(count * width)
    let tiles = (count + Self.lanes - 1) / Self.lanes
    var lanes = [Float](repeating: -1, count: tiles * width * Self.lanes)
    gf_tiles_from_rows(rows, count, width, 7, &lanes)
    for draw in 0..<tiles * Self.lanes {
      for index in 0..<width {
        let found = lanes[(draw / Self.lanes * width + index) * Self.lanes + draw % Self.lanes]
        #expect(found == (draw < count ? rows[draw * width + index] : 7))
      }
    }
    var back = [Float](repeating: 0, count: rows.count)
    gf_rows_from_tiles(lanes, count, width, &back)
    #expect(back == rows)
  }

  /// One latent's draws of `categories` categories in two tiles, and what the rules make of them.
  private struct Layer {
    let size: gf_tiles
    let categories: Int
    let width: Int
    let stride: Int

    init(latents: Int, categories: Int) {
      self.categories = categories
      size = gf_tiles(latents: latents, k: categories, tiles: 2)
      width = latents * categories
      stride = 2 * LaneKernelTests.lanes
    }

    /// Place of coordinate `index` of a draw in tiles.
    func tile(_ draw: Int, _ index: Int, of width: Int) -> Int {
      (draw / LaneKernelTests.lanes * width + index) * LaneKernelTests.lanes
        + draw % LaneKernelTests.lanes
    }
  }

  private func distribution(_ width: Int, _ categories: Int, spread: Float) -> [Double] {
    var logs = normals(width, from: 50_000).map { Double(spread * $0) }
    VectorMath.logSoftmax(&logs, categories: categories)
    return logs
  }

  /// Both forms, from `1 / p` and from `log p`, and distributions so sharp that only the second serves. The
  /// tolerance is that of float32: a few 1e-6 of the value, or of 1.
  @Test(arguments: [1, 30] as [Float])
  func noiseIsThatOfTheConditionalDistribution(spread: Float) {
    let layer = Layer(latents: 3, categories: 5)
    let logs = distribution(layer.width, 5, spread: spread)
    let drawn = codes(layer.stride * 3, below: 5)
    let exponentials = stream.exponentials(from: 0, count: layer.stride * layer.width)
    let inverse = logs.map { Float(exp(-$0)) }
    for usesInverse in spread == 1 ? [true, false] : [false] {
      var noise = exponentials
      gf_lane_noise(layer.size, logs.map { Float($0) }, usesInverse ? inverse : nil, drawn, &noise)
      for draw in 0..<layer.stride {
        for index in 0..<layer.width {
          let x = Int(drawn[layer.tile(draw, index / 5, of: 3)])
          let place = layer.tile(draw, index, of: layer.width)
          let winner = exponentials[layer.tile(draw, index / 5 * 5 + x, of: layer.width)]
          let wanted =
            index % 5 == x
            ? 0 : -log1p(Double(exponentials[place]) / Double(winner) * exp(-logs[index]))
          #expect(abs(Double(noise[place]) - wanted) <= 4e-6 * max(1, abs(wanted)))
        }
      }
    }
  }

  @Test func sumsAreThoseOfTheFormulas() {
    let (lines, stride) = (5, 48)
    let x = normals(lines * stride)
    var sums = [Double](repeating: 1, count: lines)
    var squares = sums
    gf_line_sums(x, lines, stride, &sums, &squares)
    var total = 0.0
    gf_square_sum(x, x.count, &total)
    for line in 0..<lines {
      let own = x[line * stride..<(line + 1) * stride].map(Double.init)
      #expect(abs(sums[line] - 1 - own.reduce(0, +)) < 1e-13)
      #expect(abs(squares[line] - 1 - own.reduce(0) { $0 + $1 * $1 }) < 1e-12)
    }
    #expect(abs(total - x.reduce(0) { $0 + Double($1) * Double($1) }) < 1e-11)
  }

  /// Sizes with and without a rest beyond sixteen columns.
  @Test(arguments: [5, 16, 32, 45])
  func dotsWithTriangles(size: Int) {
    let (a, b) = (normals(size * size), normals(size * size, from: 9000))
    var triangle = normals(size * size, from: 20_000)
    for i in 0..<size { for j in 0..<i { triangle[i * size + j] = 0 } }
    var dots = [0.0, 0.0]
    gf_upper_dots(a, b, triangle, size, &dots)
    for (matrix, found) in zip([a, b], dots) {
      let terms = zip(matrix, triangle).map { Double($0) * Double($1) }
      #expect(abs(found - terms.reduce(0, +)) < 1e-6 * terms.reduce(0) { $0 + abs($1) })
    }
  }

  /// The kernels give the same bits at every level; what they compute is held against combine steps in
  /// float64 where estimators are measured.
  @Test(arguments: [(3, 2), (2, 5), (2, 16)])
  func levelsAgree(latents: Int, categories: Int) {
    let layer = Layer(latents: latents, categories: categories)
    let width = layer.width
    let logs = distribution(width, categories, spread: 2)
    let (single, inverse) = (logs.map { Float($0) }, logs.map { Float(exp(-$0)) })
    let points = logs.map { Float(exp($0)) }
    let drawn = codes(2 * layer.stride * latents, below: categories)
    let exponentials = stream.exponentials(from: 0, count: layer.stride * width)
    let gradients = normals(layer.stride * width, from: 30_000)
    let factors = normals(2 * layer.stride, from: 40_000)
    func all() -> [UInt32] {
      var results: [[Float]] = []
      func keep(_ fill: (inout [Float]) -> Void) {
        var out = [Float](repeating: 0, count: layer.stride * width)
        fill(&out)
        results.append(out)
      }
      var noise = exponentials
      gf_lane_noise(layer.size, single, inverse, drawn, &noise)
      results.append(noise)
      keep {
        $0 = exponentials
        gf_lane_noise(layer.size, single, nil, drawn, &$0)
      }
      keep { gf_lane_softmax(layer.size, noise, 0.7, nil, &$0) }
      for offsets in [nil, single] as [[Float]?] {
        keep {
          gf_lane_surrogate(
            layer.size, noise, 1.3, offsets, 0.4, gradients, &$0, layer.stride)
        }
      }
      keep {
        gf_lane_mixture(
          layer.size, points, 0.5, 2, points, -0.5, drawn, gradients, &$0, layer.stride)
      }
      keep {
        gf_lane_mixture(layer.size, points, 0, 3, nil, 0, drawn, gradients, &$0, layer.stride)
      }
      keep {
        gf_lane_capped(layer.size, points, points, 3, drawn, gradients, &$0, layer.stride)
      }
      keep { gf_lane_scores(layer.size, 2, drawn, factors, &$0, layer.stride) }
      keep { gf_tiles_from_rows(gradients, layer.stride, width, 0, &$0) }
      keep { gf_rows_from_tiles(gradients, layer.stride, width, &$0) }
      var doubles = [Double](repeating: 0, count: 2 * width + 3)
      gf_line_sums(gradients, width, layer.stride, &doubles, nil)
      gf_line_squares(gradients, width, layer.stride - 3, layer.stride, &doubles)
      gf_square_sum(gradients, gradients.count, &doubles[2 * width])
      var dots = [0.0, 0.0]
      gf_upper_dots(gradients, gradients, gradients, min(width, layer.stride), &dots)
      return results.flatMap { $0.map(\.bitPattern) }
        + (doubles + dots).flatMap {
          [
            UInt32(truncatingIfNeeded: $0.bitPattern >> 32),
            UInt32(truncatingIfNeeded: $0.bitPattern),
          ]
        }
    }
    defer { gf_set_level(0) }
    let byLevel = [Int32(1), 3, 4].map { level in
      gf_set_level(level)
      return all()
    }
    #expect(byLevel[0] == byLevel[1] && byLevel[0] == byLevel[2])
  }
}
