/// One dense operation with its numbers, for kernels that work on them directly.
public struct DenseWeights<Scalar: NetworkScalar>: Sendable, Equatable {
  public let inputs: Int
  public let outputs: Int
  /// `[inputs][outputs]`.
  public let weights: [Scalar]
  /// `[outputs]`.
  public let biases: [Scalar]
}

extension Program {
  /// The dense operations of a program that is dense and ReLU all the way, in their order; nil of
  /// another program. The numbers are shared with the store, not copied.
  public func denseLayers<Scalar: NetworkScalar>(
    _ parameters: ParameterStore<Scalar>
  ) -> [DenseWeights<Scalar>]? {
    guard isDenseReLU else { return nil }
    precondition(matches(parameters))
    return operations.compactMap { $0 as? Dense }.enumerated().map { index, dense in
      DenseWeights(
        inputs: dense.inputs, outputs: dense.outputs, weights: parameters[2 * index],
        biases: parameters[2 * index + 1])
    }
  }

  /// The input of each dense operation in a pass, `[rows][inputs]`, empty for one that was fed
  /// codes; nil of a program that is not dense and ReLU all the way.
  public func denseInputs<Scalar: NetworkScalar>(_ pass: ProgramPass<Scalar>) -> [[Scalar]]? {
    guard isDenseReLU else { return nil }
    return stride(from: 0, to: pass.residuals.count, by: 2).map {
      pass.residuals[$0].numbers.first ?? []
    }
  }
}
