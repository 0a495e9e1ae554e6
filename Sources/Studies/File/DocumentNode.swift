/// A node of a study file, with its place. Independent of the YAML library.
struct DocumentNode: Sendable {
  enum Content: Sendable {
    /// `plain`: written without quotes, so that it may be a number or a flag.
    case scalar(String, plain: Bool)
    case sequence([DocumentNode])
    /// Keys are distinct; repeated ones were reported and dropped.
    case mapping([DocumentField])
    /// Something already reported, to be passed over in silence.
    case refused
  }

  let content: Content
  /// Line, from 1.
  let line: Int
  /// Column in Unicode scalars, from 1.
  let column: Int

  /// Nothing, `~` or `null`.
  var isNull: Bool {
    guard case .scalar(let text, plain: true) = content else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(text)
  }

  var isRefused: Bool {
    if case .refused = content { true } else { false }
  }

  /// The text of an unquoted scalar.
  var plainText: String? {
    if case .scalar(let text, plain: true) = content { text } else { nil }
  }

  /// The same place with nothing to check.
  var refused: DocumentNode { DocumentNode(content: .refused, line: line, column: column) }

  /// What the node is, for messages.
  var kindInWords: String {
    switch content {
    case .scalar(let text, let plain):
      isNull
        ? "nothing"
        : plain ? "'\(MessageText.shortened(text))'" : "the text \"\(MessageText.shortened(text))\""
    case .sequence: "a list"
    case .mapping: "a mapping"
    case .refused: "something unreadable"
    }
  }
}

/// One `key: value` of a mapping.
struct DocumentField: Sendable {
  let name: String
  let key: DocumentNode
  let value: DocumentNode
}
