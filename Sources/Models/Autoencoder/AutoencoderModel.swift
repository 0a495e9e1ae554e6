import Discrete
import Networks

/// The programs of an autoencoder with their numbers.
struct AutoencoderModel<Scalar: NetworkScalar>: Sendable {
  let encoder: Program
  let decoder: Program
  var encoderWeights: ParameterStore<Scalar>
  var decoderWeights: ParameterStore<Scalar>
  var bottleneck: any Bottleneck<Scalar>
  let likelihood: any Likelihood

  /// All numbers: the encoder's, the decoder's, and the bottleneck's as `codebook.codes`.
  var store: ParameterStore<Scalar> {
    var stores = [encoderWeights, decoderWeights]
    let own = bottleneck.parameters
    if !own.isEmpty,
      let tensor = try? StoredTensor(
        name: "codebook.codes", group: "codebook", shape: bottleneck.parameterShape),
      let store = try? ParameterStore([tensor], values: [own])
    {
      stores.append(store)
    }
    guard let all = try? ParameterStore(joining: stores) else {
      preconditionFailure("programs begin their names with 'encoder' and 'decoder'")
    }
    return all
  }

  /// Takes the numbers of such a store.
  mutating func take(_ store: ParameterStore<Scalar>) {
    change { numbers, index in numbers = store[index] }
  }

  /// Changes every tensor in place, in the order of `store`.
  mutating func change(_ body: (_ numbers: inout [Scalar], _ index: Int) -> Void) {
    let first = encoderWeights.tensors.count
    for index in 0..<first { body(&encoderWeights[index], index) }
    let second = first + decoderWeights.tensors.count
    for index in first..<second { body(&decoderWeights[index - first], index) }
    if !bottleneck.parameters.isEmpty { body(&bottleneck.parameters, second) }
  }

  /// What the code is, in words.
  var layer: String { "\(bottleneck.latents) latents of \(bottleneck.categories) categories" }

  /// Numbers of all weights.
  var count: Int { encoderWeights.count + decoderWeights.count + bottleneck.parameters.count }

  /// The features of a batch as a layer: gradients at them are as long as one at its logits.
  func featureShape(rows: Int) -> LayerShape {
    LayerShape(
      rows: rows, latents: bottleneck.latents,
      categories: bottleneck.features / bottleneck.latents)
  }

  /// The decoder at points of a layer.
  ///
  /// - Throws: `DiscreteError.shape` for codes outside the categories.
  func decode(_ points: DecodedPoints<Scalar>) throws -> ProgramPass<Scalar> {
    switch points {
    case .codes(let codes) where bottleneck.isIdentity:
      do {
        let rows = try CodeRows(
          codes, latents: bottleneck.latents, categories: bottleneck.categories)
        return decoder.forward(codes: rows, decoderWeights)
      } catch {
        throw DiscreteError.shape("\(error)")
      }
    case .codes(let codes):
      return decode(embedded: bottleneck.embed(codes: codes))
    case .soft(let points):
      return decode(embedded: bottleneck.embed(points))
    }
  }

  /// The decoder at its own inputs.
  func decode(embedded: [Scalar]) -> ProgramPass<Scalar> {
    decoder.forward(embedded, rows: embedded.count / bottleneck.embedding, decoderWeights)
  }

  /// Costs of points at the decoder's own inputs with a row of `data` each, and their gradients there.
  func inputCosts(_ embedded: [Scalar], data: [Scalar], rows: [Int]) -> (
    values: [Double], gradients: [Scalar]
  ) {
    let pass = decode(embedded: embedded)
    let columns = decoder.outputShape.count
    let delta = likelihood.residual(pass.output, data: data, rows: rows, columns: columns)
    return (
      likelihood.values(pass.output, data: data, rows: rows, columns: columns),
      decoder.inputGradient(delta, pass, decoderWeights)
    )
  }

  /// Costs of a pass with a row of data each, and their gradients: of each cost at the decoder's input, and of
  /// their mean at its weights.
  func costs(_ pass: ProgramPass<Scalar>, data: [Scalar]) -> (
    values: [Double], back: PullBack<Scalar>
  ) {
    let rows = Array(0..<pass.rows)
    let columns = decoder.outputShape.count
    let delta = likelihood.residual(pass.output, data: data, rows: rows, columns: columns)
    return (
      likelihood.values(pass.output, data: data, rows: rows, columns: columns),
      decoder.pullBack(delta, pass, decoderWeights, scale: 1 / Scalar(pass.rows))
    )
  }
}

/// Points of a layer that a decoder is run at.
enum DecodedPoints<Scalar: NetworkScalar>: Equatable {
  /// `[points][D]`.
  case codes([Int32])
  /// `[points][D][K]`.
  case soft([Scalar])

  /// `[points][D][K]`.
  func blocks(categories: Int) -> [Scalar] {
    switch self {
    case .codes(let codes): oneHotBlocks(codes, categories: categories)
    case .soft(let points): points
    }
  }
}

/// One-hot blocks of codes, `[codes][categories]`.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func oneHotBlocks<Scalar: NetworkScalar>(_ codes: [Int32], categories: Int) -> [Scalar] {
  var blocks = [Scalar](repeating: 0, count: codes.count * categories)
  for (block, code) in codes.enumerated() { blocks[block * categories + Int(code)] = 1 }
  return blocks
}
