/// Why a network, an optimiser or a file of tensors cannot be had.
public enum NetworkError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A name or a setting that is unknown or out of range.
  case setting(String)
  /// Sizes that do not fit each other.
  case shape(String)
  /// A file of tensors that is damaged or of another network.
  case file(String)

  /// What is wrong and what was found.
  public var message: String {
    switch self {
    case .setting(let message), .shape(let message), .file(let message): message
    }
  }

  public var description: String { message }

  /// The same error with its place in front: "place: message".
  func at(_ place: String) -> NetworkError {
    switch self {
    case .setting(let message): .setting("\(place): \(message)")
    case .shape(let message): .shape("\(place): \(message)")
    case .file(let message): .file("\(place): \(message)")
    }
  }
}
