import Discrete

extension EstimatorDescriptor {
  /// What surrogates have in common: they stand at `z_e`, not at logits, and follow the cost's gradient alone.
  static func surrogate(
    _ name: String, _ summary: String, formula: String, source: String, traps: [String] = [],
    parameters: [ParameterSpec] = [],
    make: @escaping @Sendable (ResolvedParameters) throws -> any Surrogate
  ) -> EstimatorDescriptor {
    EstimatorDescriptor(
      name: name, family: .surrogate, bias: .biased, summary: summary, formula: formula,
      exactOn: "none", cost: "1 gradient", source: source, traps: traps,
      invariants: EstimatorInvariants(sumsToZero: false, permutation: false),
      parameters: parameters,
      make: { try make($0) })
  }
}
