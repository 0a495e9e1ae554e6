import Tensors

/// 28 x 28 images of pen strokes, made from a seed: image `i` depends on the seed and on `i` only.
///
/// Ten glyphs of two to four quadratic Bezier strokes each; an image is a glyph with its control
/// points shifted, its strokes thickened or thinned and its whole moved, drawn with soft edges.
public struct ProceduralImages: Sendable {
  public static let count = 10_000
  public static let side = 28

  private static let glyphCount = 10
  private static let maximumStrokes = 4
  /// Points at which a stroke is stamped; closer than a pixel apart.
  private static let stamps = 40

  private let key: RandomKey
  private let glyphs: [[Stroke]]

  /// One quadratic Bezier curve in pixel coordinates.
  private struct Stroke {
    var start: SIMD2<Double>
    var control: SIMD2<Double>
    var end: SIMD2<Double>
  }

  public init(seed: UInt64) {
    key = RandomKey(seed: seed).derived("procedural-images")
    let glyphKey = key.derived("glyphs")
    glyphs = (0..<Self.glyphCount).map { glyph in
      var noise = Noise(RandomStream(key: glyphKey, row: glyph, site: 0), count: 64)
      let strokes = 2 + Int(noise.next() * Double(Self.maximumStrokes - 1))
      var position = SIMD2(noise.next(6, 22), noise.next(6, 22))
      return (0..<strokes).map { _ in
        // Each stroke starts where the last one ended, like a pen that stays on the paper.
        let stroke = Stroke(
          start: position, control: SIMD2(noise.next(3, 25), noise.next(3, 25)),
          end: SIMD2(noise.next(5, 23), noise.next(5, 23)))
        position = stroke.end
        return stroke
      }
    }
  }

  /// Pixels of image `index`, `[28 * 28]`, 0 to 255. Cost: about 10 microseconds.
  public func image(_ index: Int) -> [UInt8] {
    var noise = Noise(RandomStream(key: key, row: index, site: 1), count: 64)
    let glyph = glyphs[Int(noise.next() * Double(Self.glyphCount))]
    let radius = noise.next(0.9, 1.6)
    let shift = SIMD2(noise.next(-2.5, 2.5), noise.next(-2.5, 2.5))
    var ink = [Double](repeating: 0, count: Self.side * Self.side)
    for stroke in glyph {
      var moved = stroke
      moved.start += shift + SIMD2(noise.next(-1.5, 1.5), noise.next(-1.5, 1.5))
      moved.control += shift + SIMD2(noise.next(-3, 3), noise.next(-3, 3))
      moved.end += shift + SIMD2(noise.next(-1.5, 1.5), noise.next(-1.5, 1.5))
      Self.draw(moved, radius: radius, into: &ink)
    }
    return ink.map { UInt8($0 * 255 + 0.5) }
  }

  private static func draw(_ stroke: Stroke, radius: Double, into ink: inout [Double]) {
    for stamp in 0...stamps {
      let t = Double(stamp) / Double(stamps)
      let toControl = stroke.start + t * (stroke.control - stroke.start)
      let toEnd = stroke.control + t * (stroke.end - stroke.control)
      let centre = toControl + t * (toEnd - toControl)
      let reach = radius + 0.5
      let rows = pixels(centre.y - reach, centre.y + reach)
      let columns = pixels(centre.x - reach, centre.x + reach)
      for row in rows {
        for column in columns {
          let dx = Double(column) + 0.5 - centre.x
          let dy = Double(row) + 0.5 - centre.y
          let covered = min(1, max(0, reach - (dx * dx + dy * dy).squareRoot()))
          ink[row * side + column] = max(ink[row * side + column], covered)
        }
      }
    }
  }

  /// Pixels whose centres may lie between two coordinates.
  private static func pixels(_ low: Double, _ high: Double) -> Range<Int> {
    let first = max(0, Int(low.rounded(.down)))
    let last = min(side, Int(high.rounded(.up)))
    return first..<max(first, last)
  }
}

/// Uniforms of one stream, taken one after the other.
private struct Noise {
  private let values: [Float]
  private var position = 0

  init(_ stream: RandomStream, count: Int) {
    values = stream.uniforms(from: 0, count: count)
  }

  mutating func next() -> Double {
    defer { position += 1 }
    return Double(values[position])
  }

  mutating func next(_ low: Double, _ high: Double) -> Double { low + (high - low) * next() }
}
