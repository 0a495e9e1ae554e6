import Discrete
import Models
import Networks
import Tensors
import TestSupport
import Testing

/// Small autoencoders whose pull-back goes through programs.
enum ParameterProblems {
  /// A convolution, a smooth activation and a dense operation behind it, which is added.
  static func convolution<Scalar: NetworkScalar>(_ type: Scalar.Type) throws -> Autoencoder<Scalar>
  {
    try make(
      bottleneck: .entry("categorical", ["latents": .integer(2), "categories": .integer(3)]),
      encoder: [
        .entry(
          "conv", ["channels": .integer(2), "kernel": .integer(5), "stride": .integer(8)]),
        .entry("gelu", [:]),
      ], type)
  }

  /// A codebook with numbers of its own, and dense operations with a smooth activation.
  static func codebook<Scalar: NetworkScalar>(_ type: Scalar.Type) throws -> Autoencoder<Scalar> {
    try make(
      bottleneck: .entry(
        "vq", ["latents": .integer(2), "categories": .integer(3), "dimension": .integer(2)]),
      encoder: [
        .entry("average-pool", ["": .integer(7)]), .entry("dense", ["": .integer(5)]),
        .entry("gelu", [:]),
      ], type)
  }

  private static func make<Scalar: NetworkScalar>(
    bottleneck: ParameterValue, encoder: [ParameterValue], _ type: Scalar.Type
  ) throws -> Autoencoder<Scalar> {
    _ = oneThread
    return try AutoencoderProblem.make(
      ResolvedParameters(
        [
          "bottleneck": bottleneck, "encoder": .list(encoder),
          "decoder": .list([.entry("dense", ["": .integer(6)]), .entry("tanh", [:])]),
          "rows": .integer(3), "data": .entry("procedural", [:]),
        ], specs: AutoencoderProblem.descriptor.parameters),
      ProblemEnvironment(baseDirectory: ".", dataDirectories: [], checkpointDirectory: "."),
      Scalar.self)
  }

  /// `dphi/dtheta` by central differences of the logits, `[parameter][B D K]`, group by group in the order of
  /// `pullBack`: a second way to it that knows the file of weights alone.
  static func jacobian(_ problem: any TrainableProblem) throws -> [[[Double]]] {
    let file = try SafetensorsFile(decoding: problem.checkpoint())
    let step = 1e-4
    return try #require(problem.pullback).groups.map { group in
      try group.tensors.flatMap { tensor -> [[Double]] in
        let stored = try #require(file[tensor.name], "\(tensor.name)")
        #expect(stored.shape == tensor.shape)
        return try (0..<tensor.count).map { index in
          func logits(_ change: Double) throws -> [Double] {
            var numbers = stored.values(as: Double.self)
            numbers[index] += change
            let moved = file.tensors.map {
              $0.name == stored.name
                ? NamedTensor($0.name, shape: $0.shape, numbers) : $0
            }
            return try problem.restored(from: SafetensorsFile(tensors: moved).encoded())
              .logits.values
          }
          return zip(try logits(step), try logits(-step)).map { ($0 - $1) / (2 * step) }
        }
      }
    }
  }
}
