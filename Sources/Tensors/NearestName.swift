/// Finds what a misspelt name was meant to be.
public enum NearestName {
  /// Names longer than this are not compared: nobody mistypes them, and the cost is quadratic.
  private static let longest = 64

  /// The candidate nearest to `name`, or nil where none is near enough.
  ///
  /// Letter case and `_` against `-` do not count. A candidate is near at a distance of at most a
  /// third of the longer name (at least 1), or where `name` (three letters or more) begins it and
  /// no other. Of equally near candidates the first wins. Cost: one distance per candidate.
  public static func nearest(to name: String, among candidates: [String]) -> String? {
    guard !name.isEmpty, name.utf8.count <= longest else { return nil }
    let wanted = plain(name)
    var best: (candidate: String, distance: Int)?
    for candidate in candidates where candidate.utf8.count <= longest {
      let other = plain(candidate)
      let found = distance(wanted, other)
      let cutoff = max(1, max(wanted.count, other.count) / 3)
      let swallowed = found >= min(wanted.count, other.count)
      if found <= cutoff, found == 0 || !swallowed, found < best?.distance ?? Int.max {
        best = (candidate, found)
      }
    }
    if let best { return best.candidate }
    let begun = candidates.filter { plain($0).hasPrefix(wanted) }
    return wanted.count >= 3 && begun.count == 1 ? begun.first : nil
  }

  /// "did you mean 'b'?" of the candidate nearest to `name`, or nil where none is near enough.
  public static func question(for name: String, among candidates: [String]) -> String? {
    nearest(to: name, among: candidates).map(question(naming:))
  }

  /// "did you mean 'b'?" of a name that was found already.
  public static func question(naming candidate: String) -> String {
    "did you mean '\(candidate)'?"
  }

  /// The question, where a candidate is near enough, and a list of all: "did you mean 'b'? title: a,
  /// b, c".
  ///
  /// - Parameter mark: what stands between the title and the list.
  public static func advice(
    for name: String, among candidates: [String], title: String, mark: String = ":"
  ) -> String {
    let list = "\(title)\(mark) \(candidates.joined(separator: ", "))"
    return question(for: name, among: candidates).map { "\($0) \(list)" } ?? list
  }

  /// Damerau-Levenshtein distance: the least number of insertions, deletions, substitutions and
  /// swaps of neighbours that turn one text into the other, further edits between swapped letters
  /// allowed. Cost: `O(|first| |second|)` time and memory. Source: Lowrance and Wagner, "An
  /// Extension of the String-to-String Correction Problem", J. ACM 22 (1975).
  public static func distance(_ first: String, _ second: String) -> Int {
    let a = Array(first)
    let b = Array(second)
    // Row and column 0 hold a distance that no path would choose; the table proper starts at 1.
    let far = a.count + b.count
    var table = [[Int]](
      repeating: [Int](repeating: far, count: b.count + 2), count: a.count + 2)
    for row in 0...a.count { table[row + 1][1] = row }
    for column in 0...b.count { table[1][column + 1] = column }
    var lastRow: [Character: Int] = [:]
    for row in 0..<a.count {
      var lastColumn = 0
      for column in 0..<b.count {
        let swapRow = lastRow[b[column], default: 0]
        let swapColumn = lastColumn
        let same = a[row] == b[column]
        if same { lastColumn = column + 1 }
        table[row + 2][column + 2] = min(
          table[row + 1][column + 1] + (same ? 0 : 1),
          table[row + 2][column + 1] + 1,
          table[row + 1][column + 2] + 1,
          table[swapRow][swapColumn] + (row - swapRow) + 1 + (column - swapColumn))
      }
      lastRow[a[row]] = row + 1
    }
    return table[a.count + 1][b.count + 1]
  }

  private static func plain(_ name: String) -> String {
    String(name.lowercased().map { $0 == "_" ? "-" : $0 })
  }
}
