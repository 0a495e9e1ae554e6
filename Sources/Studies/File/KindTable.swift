import Discrete
import Tensors

/// The kinds that an entry may have, with their parameters: what the reader needs of a catalogue.
struct KindTable: Sendable {
  /// "estimator" or "problem".
  let noun: String
  private let names: [String]
  private let specs: [String: [ParameterSpec]]

  init(noun: String, _ kinds: [(name: String, parameters: [ParameterSpec])]) {
    self.noun = noun
    names = kinds.map(\.name)
    specs = Dictionary(
      kinds.map { ($0.name, $0.parameters) }, uniquingKeysWith: { first, _ in first })
  }

  func parameters(of kind: String) -> [ParameterSpec]? { specs[kind] }

  func nearest(to kind: String) -> String? { NearestName.nearest(to: kind, among: names) }

  var hint: String {
    names.count == 1
      ? "the only \(noun) kind is \(names[0])"
      : ["estimator", "problem"].contains(noun)
        ? "`gradfid list \(noun)s` shows all \(names.count) kinds"
        : "the kinds are \(names.joined(separator: ", "))"
  }
}

extension ParameterSpec {
  /// Meaning and default, for messages.
  var hint: String {
    let range: String
    switch kind {
    case .choice, .flag, .entry: range = "; " + kind.allowed
    default: range = ""
    }
    let standard = defaultValue.map { "; default \($0)" } ?? ""
    return "\(name): \(summary)\(range)\(standard)"
  }
}
