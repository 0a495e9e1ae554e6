import Foundation

/// Adaptive Gauss-Kronrod on many integrals over the line side by side: every lane has panels of its
/// own, and all panels that are to be refined are evaluated together.
///
/// Each lane integrates several terms at the same nodes. A panel stands where the 7-point Gauss rule
/// within the 15-point Kronrod rule differs from it by less than the tolerance of the lane; else it is
/// halved. Both rules are blind to what happens between their outermost node and the end of a panel, so a
/// jump next to an end is seen only if it *is* an end, or by a second call with other ends.
struct LaneQuadrature {
  /// Group of every term: the terms of a group are judged by the largest of them.
  let groups: [Int]
  /// Relative to the sum of a lane's panels by their size.
  let tolerance: Double
  /// Panels per lane after which all that are left stand as they are, with their error; nil: the lanes are
  /// given up where panels go on being halved.
  var mostPanels: Int?

  /// One line with its panels' first ends, in ascending order, and the absolute error of each group
  /// that is none.
  struct Lane {
    var ends: [Double]
    var floors: [Double]
  }

  /// Integrals and their errors, `[lanes][terms]`.
  struct Result {
    var values: [Double]
    /// What the two rules differ by, added up over the panels.
    var errors: [Double]
    /// Sums of the panels by their size.
    var sizes: [Double]
  }

  private static let deepest: Int16 = 48
  /// More panels of one lane at a time belong to an integrand that this rule does not serve.
  private static let panelLimit = 1 << 12
  /// Panels evaluated in one call.
  private static let batch = 512

  private struct Panel {
    var from: Double
    var to: Double
    var lane: Int
    var depth: Int16
  }

  /// - Parameter evaluate: the integrands at places of lanes, `[places][terms]`.
  /// - Returns: nil where a value is not finite, or where panels would be halved without end.
  func integrate(
    _ lanes: [Lane], _ evaluate: (_ lanes: [Int], _ places: [Double]) throws -> [Double]
  ) throws -> Result? {
    let terms = groups.count
    let groupCount = (groups.max() ?? 0) + 1
    var result = Result(
      values: [Double](repeating: 0, count: lanes.count * terms), errors: [], sizes: [])
    result.errors = result.values
    result.sizes = result.values
    var pending: [Panel] = []
    // Lane after lane of the first panels, then of the second ones: neighbours in a batch are of different
    // lanes.
    for index in 0..<(lanes.map(\.ends.count).max() ?? 1) - 1 {
      for (lane, line) in lanes.enumerated() where index + 1 < line.ends.count {
        pending.append(
          Panel(from: line.ends[index], to: line.ends[index + 1], lane: lane, depth: 0))
      }
    }
    let limit = Self.panelLimit * max(16, lanes.count)
    var taken = 0
    while !pending.isEmpty {
      guard pending.count <= limit else { return nil }
      taken += pending.count
      let isLast = mostPanels.map { taken > $0 * lanes.count } ?? false
      var kronrod = [Double](repeating: 0, count: pending.count * terms)
      var gauss = kronrod
      let batch = max(Self.batch, lanes.count)
      for start in stride(from: 0, to: pending.count, by: batch) {
        let range = start..<min(start + batch, pending.count)
        try integrate(pending[range], evaluate, at: start, &kronrod, &gauss)
      }
      guard kronrod.allSatisfy(\.isFinite) else { return nil }
      // The sizes that tolerances are relative to: panels that stand, and those at hand.
      var sizes = result.sizes
      for (index, panel) in pending.enumerated() {
        for term in 0..<terms {
          sizes[panel.lane * terms + term] += abs(kronrod[index * terms + term])
        }
      }
      var allowed = [Double](repeating: 0, count: lanes.count * groupCount)
      for lane in lanes.indices {
        for (term, group) in groups.enumerated() {
          let place = lane * groupCount + group
          allowed[place] = max(
            allowed[place], tolerance * sizes[lane * terms + term], lanes[lane].floors[group])
        }
      }
      var next: [Panel] = []
      for (index, panel) in pending.enumerated() {
        let stands =
          isLast
          || groups.indices.allSatisfy { term in
            abs(kronrod[index * terms + term] - gauss[index * terms + term])
              <= allowed[panel.lane * groupCount + groups[term]]
          }
        let middle = 0.5 * (panel.from + panel.to)
        if stands || panel.depth == Self.deepest || !(middle > panel.from && middle < panel.to) {
          for term in 0..<terms {
            let place = panel.lane * terms + term
            let (k, g) = (kronrod[index * terms + term], gauss[index * terms + term])
            result.values[place] += k
            result.errors[place] += abs(k - g)
            result.sizes[place] += abs(k)
          }
        } else {
          next.append(
            Panel(from: panel.from, to: middle, lane: panel.lane, depth: panel.depth + 1))
          next.append(Panel(from: middle, to: panel.to, lane: panel.lane, depth: panel.depth + 1))
        }
      }
      pending = next
    }
    return result
  }

  /// Both rules on some panels, whose sums are written from panel number `start`.
  private func integrate(
    _ panels: ArraySlice<Panel>,
    _ evaluate: (_ lanes: [Int], _ places: [Double]) throws -> [Double], at start: Int,
    _ kronrod: inout [Double], _ gauss: inout [Double]
  ) throws {
    let nodes = KronrodRule.nodes
    var lanes: [Int] = []
    var places: [Double] = []
    lanes.reserveCapacity(panels.count * nodes.count)
    places.reserveCapacity(panels.count * nodes.count)
    for panel in panels {
      let centre = 0.5 * (panel.from + panel.to)
      let half = 0.5 * (panel.to - panel.from)
      for node in nodes {
        lanes.append(panel.lane)
        places.append(centre + half * node)
      }
    }
    let values = try evaluate(lanes, places)
    let (weights, gaussWeights) = (KronrodRule.weights, KronrodRule.gaussWeights)
    let terms = groups.count
    var point = 0
    for (offset, panel) in panels.enumerated() {
      let half = 0.5 * (panel.to - panel.from)
      let to = (start + offset) * terms
      for node in nodes.indices {
        let (w, v) = (half * weights[node], half * gaussWeights[node])
        for term in 0..<terms {
          let value = values[point * terms + term]
          kronrod[to + term] += w * value
          gauss[to + term] += v * value
        }
        point += 1
      }
    }
  }
}
