/// The lowest of several lines `a_k + b_k t`, from left to right.
enum LineEnvelope {
  /// Calls `body` with each line that is the lowest somewhere in `from...to`, and where; of equal ones the first.
  ///
  /// Cost: the number of lines for each one that is the lowest.
  static func forEach(
    _ a: UnsafeBufferPointer<Double>, _ b: UnsafeBufferPointer<Double>, from: Double, to: Double,
    _ body: (_ line: Int, _ from: Double, _ to: Double) -> Void
  ) {
    var current = lowest(a, b, at: from)
    var place = from
    while true {
      var next = current
      var end = to
      for line in a.indices where b[line] < b[current] {
        let crossing = max(place, (a[line] - a[current]) / (b[current] - b[line]))
        if crossing < end || (crossing == end && next != current && b[line] < b[next]) {
          (next, end) = (line, crossing)
        }
      }
      if end > place { body(current, place, end) }
      guard next != current else { return }
      (current, place) = (next, end)
    }
  }

  /// The line that is the lowest just right of `t`.
  private static func lowest(
    _ a: UnsafeBufferPointer<Double>, _ b: UnsafeBufferPointer<Double>, at t: Double
  ) -> Int {
    guard t > -.infinity else {
      return a.indices.dropFirst().reduce(0) {
        b[$1] > b[$0] || (b[$1] == b[$0] && a[$1] < a[$0]) ? $1 : $0
      }
    }
    return a.indices.dropFirst().reduce(0) {
      let (own, held) = (a[$1] + b[$1] * t, a[$0] + b[$0] * t)
      return own < held || (own == held && b[$1] < b[$0]) ? $1 : $0
    }
  }
}
