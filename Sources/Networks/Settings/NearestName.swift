/// Finds what a misspelt name was meant to be.
enum NearestName {
  /// "did you mean 'b'? title a, b, c", without the question where no candidate is near.
  static func advice(for name: String, among candidates: [String], title: String) -> String {
    let list = "\(title) \(candidates.joined(separator: ", "))"
    return nearest(to: name, among: candidates).map { "did you mean '\($0)'? \(list)" } ?? list
  }

  /// The candidate at the least distance, of at most a third of the longer name (at least 1); the
  /// first of equals. Letter case and `_` against `-` do not count.
  static func nearest(to name: String, among candidates: [String]) -> String? {
    // Nobody mistypes a longer name, and the cost is quadratic.
    guard !name.isEmpty, name.utf8.count <= 64 else { return nil }
    let wanted = plain(name)
    var best: (candidate: String, distance: Int)?
    for candidate in candidates {
      let other = plain(candidate)
      let found = distance(wanted, other)
      let near = found <= max(1, max(wanted.count, other.count) / 3)
      let swallowed = found > 0 && found >= min(wanted.count, other.count)
      if near, !swallowed, found < best?.distance ?? Int.max { best = (candidate, found) }
    }
    return best?.candidate
  }

  private static func plain(_ name: String) -> [Character] {
    name.lowercased().map { $0 == "_" ? "-" : $0 }
  }

  /// Least number of insertions, deletions, substitutions and swaps of neighbours.
  private static func distance(_ a: [Character], _ b: [Character]) -> Int {
    var rows = [Array(0...b.count)]
    for i in 0..<a.count {
      var row = [i + 1]
      for j in 0..<b.count {
        let change = rows[i][j] + (a[i] == b[j] ? 0 : 1)
        var least = min(change, rows[i][j + 1] + 1, row[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          least = min(least, rows[i - 1][j - 1] + 1)
        }
        row.append(least)
      }
      rows.append(row)
    }
    return rows[a.count][b.count]
  }
}
