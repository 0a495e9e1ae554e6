/// Collects the findings of one file and puts source lines and columns to them.
struct DiagnosticLog: Sendable {
  /// Errors beyond this number are counted, not kept.
  private static let limit = 500
  /// Code of errors of unreadable bytes.
  static let unreadable = "encoding"

  let source: SourceText
  private var errors: [Diagnostic] = []
  private var errorCount = 0
  private(set) var warnings: [Diagnostic] = []
  /// Lines with unreadable bytes: what else is wrong there follows from those bytes.
  private var unreadableLines: Set<Int> = []

  init(source: SourceText) {
    self.source = source
  }

  var hasErrors: Bool { errorCount > 0 }

  /// Further errors are only counted.
  var isFull: Bool { errors.count >= Self.limit }

  mutating func error(
    _ code: String, _ message: String, at node: DocumentNode,
    suggestion: @autoclosure () -> String? = nil, hint: String? = nil
  ) {
    guard !unreadableLines.contains(node.line) else { return }
    guard !isFull else {
      errorCount += 1
      return
    }
    add(make(.error, code, message, at: node, suggestion: suggestion(), hint: hint))
  }

  /// An error of the file as a whole.
  mutating func fileError(_ code: String, _ message: String, hint: String) {
    add(Diagnostic(file: source.name, code: code, message: message, hint: hint))
  }

  /// An error at a place that is no node.
  mutating func error(
    _ code: String, _ message: String, line: Int, column: Int, length: Int? = nil, hint: String
  ) {
    let underlined = length ?? source.tokenLength(line: line, column: column)
    add(
      Diagnostic(
        file: source.name, line: line,
        column: source.characterColumn(line: line, column: column), code: code, message: message,
        sourceLine: source.lineText(line), length: underlined, hint: hint))
  }

  mutating func warn(_ code: String, _ message: String, at node: DocumentNode, hint: String) {
    warnings.append(make(.warning, code, message, at: node, suggestion: nil, hint: hint))
  }

  mutating func markUnreadable(line: Int) { unreadableLines.insert(line) }

  func isUnreadable(line: Int) -> Bool { unreadableLines.contains(line) }

  /// All errors by place; those of unreadable bytes first, as others may follow from them.
  func sortedErrors() -> [Diagnostic] {
    // An alias leads to its anchor, so that the same place can be reported again.
    var sorted: [Diagnostic] = []
    let unreadable = errors.filter { $0.code == Self.unreadable }
    let others = errors.filter { $0.code != Self.unreadable }
    for error in Self.sorted(unreadable) + Self.sorted(others) where error != sorted.last {
      sorted.append(error)
    }
    if errorCount > errors.count {
      sorted.append(
        Diagnostic(
          file: source.name, code: "too-many-errors",
          message: "\(errorCount - errors.count) more errors are not shown",
          hint: "put these right first and check the file again"))
    }
    return sorted
  }

  func sortedWarnings() -> [Diagnostic] { Self.sorted(warnings) }

  private mutating func add(_ diagnostic: Diagnostic) {
    errorCount += 1
    if errors.count < Self.limit { errors.append(diagnostic) }
  }

  private func make(
    _ severity: Diagnostic.Severity, _ code: String, _ message: String, at node: DocumentNode,
    suggestion: String?, hint: String?
  ) -> Diagnostic {
    Diagnostic(
      file: source.name, line: node.line,
      column: source.characterColumn(line: node.line, column: node.column), severity: severity,
      code: code, message: message, sourceLine: source.lineText(node.line),
      length: source.tokenLength(line: node.line, column: node.column, plain: node.plainText),
      suggestion: suggestion, hint: hint)
  }

  /// By line and column; findings at the same place keep the order in which they were made.
  private static func sorted(_ diagnostics: [Diagnostic]) -> [Diagnostic] {
    diagnostics.enumerated().sorted {
      ($0.element.line, $0.element.column, $0.offset)
        < ($1.element.line, $1.element.column, $1.offset)
    }.map(\.element)
  }
}
