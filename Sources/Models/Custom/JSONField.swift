import Discrete
import Tensors

/// A value of a JSON document together with its place, for error messages that name it.
package struct JSONField {
  package let file: String
  /// Such as `cost.A[1]`; empty for the whole document.
  package let place: String
  package let value: JSONValue

  /// - Parameter known: names that the document may have; the first other one is refused before
  ///   the rest is read.
  /// - Throws: `ModelFileError` if the file cannot be read, is longer than 128 MiB or not JSON.
  package static func read(
    _ path: String, hint: String, known: [String]? = nil
  ) throws -> JSONField {
    let bytes = try fileBytes(path, hint: hint, limit: JSONParser.sizeLimit)
    if bytes.isEmpty {
      throw ModelFileError(file: path, what: "the file is empty", hint: hint)
    }
    return JSONField(
      file: path, place: "", value: try JSONParser.parse(bytes, file: path, known: known))
  }

  package func failure(_ what: String, hint: String = "") -> ModelFileError {
    ModelFileError(file: file, place: place, what: what, hint: hint)
  }

  private func members() throws -> [(name: String, value: JSONValue)] {
    guard case .object(let members) = value else {
      throw failure("expected an object { ... }, found \(value.kind)")
    }
    return members
  }

  private func child(_ name: String, _ value: JSONValue) -> JSONField {
    JSONField(file: file, place: place.isEmpty ? name : "\(place).\(name)", value: value)
  }

  /// A member, or nil where there is none or it is null.
  package func optional(_ name: String) throws -> JSONField? {
    guard let found = try members().first(where: { $0.name == name }), found.value != .null
    else { return nil }
    return child(name, found.value)
  }

  package func member(_ name: String, hint: String = "") throws -> JSONField {
    guard let field = try optional(name) else {
      throw failure(
        "'\(name)' is missing", hint: hint.isEmpty ? "add \"\(name)\": ..." : hint)
    }
    return field
  }

  /// Refuses members other than `names`, naming the nearest one.
  package func allowOnly(_ names: [String]) throws {
    for member in try members() where !names.contains(member.name) {
      throw failure(
        "unknown field '\(member.name)'",
        hint: NearestName.question(for: member.name, among: names)
          ?? "known fields: \(names.joined(separator: ", "))")
    }
  }

  /// Names of all members, in file order.
  package func names() throws -> [String] { try members().map(\.name) }

  package func elements() throws -> [JSONField] {
    let elements: [JSONValue]
    switch value {
    case .array(let found): elements = found
    case .numbers(let numbers): elements = numbers.map(JSONValue.number)
    default: throw failure("expected a list [ ... ], found \(value.kind)")
    }
    return elements.enumerated().map { index, element in
      JSONField(file: file, place: "\(place)[\(index)]", value: element)
    }
  }

  package func text() throws -> String {
    guard case .text(let text) = value else {
      throw failure("expected a text in quotes, found \(value.kind)")
    }
    return text
  }

  package func number() throws -> Double {
    guard case .number(let number) = value else {
      throw failure("expected a number, found \(value.kind)")
    }
    guard number.isFinite else {
      throw failure(
        "expected a finite number, found \(Self.word(number))",
        hint: "numbers of a file must be finite")
    }
    return number
  }

  package func integer(_ range: ClosedRange<Int>) throws -> Int {
    let number = try number()
    guard let integer = Int(exactly: number), range.contains(integer) else {
      throw failure(
        "expected a whole number from \(range.lowerBound) to \(range.upperBound), found \(number)")
    }
    return integer
  }

  /// Length of a list, or nil for anything else.
  package var length: Int? {
    switch value {
    case .array(let elements): elements.count
    case .numbers(let numbers): numbers.count
    default: nil
    }
  }

  /// Number of list levels down the first elements.
  package var depth: Int {
    if case .numbers = value { return 1 }
    guard case .array(let elements) = value, let first = elements.first else { return 0 }
    return 1 + JSONField(file: file, place: place, value: first).depth
  }

  /// Numbers of a nested list of exactly the lengths `lengths`, row-major.
  ///
  /// - Parameters:
  ///   - reason: why these lengths, such as `D = 2, K = 2`.
  ///   - hint: what to do about a list of other lengths.
  package func numbers(_ lengths: [Int], reason: String, hint: String = "") throws -> [Double] {
    var result: [Double] = []
    try collect(value, lengths, level: 0, place: "", reason: reason, hint: hint, into: &result)
    return result
  }

  /// Numbers of a nested list whose innermost lists have lengths of their own, `[outer][D][K_d]`, one after the
  /// other.
  package func numbers(
    _ outer: [Int] = [], latents levels: [Int], reason: String, hint: String = ""
  ) throws -> [Double] {
    let elements = try elements()
    let due = outer.first ?? levels.count
    guard elements.count == due else {
      throw failure(
        "expected \(due) lists\(reason.isEmpty ? "" : " for \(reason)"), found \(elements.count)",
        hint: hint)
    }
    return try zip(0..., elements).flatMap { index, element in
      outer.isEmpty
        ? try element.numbers([levels[index]], reason: reason, hint: hint)
        : try element.numbers(
          Array(outer.dropFirst()), latents: levels, reason: reason, hint: hint)
    }
  }

  private func collect(
    _ value: JSONValue, _ lengths: [Int], level: Int, place: String, reason: String, hint: String,
    into result: inout [Double]
  ) throws {
    func expected(_ found: String) -> ModelFileError {
      let shape = lengths.map(String.init).joined(separator: " x ")
      let at = place.isEmpty ? "" : " in \(place)"
      let numbers = lengths == [1] ? "number" : "numbers"
      return failure(
        "expected \(shape) \(numbers)\(reason.isEmpty ? "" : " for \(reason)"), found \(found)\(at)",
        hint: hint)
    }
    if level == lengths.count {
      guard case .number(let number) = value else { throw expected(value.kind) }
      guard number.isFinite else { throw expected(Self.word(number)) }
      result.append(number)
      return
    }
    guard let count = JSONField(file: file, place: place, value: value).length else {
      throw expected(value.kind)
    }
    guard count == lengths[level] else {
      let what = level + 1 == lengths.count ? "number" : "row"
      throw expected("\(count) \(what)\(count == 1 ? "" : "s")")
    }
    if case .numbers(let numbers) = value {
      guard level + 1 == lengths.count else {
        try collect(
          .number(numbers[0]), lengths, level: level + 1, place: "\(place)[0]", reason: reason,
          hint: hint, into: &result)
        return
      }
      for (index, number) in numbers.enumerated() where !number.isFinite {
        try collect(
          .number(number), lengths, level: level + 1, place: "\(place)[\(index)]", reason: reason,
          hint: hint, into: &result)
      }
      result += numbers
      return
    }
    guard case .array(let elements) = value else { return }
    for (index, element) in elements.enumerated() {
      try collect(
        element, lengths, level: level + 1, place: "\(place)[\(index)]", reason: reason,
        hint: hint, into: &result)
    }
  }

  /// A number that is none, as JSON files of Python's spell it.
  private static func word(_ number: Double) -> String {
    number.isNaN ? "NaN" : number > 0 ? "Infinity" : "-Infinity"
  }
}
