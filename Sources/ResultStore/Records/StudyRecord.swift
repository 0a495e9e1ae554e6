/// A study as the store keeps it. The name identifies it; storing it again replaces the rest.
public struct StudyRecord: Sendable, Equatable {
  /// The name in the study file; unique in a store.
  public var name: String
  /// The path the study was read from, as the user gave it.
  public var file: String
  /// The hash of the resolved study.
  public var contentHash: String
  /// The resolved study, all defaults filled in, as JSON text.
  public var resolvedJSON: String

  /// A study record.
  public init(name: String, file: String, contentHash: String, resolvedJSON: String) {
    self.name = name
    self.file = file
    self.contentHash = contentHash
    self.resolvedJSON = resolvedJSON
  }
}
