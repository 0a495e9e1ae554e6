/// A value SQLite returned.
public enum QueryValue: Sendable, Equatable {
  /// NULL.
  case null
  /// An integer.
  case integer(Int64)
  /// A double, bit for bit.
  case real(Double)
  /// Text.
  case text(String)
  /// Bytes.
  case blob([UInt8])

  /// Whether it is a number.
  public var isNumber: Bool {
    switch self {
    case .integer, .real: return true
    case .null, .text, .blob: return false
    }
  }
}

/// The rows of a query.
public struct QueryResult: Sendable, Equatable {
  /// The names of the columns. A name that comes twice gets the suffix `_2`, `_3` and so on.
  public let columns: [String]
  /// The rows, each as long as `columns`.
  public let rows: [[QueryValue]]

  /// A result; `rows` are cut or padded with nulls to the number of columns.
  public init(columns: [String], rows: [[QueryValue]]) {
    let names = Self.unique(columns)
    self.columns = names
    self.rows = rows.map { row in
      guard row.count != names.count else { return row }
      return (0..<names.count).map { $0 < row.count ? row[$0] : .null }
    }
  }

  /// The names with a suffix where one comes twice, so that a row can be an object with keys.
  static func unique(_ columns: [String]) -> [String] {
    var taken = Set<String>()
    return columns.map { column in
      var name = column
      var count = 1
      while !taken.insert(name).inserted {
        count += 1
        name = "\(column)_\(count)"
      }
      return name
    }
  }
}
