import Foundation

/// `s*`: the width of a smoothing at which an estimator is least biased, from its biases at several widths.
///
/// `s*` is the least point of a parabola in `log s` through the smallest bias and its two neighbours. The interval
/// reaches from the width below to the width above all those whose bias may be the smallest within its own interval:
/// it holds `s*` where the bias falls to one least value and rises from there.
public struct LeastBiasedWidth: Sendable, Equatable {
  /// The bias at one width, with its interval.
  public struct Point: Sendable, Equatable {
    public let width: Double
    public let value: Double
    public let low: Double
    public let high: Double

    public init(width: Double, value: Double, low: Double, high: Double) {
      self.width = width
      self.value = value
      self.low = low
      self.high = high
    }
  }

  /// `s*`, in the unit of the widths; nil where any of them may have the smallest bias.
  public let width: Double?
  /// The interval's lower end; nil where the bias may still fall below the smallest width.
  public let low: Double?
  /// Its upper end; nil where the bias may still fall above the largest.
  public let high: Double?
  /// The smallest of the biases that were measured.
  public let bias: Double

  /// Nil for fewer than three widths, or biases that are missing.
  ///
  /// - Parameter points: in any order; widths above 0, each once.
  public init?(_ points: [Point]) {
    let points = points.sorted { $0.width < $1.width }
    let isKnown = points.allSatisfy {
      $0.width > 0 && $0.value.isFinite && !$0.low.isNaN && !$0.high.isNaN
    }
    guard points.count > 2, isKnown,
      zip(points, points.dropFirst()).allSatisfy({ $0.width < $1.width }),
      let best = points.indices.min(by: { points[$0].value < points[$1].value }),
      let bound = points.map(\.high).min()
    else { return nil }
    bias = points[best].value
    let open = points.indices.filter { points[$0].low <= bound || $0 == best }
    let (first, last) = (open[0], open[open.count - 1])
    low = first > 0 ? points[first - 1].width : nil
    high = last < points.count - 1 ? points[last + 1].width : nil
    guard first > 0 || last < points.count - 1 else {
      width = nil
      return
    }
    guard best > 0, best < points.count - 1 else {
      width = points[best].width
      return
    }
    let near = (best - 1...best + 1).map { (x: log(points[$0].width), y: points[$0].value) }
    let left = (near[1].y - near[0].y) / (near[1].x - near[0].x)
    let right = (near[2].y - near[1].y) / (near[2].x - near[1].x)
    // The slope of the parabola is 0 between the middles of both pairs.
    let middles = ((near[0].x + near[1].x) / 2, (near[1].x + near[2].x) / 2)
    width =
      right > left
      ? exp(middles.0 - left * (middles.1 - middles.0) / (right - left)) : points[best].width
  }
}
