import Discrete
import Tensors

/// One finding in a study file: its place, what is wrong, and what to do about it.
///
/// The coding keys are the JSON form: `file, line, column, severity, code, message, sourceLine,
/// length, suggestion, hint`; absent suggestions and hints are left out.
public struct Diagnostic: Error, Sendable, Equatable, Codable {
  public enum Severity: String, Sendable, Equatable, Codable {
    case error
    case warning
  }

  /// File name as it was given.
  public let file: String
  /// Line, from 1; 0 where the finding is about the file as a whole.
  public let line: Int
  /// Column in characters (not bytes), from 1; 0 where the finding is about the file as a whole.
  public let column: Int
  public let severity: Severity
  /// Stable identifier in kebab case; the wording of `message` may change, this does not.
  public let code: String
  public let message: String
  /// The line of the file, without its line break; empty for the file as a whole.
  public let sourceLine: String
  /// Number of characters under the caret line, at least 1.
  public let length: Int
  /// The nearest valid spelling.
  public let suggestion: String?
  /// One thing to do about it.
  public let hint: String?

  public init(
    file: String, line: Int = 0, column: Int = 0, severity: Severity = .error, code: String,
    message: String, sourceLine: String = "", length: Int = 1, suggestion: String? = nil,
    hint: String? = nil
  ) {
    self.file = file
    self.line = line
    self.column = column
    self.severity = severity
    self.code = code
    self.message = message
    self.sourceLine = sourceLine
    self.length = length
    self.suggestion = suggestion
    self.hint = hint
  }

  /// The finding as text of one to four lines without a final line break: place and message, the
  /// source line, a caret line with the suggestion, the hint.
  public func rendered() -> String {
    let file = VisibleText.of(file)
    let message = VisibleText.of(message)
    guard line > 0 else {
      let advice = suggestion.map { ["   " + question($0)] } ?? []
      return (["\(file): \(severity.rawValue): \(message)"] + advice + hintLines)
        .joined(separator: "\n")
    }
    let (excerpt, start, width) = excerpt()
    let number = String(line)
    let margin = String(repeating: " ", count: max(0, 5 - number.count)) + number
    let underline = "^" + String(repeating: "~", count: max(0, width - 1))
    let advice = suggestion.map { " " + question($0) } ?? ""
    let gap = String(repeating: " ", count: margin.count + 1)
    let indent = String(repeating: " ", count: start)
    return
      ([
        "\(file):\(line):\(column): \(severity.rawValue): \(message)",
        "\(margin) | \(excerpt)", "\(gap)| \(indent)\(underline)\(advice)",
      ] + hintLines).joined(separator: "\n")
  }

  private var hintLines: [String] { hint.map { ["   hint: \(VisibleText.of($0))"] } ?? [] }

  private func question(_ suggestion: String) -> String {
    NearestName.question(naming: VisibleText.of(suggestion))
  }

  /// The shown part of the source line, and the columns before and of the finding in it. Tabs
  /// become spaces; very long lines are cut around the finding.
  private func excerpt() -> (text: String, before: Int, width: Int) {
    let widest = 160
    let characters = Array(sourceLine)
    let place = min(max(0, column - 1), characters.count)
    let isLong = characters.count > widest
    let first = isLong ? min(max(0, place - widest / 2), characters.count - widest) : 0
    let last = isLong ? first + widest : characters.count
    func shown(_ range: Range<Int>) -> String {
      VisibleText.of(String(characters[range].map { $0 == "\t" ? " " : $0 }))
    }
    let end = min(max(place + length, place), last)
    let before = (first > 0 ? "…" : "") + shown(first..<place)
    let finding = shown(place..<max(place, end))
    let after = shown(max(place, end)..<last) + (last < characters.count ? "…" : "")
    return (
      before + finding + after, VisibleText.width(before), VisibleText.width(finding)
    )
  }
}

/// All errors of one study file, in the order of their places.
public struct StudyFileErrors: Error, Sendable, Equatable, CustomStringConvertible {
  public let diagnostics: [Diagnostic]

  public init(diagnostics: [Diagnostic]) {
    self.diagnostics = diagnostics
  }

  /// The rendered diagnostics, one after the other.
  public var description: String {
    diagnostics.map { $0.rendered() }.joined(separator: "\n")
  }
}
