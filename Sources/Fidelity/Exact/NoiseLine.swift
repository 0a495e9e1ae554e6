import Foundation

/// Ends of the first panels of an integral along one variable of the noise, a logistic one or the
/// difference of two perturbed logits.
///
/// Two sets of ends have no end in common but those that are known to matter, so that what the one is
/// blind to the other sees.
enum NoiseLine {
  enum Placement: CaseIterable { case first, second }

  /// The density is below `e^-40` beyond.
  static let reach = 40.0

  private static func offsets(_ placement: Placement) -> [Double] {
    switch placement {
    case .first:
      return [-40, -28, -19, -13, -9, -6, -3.5, -1.5, 0, 1.5, 3.5, 6, 9, 13, 19, 28, 40]
    case .second:
      return [
        -40, -31.3, -22.1, -15.4, -10.7, -7.3, -4.6, -2.4, -0.7, 0.83, 2.61, 4.9, 7.7, 11.2, 16.1,
        23.7,
        33.1, 40,
      ]
    }
  }

  private static func widths(_ placement: Placement) -> [Double] {
    switch placement {
    case .first: [-40, -16, -5, -1.5, 1.5, 5, 16, 40]
    case .second: [-51, -21, -8.3, -2.7, -0.31, 0.47, 3.1, 9.7, 23, 57]
    }
  }

  /// - Parameters:
  ///   - centres: of the density; the first of them bounds the line.
  ///   - crossings: where one perturbed logit overtakes another.
  ///   - width: within which estimates change there.
  ///   - breaks: where the integrand is not smooth.
  static func ends(
    centres: [Double], crossings: [Double], width: Double, breaks: [Double] = [],
    _ placement: Placement
  ) -> [Double] {
    let own = offsets(placement)
    var ends = centres.flatMap { centre in own.map { centre + $0 } }
    if width < 0.5 {
      let near = widths(placement)
      for crossing in crossings { ends += near.map { crossing + width * $0 } }
    }
    let low = (centres.min() ?? 0) - reach
    let high = (centres.max() ?? 0) + reach
    return joined(
      ends.filter { $0 > low && $0 < high } + [low, high], breaks.filter { $0 > low && $0 < high })
  }

  /// All ends in ascending order; those too near to a break give way to it.
  private static func joined(_ ends: [Double], _ breaks: [Double]) -> [Double] {
    let breaks = distinct(breaks.sorted(), 1e-13)
    return distinct(
      (ends.filter { end in
        breaks.allSatisfy { abs($0 - end) > 1e-6 * (1 + abs(end)) }
      } + breaks).sorted(), 1e-13)
  }

  private static func distinct(_ sorted: [Double], _ least: Double) -> [Double] {
    var result: [Double] = []
    for place in sorted where result.last.map({ place - $0 > least * (1 + abs(place)) }) ?? true {
      result.append(place)
    }
    return result
  }
}

/// Zeros of continuous functions along many lines at once.
struct LineZeros {
  /// Functions of every line.
  let functions: Int
  /// Their values at places of lines, `[places][functions]`.
  let values: (_ lines: [Int], _ places: [Double]) -> [Double]

  /// A sign change of one function along a line.
  struct Zero {
    var place: Double
    var function: Int
    var isRising: Bool
  }

  private struct Bracket {
    var line: Int
    var function: Int
    var low: Double
    var high: Double
    /// Values at both, the one that stays damped (Illinois).
    var atLow: Double
    var atHigh: Double
    var last = 0
    var isRising: Bool
    var isDone = false

    /// The next place: by false position, every third time the middle.
    func next(_ step: Int) -> Double {
      let middle = 0.5 * (low + high)
      guard step % 3 != 2 else { return middle }
      let place = low - atLow * (high - low) / (atHigh - atLow)
      return place > low && place < high ? place : middle
    }

    mutating func take(_ place: Double, _ value: Double) {
      if (value > 0) == isRising {
        if last == 1 { atLow *= 0.5 }
        (high, atHigh, last) = (place, value, 1)
      } else {
        if last == -1 { atHigh *= 0.5 }
        (low, atLow, last) = (place, value, -1)
      }
      let middle = 0.5 * (low + high)
      isDone =
        high - low <= 1e-15 * (1 + abs(middle)) || !(middle > low && middle < high)
        || !value.isFinite
    }
  }

  /// Those between neighbouring places of each line's grid where a sign changes, in ascending order. A
  /// pair of zeros within one step of the grid is not seen.
  func zeros(_ grids: [[Double]]) -> [[Zero]] {
    guard functions > 0 else { return grids.map { _ in [] } }
    let lines = grids.indices.flatMap { [Int](repeating: $0, count: grids[$0].count) }
    let all = values(lines, Array(grids.joined()))
    var brackets: [Bracket] = []
    var start = 0
    for (line, grid) in grids.enumerated() {
      for index in 1..<max(1, grid.count) {
        for function in 0..<functions {
          let low = all[(start + index - 1) * functions + function]
          let high = all[(start + index) * functions + function]
          guard (low > 0) != (high > 0), low.isFinite, high.isFinite else { continue }
          brackets.append(
            Bracket(
              line: line, function: function, low: grid[index - 1], high: grid[index],
              atLow: low, atHigh: high, isRising: high > 0))
        }
      }
      start += grid.count
    }
    // A third of the steps halve: enough for every bracket.
    for step in 0..<200 {
      let open = brackets.indices.filter { !brackets[$0].isDone }
      if open.isEmpty { break }
      let places = open.map { brackets[$0].next(step) }
      let found = values(open.map { brackets[$0].line }, places)
      for (index, bracket) in open.enumerated() {
        brackets[bracket].take(
          places[index], found[index * functions + brackets[bracket].function])
      }
    }
    var zeros = [[Zero]](repeating: [], count: grids.count)
    for bracket in brackets {
      zeros[bracket.line].append(
        Zero(
          place: 0.5 * (bracket.low + bracket.high), function: bracket.function,
          isRising: bracket.isRising))
    }
    return zeros.map { $0.sorted { $0.place < $1.place } }
  }

  /// Panel ends with places between them, where signs are looked at.
  static func grid(_ ends: [Double], parts: Int) -> [Double] {
    var grid: [Double] = []
    for index in 1..<max(1, ends.count) {
      for part in 0..<parts {
        grid.append(
          ends[index - 1] + (ends[index] - ends[index - 1]) * Double(part) / Double(parts))
      }
    }
    return grid + ends.suffix(1)
  }
}
