import Discrete
import Tensors

extension PrecisionRule {
  /// Whether the standard error is reached on every scope that counts.
  func isMet(_ numbers: [FidelityNumber], geometry: ScopeGeometry) -> Bool {
    let counted = countedScopes(geometry)
    return numbers.filter { $0.metric == metric && counted.contains($0.scope) }
      .allSatisfy { $0.isMissing || $0.standardError <= errorBelow }
  }

  /// What to say where the scope named is not measured; nil where it is.
  public func refusal(_ geometry: ScopeGeometry) -> String? {
    guard let scope, countedScopes(geometry).isEmpty else { return nil }
    let names = geometry.scopes.map(\.name)
    return "precision is asked for on the scope '\(scope)', which is not measured; "
      + NearestName.advice(for: scope, among: names, title: "scopes")
  }

  /// Without parameters upstream the logits are the parameters.
  private func countedScopes(_ geometry: ScopeGeometry) -> [String] {
    let names = geometry.scopes.map(\.name)
    guard let scope, names != ["logits"] || geometry.hasParameters else { return names }
    return names.filter { $0 == scope }
  }
}
