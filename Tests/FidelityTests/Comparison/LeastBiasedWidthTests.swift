import Fidelity
import Foundation
import Testing

/// `s*` of curves whose least point is known.
@Suite struct LeastBiasedWidthTests {
  private typealias Point = LeastBiasedWidth.Point

  private func points(
    _ widths: [Double], error: Double = 0, _ bias: (Double) -> Double
  ) -> [Point] {
    widths.map { Point(width: $0, value: bias($0), low: bias($0) - error, high: bias($0) + error) }
  }

  /// A parabola in `log s` is found as it is, wherever its least point lies between the widths.
  @Test(arguments: [0.6, 0.9, 1.3, 1.9]) func parabolasAreFound(_ least: Double) throws {
    let curve = points([4, 0.25, 1, 0.5, 2]) { 0.3 + pow(log($0 / least), 2) }
    let found = try #require(LeastBiasedWidth(curve))
    #expect(abs(try #require(found.width) - least) < 1e-12)
    let (low, high) = (try #require(found.low), try #require(found.high))
    #expect(low < least && least < high)
    #expect(found.bias == curve.map(\.value).min())
  }

  /// What errors do not tell apart widens the interval; the end of the list leaves it open.
  @Test func errorsAndEndsAreInTheInterval() throws {
    let bias: (Double) -> Double = { abs(log($0)) }
    let widths = [0.25, 0.5, 1, 2, 4]
    let sharp = try #require(LeastBiasedWidth(points(widths, bias)))
    #expect(sharp.low == 0.5 && sharp.high == 2)
    #expect(abs(try #require(sharp.width) - 1) < 1e-12)
    let blurred = try #require(LeastBiasedWidth(points(widths, error: 0.4, bias)))
    #expect(blurred.low == 0.25 && blurred.high == 4)
    let lost = try #require(LeastBiasedWidth(points(widths, error: 2, bias)))
    #expect(lost.low == nil && lost.high == nil && lost.width == nil)
    let falling = try #require(LeastBiasedWidth(points(widths) { 1 / $0 }))
    #expect(falling.low == 2 && falling.high == nil && falling.width == 4)
    let rising = try #require(LeastBiasedWidth(points(widths) { $0 }))
    #expect(rising.low == nil && rising.high == 0.5 && rising.width == 0.25)
  }

  @Test func thereIsNoneWithoutACurve() throws {
    let flat = points([1, 2, 3]) { _ in 0.5 }
    let own = LeastBiasedWidth(flat)
    #expect(own?.bias == 0.5 && own?.width == nil)
    #expect(LeastBiasedWidth(Array(flat.prefix(2))) == nil)
    #expect(LeastBiasedWidth(points([1, 1, 2]) { $0 }) == nil)
    #expect(LeastBiasedWidth(points([0, 1, 2]) { $0 }) == nil)
    #expect(LeastBiasedWidth(points([1, 2, 3]) { $0 == 2 ? .nan : $0 }) == nil)
    #expect(LeastBiasedWidth(points([1, 2, 3]) { $0 == 2 ? .infinity : $0 }) == nil)
    #expect(LeastBiasedWidth([]) == nil)
  }
}
