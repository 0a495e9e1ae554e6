import Tensors

/// The operations that programs are made of: a new one is a file and a line here.
public enum OperationRegistry {
  public static let all: [OperationDescriptor] = [
    Dense.descriptor,
    ReLU.descriptor,
    LeakyReLU.descriptor,
    Tanh.descriptor,
    Sigmoid.descriptor,
    GELU.descriptor,
    Softmax.descriptor,
    LayerNorm.descriptor,
    Convolution.descriptor,
    TransposedConvolution.descriptor,
    MaxPool.descriptor,
    AveragePool.descriptor,
    Embedding.descriptor,
    GraphPropagation.descriptor,
    Reshape.descriptor,
    ConcatOfBranches.descriptor,
    SumOfBranches.descriptor,
  ]

  /// The operation that a spec asks for.
  ///
  /// - Throws: `NetworkError.setting` for an unknown name or wrong settings, `.shape` for sizes
  ///   that do not fit.
  public static func operation(
    _ spec: OperationSpec, _ context: OperationContext
  ) throws -> any NetworkOperation {
    guard let descriptor = context.operations.first(where: { $0.name == spec.name }) else {
      throw NetworkError.setting(
        "unknown operation '\(spec.name)'; "
          + NearestName.advice(
            for: spec.name, among: context.operations.map(\.name), title: "the operations are",
            mark: ""))
    }
    return try descriptor.operation(spec.argument, context)
  }
}
