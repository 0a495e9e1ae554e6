/// What can be wrong with data handed to a discrete layer, an oracle or an estimator.
public enum DiscreteError: Error, Equatable, CustomStringConvertible {
  /// Array lengths do not fit together.
  case shape(String)
  /// A NaN or an infinity where a finite number is needed.
  case notFinite(String)
  /// A parameter outside its range.
  case parameter(String)
  /// The request is well formed but this object cannot serve it.
  case unsupported(String)

  public var description: String {
    switch self {
    case .shape(let text), .notFinite(let text), .parameter(let text), .unsupported(let text):
      text
    }
  }
}
