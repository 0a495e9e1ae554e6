/// A JSON document as a tree. Numbers are float64, parsed to the nearest double, so that 17
/// significant digits round-trip.
package enum JSONValue: Equatable {
  case null
  case flag(Bool)
  /// `NaN` and `Infinity` are read (common writers produce them) so that the place can be named.
  case number(Double)
  case text(String)
  case array([JSONValue])
  /// A list of numbers alone, and at least one.
  case numbers([Double])
  /// Members in file order.
  case object([(name: String, value: JSONValue)])

  /// The kind of value in words.
  var kind: String {
    switch self {
    case .null: "null"
    case .flag: "true or false"
    case .number: "a number"
    case .text: "a text"
    case .array, .numbers: "a list"
    case .object: "an object"
    }
  }

  package static func == (a: JSONValue, b: JSONValue) -> Bool {
    switch (a, b) {
    case (.null, .null): true
    case (.flag(let a), .flag(let b)): a == b
    case (.number(let a), .number(let b)): a == b
    case (.text(let a), .text(let b)): a == b
    case (.array(let a), .array(let b)): a == b
    case (.numbers(let a), .numbers(let b)): a == b
    case (.object(let a), .object(let b)):
      a.count == b.count && zip(a, b).allSatisfy { $0.name == $1.name && $0.value == $1.value }
    default: false
    }
  }
}
