import Foundation

/// A JSON document that keeps the order of its keys and every number as it is written.
indirect enum JSONNode {
  case string(String)
  case integer(Int64)
  case array([JSONNode])
  case object([(key: String, value: JSONNode)])
  /// Text that is JSON already.
  case verbatim(String)

  /// Stored JSON text as a node: verbatim if it is valid, as a string if not.
  static func stored(_ text: String) -> JSONNode {
    let parsed = try? JSONSerialization.jsonObject(
      with: Data(text.utf8), options: [.fragmentsAllowed])
    guard parsed != nil else { return .string(text) }
    return .verbatim(text.trimmingCharacters(in: .whitespacesAndNewlines))
  }

  /// The document, indented by two spaces a level; an object of plain values takes one line
  /// inside an array.
  func text(indent: Int = 0, compact: Bool = false) -> String {
    let inner = String(repeating: " ", count: indent + 2)
    let outer = String(repeating: " ", count: indent)
    switch self {
    case .string(let text): return JSONText.string(text)
    case .integer(let integer): return String(integer)
    case .verbatim(let text): return text
    case .array(let items):
      guard !items.isEmpty else { return "[]" }
      let lines = items.map { inner + $0.text(indent: indent + 2, compact: true) }
      return "[\n" + lines.joined(separator: ",\n") + "\n\(outer)]"
    case .object(let members):
      guard !members.isEmpty else { return "{}" }
      let texts = members.map {
        "\(JSONText.string($0.key)): \($0.value.text(indent: indent + 2))"
      }
      if compact { return "{\(texts.joined(separator: ", "))}" }
      return "{\n" + texts.map { inner + $0 }.joined(separator: ",\n") + "\n\(outer)}"
    }
  }
}
