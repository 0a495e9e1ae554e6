import Models

/// A named set of coordinates of sampled gradients.
package struct SampleScope: Sendable, Equatable {
  package let name: String
  /// Ranges of the flattened coordinate axes, ascending and disjoint.
  package let ranges: [Range<Int>]

  /// Number of coordinates.
  package var count: Int { ranges.reduce(0) { $0 + $1.count } }

  package init(name: String, ranges: [Range<Int>]) {
    self.name = name
    self.ranges = ranges
  }

  /// The parts of the ranges within a tile, as coordinates of the tile.
  func ranges(in tile: Range<Int>) -> [Range<Int>] {
    ranges.compactMap { range in
      let part = range.clamped(to: tile)
      guard !part.isEmpty else { return nil }
      return part.lowerBound - tile.lowerBound..<part.upperBound - tile.lowerBound
    }
  }
}

extension SampleScope {
  /// Name of the scope of all coordinates.
  package static let all = "all"
  /// Most groups of one file: memory grows with groups and blocks.
  private static let limit = 1000
  /// Most ranges of one group.
  private static let rangeLimit = 1000

  /// Reads `{"name": [start, end], "other": [[start, end], ...]}`; ends are not included.
  ///
  /// Groups may share coordinates and need not cover all of them.
  /// - Parameter count: number of coordinates.
  /// - Throws: `ModelFileError` with the group and the range.
  package static func groups(path: String, count: Int) throws -> [SampleScope] {
    let map = try JSONField.read(
      path, hint: "give groups as {\"layer1\": [0, 10], \"layer2\": [10, 25]}")
    let names = try map.names()
    guard !names.isEmpty, names.count <= limit else {
      throw map.failure(
        names.isEmpty ? "there are no groups" : "there are \(names.count) groups (limit \(limit))")
    }
    return try names.map { name in
      let field = try map.member(name)
      guard !name.isEmpty, name != all else {
        throw field.failure(
          "a group cannot be named '\(name)'",
          hint: "'all' is measured always; give another name")
      }
      return SampleScope(name: name, ranges: try ranges(field, count: count))
    }
  }

  private static func ranges(_ field: JSONField, count: Int) throws -> [Range<Int>] {
    let elements = try field.elements()
    guard let first = elements.first else { throw field.failure("the group is empty") }
    let pairs = first.length == nil ? [field] : elements
    guard pairs.count <= rangeLimit else {
      throw field.failure("the group has \(pairs.count) ranges (limit \(rangeLimit))")
    }
    var ranges: [Range<Int>] = []
    for pair in pairs {
      let ends = try pair.elements()
      guard ends.count == 2 else {
        throw pair.failure("expected [start, end], found \(ends.count) elements")
      }
      let start = try ends[0].integer(0...count)
      let end = try ends[1].integer(0...count)
      guard start < end else {
        throw pair.failure(
          "the range from \(start) to \(end) is empty", hint: "the end is not included")
      }
      if let other = ranges.first(where: { $0.overlaps(start..<end) }) {
        throw pair.failure(
          "the range overlaps [\(other.lowerBound), \(other.upperBound)] of the same group")
      }
      ranges.append(start..<end)
    }
    return ranges.sorted { $0.lowerBound < $1.lowerBound }
  }
}
