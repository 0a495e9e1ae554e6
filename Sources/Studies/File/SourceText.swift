/// The text of a study file, addressed by line and column.
///
/// Columns inside the reader count Unicode scalars, as the YAML parser does; those shown to users
/// count characters. Line breaks are those of YAML 1.1.
struct SourceText: Sendable {
  let name: String
  /// The text without a byte order mark.
  private(set) var scalars: [Unicode.Scalar]
  /// Index of the first scalar of each line.
  private let lineStarts: [Int]

  init(name: String, scalars: [Unicode.Scalar]) {
    self.name = name
    self.scalars = scalars
    var starts = [0]
    for (index, scalar) in scalars.enumerated() where Self.isBreak(scalar) {
      let isPair =
        scalar == "\r" && index + 1 < scalars.count && scalars[index + 1] == "\n"
      if !isPair { starts.append(index + 1) }
    }
    lineStarts = starts
  }

  var lineCount: Int { lineStarts.count }

  var text: String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }

  /// Index of a place, or nil where there is no such place.
  func index(line: Int, column: Int) -> Int? {
    guard line >= 1, line <= lineStarts.count, column >= 1 else { return nil }
    let index = lineStarts[line - 1] + column - 1
    return index < scalars.count ? index : nil
  }

  /// Line and column of an index into `scalars`.
  func place(of index: Int) -> (line: Int, column: Int) {
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= index { low = middle } else { high = middle }
    }
    return (low + 1, index - lineStarts[low] + 1)
  }

  /// Scalars of a line without its break; empty past the end.
  func line(_ line: Int) -> ArraySlice<Unicode.Scalar> {
    guard line >= 1, line <= lineStarts.count else { return [] }
    let start = lineStarts[line - 1]
    var end = line < lineStarts.count ? lineStarts[line] : scalars.count
    while end > start, Self.isBreak(scalars[end - 1]) { end -= 1 }
    return scalars[start..<end]
  }

  func lineText(_ line: Int) -> String { Self.string(self.line(line)) }

  /// The column in characters of a column in scalars.
  func characterColumn(line: Int, column: Int) -> Int {
    Self.string(self.line(line).prefix(max(0, column - 1))).count + 1
  }

  /// The rest of a line from a column in scalars.
  func rest(line: Int, column: Int) -> String {
    Self.string(self.line(line).dropFirst(max(0, column - 1)))
  }

  mutating func replace(at index: Int, with scalar: Unicode.Scalar) {
    scalars[index] = scalar
  }

  static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }

  private static func isBreak(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x0A, 0x0D, 0x85, 0x2028, 0x2029: true
    default: false
    }
  }
}
