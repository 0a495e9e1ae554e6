import Yams

/// Turns the text of a study file into nodes.
///
/// The YAML library stops at the first repeated key. So that the rest of the file is still
/// checked, one letter of such a key is replaced by a private character and the text is parsed
/// again; the nodes get the true name back and the repetition is reported.
struct DocumentComposer {
  /// Repeated keys beyond this number stop the reading, as does repeated parsing of more than
  /// `parsedLimit` scalars in all.
  private static let maskLimit = 50
  private static let parsedLimit = 2 << 20
  /// Nested aliases let the library do work exponential in their number.
  private static let aliasLimit = 30

  private var text: SourceText
  /// True key names by the private character that stands in them.
  private var masked: [Unicode.Scalar: String] = [:]
  private var nextMask: UInt32 = 0

  /// The root of the document, or nil where the file cannot be parsed; errors go to `log`.
  static func compose(_ log: inout DiagnosticLog) -> DocumentNode? {
    var composer = DocumentComposer(text: log.source)
    return composer.compose(&log)
  }

  private init(text: SourceText) {
    self.text = text
    nextMask = max(0xF0000, (text.scalars.lazy.map(\.value).max() ?? 0) + 1)
  }

  private mutating func compose(_ log: inout DiagnosticLog) -> DocumentNode? {
    if let alias = text.aliases(beyond: Self.aliasLimit) {
      let place = text.place(of: alias)
      log.error(
        "alias", "aliases are not supported", line: place.line, column: place.column,
        hint: Self.aliasHint)
      return nil
    }
    while true {
      do {
        return try parse(&log)
      } catch YamlError.duplicatedKeysInMapping(let names, let context) {
        guard let name = names.first, mask(name, at: context.mark) else {
          log.error(
            "duplicate-key", "a key is repeated in this mapping",
            line: context.mark.line, column: context.mark.column, hint: Self.duplicateHint)
          return nil
        }
      } catch {
        log.syntaxError(error)
        return nil
      }
    }
  }

  private func parse(_ log: inout DiagnosticLog) throws -> DocumentNode? {
    let parser = try Parser(yaml: text.text, encoding: .utf8)
    guard let root = try parser.nextRoot() else { return nil }
    let node = convert(root, parent: nil, &log)
    do {
      if let second = try parser.nextRoot() { log.secondDocument(second.mark) }
    } catch YamlError.duplicatedKeysInMapping(_, let context) {
      log.secondDocument(context.mark)
    } catch {
      log.syntaxError(error)
    }
    return node
  }

  /// Replaces the first letter of the key at `mark`; false where that is not possible.
  private mutating func mask(_ name: String, at mark: Mark) -> Bool {
    guard masked.count < Self.maskLimit, masked.count * text.scalars.count < Self.parsedLimit,
      let scalar = Unicode.Scalar(nextMask),
      var index = text.index(line: mark.line, column: mark.column)
    else { return false }
    if text.scalars[index] == "\"" || text.scalars[index] == "'" { index += 1 }
    guard index < text.scalars.count,
      !"\"'\\\r\n:[]{}?&*!|>".unicodeScalars.contains(text.scalars[index])
    else { return false }
    text.replace(at: index, with: scalar)
    masked[scalar] = unmasked(name)
    nextMask += 1
    return true
  }

  private func unmasked(_ text: String) -> String {
    guard !masked.isEmpty else { return text }
    return text.unicodeScalars.lazy.compactMap { masked[$0] }.first ?? text
  }

  /// Nodes below `node`. Does not look behind anchors, so that shared nodes are visited once.
  private func convert(
    _ node: Node, parent: DocumentNode?, _ log: inout DiagnosticLog
  ) -> DocumentNode {
    let line = node.mark?.line ?? 1
    let column = node.mark?.column ?? 1
    let place = DocumentNode(content: .refused, line: line, column: column)
    if let refusal = refusal(of: node, at: place) {
      log.error(refusal.code, refusal.message, at: place, hint: refusal.hint)
      return place
    }
    switch node {
    case .scalar(let scalar):
      let plain = scalar.style == .plain || scalar.style == .any
      // An empty value is placed behind its colon; its key shows better what lacks a value.
      let here = scalar.string.isEmpty && plain ? parent ?? place : place
      return DocumentNode(
        content: .scalar(unmasked(scalar.string), plain: plain), line: here.line,
        column: here.column)
    case .sequence(let items):
      var children: [DocumentNode] = []
      for item in items { children.append(convert(item, parent: nil, &log)) }
      return DocumentNode(content: .sequence(children), line: line, column: column)
    case .mapping(let mapping):
      return DocumentNode(
        content: .mapping(fields(of: mapping, &log)), line: line, column: column)
    case .alias:
      return place
    }
  }

  private func fields(
    of mapping: Node.Mapping, _ log: inout DiagnosticLog
  ) -> [DocumentField] {
    var fields: [DocumentField] = []
    var firstLines: [String: Int] = [:]
    for (keyNode, valueNode) in mapping {
      let key = convert(keyNode, parent: nil, &log)
      let value = convert(valueNode, parent: key, &log)
      guard case .scalar(let name, _) = key.content else {
        if !key.isRefused {
          log.error(
            "key-type", "a key must be a name, found \(key.kindInWords)", at: key,
            hint: "write `name: value`")
        }
        continue
      }
      if let first = firstLines[name] {
        log.error(
          "duplicate-key", "'\(MessageText.shortened(name))' is already given on line \(first)",
          at: key,
          hint: Self.duplicateHint)
        continue
      }
      firstLines[name] = key.line
      fields.append(DocumentField(name: name, key: key, value: value))
    }
    return fields
  }

  private func refusal(
    of node: Node, at place: DocumentNode
  ) -> (code: String, message: String, hint: String)? {
    let first = text.index(line: place.line, column: place.column).map { text.scalars[$0] }
    if node.anchor != nil || first == "&" {
      return ("alias", "anchors and aliases are not supported", Self.aliasHint)
    }
    if first == "!" {
      return ("tag", "tags are not supported", "remove the tag: the type follows from the key")
    }
    return nil
  }

  private static let aliasHint = "write the value out at each place where it is used"
  private static let duplicateHint = "keep one of them; several values are given as a list [a, b]"
}

extension SourceText {
  /// Index of the first of more than `limit` words that look like aliases, or nil.
  fileprivate func aliases(beyond limit: Int) -> Int? {
    guard scalars.contains("&") else { return nil }
    var first: Int?
    var count = 0
    for (index, scalar) in scalars.enumerated() where scalar == "*" {
      guard index == 0 || " \t\r\n[{,?:-".unicodeScalars.contains(scalars[index - 1]),
        index + 1 < scalars.count, !scalars[index + 1].properties.isWhitespace
      else { continue }
      first = first ?? index
      count += 1
    }
    return count > limit ? first : nil
  }
}
