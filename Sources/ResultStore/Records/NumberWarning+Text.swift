import Fidelity

extension Set<NumberWarning> {
  /// The names in the order of the cases, with commas between them; empty for none.
  var text: String {
    guard !isEmpty else { return "" }
    return NumberWarning.allCases.filter(contains).map(\.rawValue).joined(separator: ",")
  }

  /// What `text` says. Names that this program does not know are left out.
  init(text: String) {
    self = Set(text.split(separator: ",").compactMap { NumberWarning(rawValue: String($0)) })
  }
}
