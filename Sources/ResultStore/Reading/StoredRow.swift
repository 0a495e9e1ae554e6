import GRDB

/// A row of the store whose values are checked as they are read.
///
/// A damaged file may hold NULL, text in place of a number or a number of any size in every column,
/// whatever the table says: each of them is told of, and none ends the process.
struct StoredRow {
  private let row: Row
  private let source: String

  /// - Parameter source: what a row of this kind is, for messages: "a run", "a cell".
  init(_ row: Row, of source: String) {
    self.row = row
    self.source = source
  }

  /// - Throws: `DamagedValue` for anything but text.
  func text(_ name: String) throws -> String {
    guard let text = try optionalText(name) else { throw damage(name, .null, wanted: "text") }
    return text
  }

  /// NULL is `nil`.
  func optionalText(_ name: String) throws -> String? {
    let value = try value(name)
    switch value.storage {
    case .null: return nil
    case .string(let text): return text
    default: throw damage(name, value, wanted: "text")
    }
  }

  /// - Throws: `DamagedValue` for anything but an integer that fits the type.
  func integer<Integer: FixedWidthInteger>(_ name: String) throws -> Integer {
    guard let integer: Integer = try optionalInteger(name) else {
      throw damage(name, .null, wanted: "an integer")
    }
    return integer
  }

  /// NULL is `nil`.
  func optionalInteger<Integer: FixedWidthInteger>(_ name: String) throws -> Integer? {
    let value = try value(name)
    switch value.storage {
    case .null: return nil
    case .int64(let wide):
      guard let integer = Integer(exactly: wide) else {
        throw DamagedValue("'\(name)' of \(source) is \(wide), out of its range")
      }
      return integer
    default: throw damage(name, value, wanted: "an integer")
    }
  }

  /// NULL is `nil`.
  func optionalReal(_ name: String) throws -> Double? {
    let value = try value(name)
    switch value.storage {
    case .null: return nil
    case .double(let real): return real
    case .int64(let integer): return Double(integer)
    default: throw damage(name, value, wanted: "a number")
    }
  }

  /// - Throws: `DamagedValue` for anything but a number.
  func real(_ name: String) throws -> Double {
    guard let real = try optionalReal(name) else { throw damage(name, .null, wanted: "a number") }
    return real
  }

  /// 0 or 1; NULL is `nil`.
  func optionalFlag(_ name: String) throws -> Bool? {
    guard let integer: Int64 = try optionalInteger(name) else { return nil }
    guard integer == 0 || integer == 1 else {
      throw DamagedValue("'\(name)' of \(source) is \(integer), neither 0 nor 1")
    }
    return integer == 1
  }

  /// - Throws: `DamagedValue` for anything but 0 and 1.
  func flag(_ name: String) throws -> Bool {
    guard let flag = try optionalFlag(name) else { throw damage(name, .null, wanted: "0 or 1") }
    return flag
  }

  /// One of the words of a type.
  func word<Word: RawRepresentable<String>>(_ name: String) throws -> Word {
    let text = try text(name)
    guard let word = Word(rawValue: text) else {
      throw DamagedValue(
        "'\(name)' of \(source) is '\(ShownText.visible(text))', none of its words")
    }
    return word
  }

  /// A root seed, which is kept as decimal text.
  func seed(_ name: String) throws -> UInt64 {
    let text = try text(name)
    guard let seed = UInt64(text) else {
      throw DamagedValue("'\(name)' of \(source) is '\(ShownText.visible(text))', no seed")
    }
    return seed
  }

  /// The value as SQLite has it.
  private func value(_ name: String) throws -> DatabaseValue {
    guard row.hasColumn(name) else { throw DamagedValue("\(source) has no column '\(name)'") }
    return try row.decode(DatabaseValue.self, forColumn: name)
  }

  private func damage(_ name: String, _ value: DatabaseValue, wanted: String) -> DamagedValue {
    let found =
      switch value.storage {
      case .null: "NULL"
      case .int64, .double: "a number"
      case .string: "text"
      case .blob: "bytes"
      }
    return DamagedValue("'\(name)' of \(source) is \(found) in place of \(wanted)")
  }
}

/// What a store holds where it cannot be so: the file is damaged, or was changed by another program.
struct DamagedValue: Error {
  let reason: String

  init(_ reason: String) { self.reason = reason }
}
