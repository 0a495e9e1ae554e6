import Discrete
import Tensors

/// The keys of one mapping.
struct FieldTable: Sendable {
  /// The mapping itself, where missing keys are reported.
  let node: DocumentNode
  /// In file order.
  let fields: [DocumentField]
  /// Keys that unknown ones were probably meant to be; their absence is not reported again.
  var misspelt: Set<String> = []

  subscript(name: String) -> DocumentNode? {
    fields.first { $0.name == name }?.value
  }
}

extension DiagnosticLog {
  /// The keys of a mapping; reports what is not one.
  mutating func mapping(_ node: DocumentNode, _ name: String, hint: String) -> FieldTable? {
    switch node.content {
    case .mapping(let fields): return FieldTable(node: node, fields: fields)
    case .refused: return nil
    case .scalar, .sequence:
      error(
        "wrong-type", "\(name) must be a mapping, found \(node.kindInWords)", at: node, hint: hint)
      return nil
    }
  }

  /// The entries of a list with at least one entry; reports what is not one.
  mutating func list(_ node: DocumentNode, _ name: String, hint: String) -> [DocumentNode]? {
    switch node.content {
    case .sequence(let items):
      if !items.isEmpty { return items }
      error("empty-list", "\(name) is an empty list", at: node, hint: hint)
      return nil
    case .refused: return nil
    case .scalar, .mapping:
      error(
        "wrong-type", "\(name) must be a list, found \(node.kindInWords)", at: node, hint: hint)
      return nil
    }
  }

  /// Reports keys that `owner` does not have.
  mutating func checkKeys(_ table: inout FieldTable, known: [String], owner: String) {
    let names = known.joined(separator: ", ")
    for field in table.fields where !known.contains(field.name) {
      let merge = field.name == "<<"
      var nearest: String?
      if !isFull, !merge { nearest = NearestName.nearest(to: field.name, among: known) }
      if let nearest { table.misspelt.insert(nearest) }
      error(
        "unknown-key", "unknown key '\(MessageText.shortened(field.name))' in \(owner)",
        at: field.key,
        suggestion: nearest,
        hint: merge
          ? "merge keys are not supported: write the keys out"
          : known.count == 1 ? "the only key here is \(names)" : "keys: \(names)")
    }
  }

  /// The value of a key that must be there; its absence is reported.
  mutating func required(
    _ name: String, in table: FieldTable, owner: String, hint: String
  ) -> DocumentNode? {
    if let node = table[name] { return node }
    if table.misspelt.contains(name) { return nil }
    error("missing-key", "'\(name)' is missing in \(owner)", at: table.node, hint: hint)
    return nil
  }

  /// One name or a list of names out of `Choice`; repeated names are dropped with a warning.
  mutating func choices<Choice: RawRepresentable & CaseIterable & Equatable>(
    _ node: DocumentNode, _ name: String, of type: Choice.Type
  ) -> [Choice]? where Choice.RawValue == String {
    let names = Choice.allCases.map(\.rawValue)
    var items = [node]
    if case .sequence = node.content {
      guard
        let listed = list(node, "'\(name)'", hint: "list some of \(names.joined(separator: ", "))")
      else { return nil }
      items = listed
    }
    var found: [Choice] = []
    var sound = true
    for item in items {
      guard let text = choice(item, name, among: names), let value = Choice(rawValue: text) else {
        sound = false
        continue
      }
      if found.contains(value) {
        warn(
          "repeated-value", "'\(text)' is repeated in '\(name)'", at: item, hint: "it counts once")
      } else {
        found.append(value)
      }
    }
    return sound ? found : nil
  }
}
