import Discrete

/// What is wrong with a file handed to a model: the file, the place inside it, what was found and
/// what to do about it.
public struct ModelFileError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Path as given.
  public var file: String
  /// Place inside the file, such as `cost.A[1]` or `line 3, column 7`; empty for the whole file.
  public var place: String
  public var what: String
  /// What to do; empty where `what` says it all.
  public var hint: String

  public init(file: String, place: String = "", what: String, hint: String = "") {
    self.file = file
    self.place = place
    self.what = what
    self.hint = hint
  }

  public var description: String {
    let head = place.isEmpty ? file : "\(file): \(place)"
    return VisibleText.of(hint.isEmpty ? "\(head): \(what)" : "\(head): \(what); \(hint)")
  }
}
