import Discrete
import Networks

/// What an autoencoder is made of, beside its data.
public struct AutoencoderSettings: Sendable, Equatable {
  /// The programs as the study names them: hidden operations, to which the last dense ones are added.
  public var encoder: [OperationSpec]
  public var decoder: [OperationSpec]
  /// Rows of the measured batch, and the first of them.
  public var rows: Int
  public var offset: Int
  /// Key of the weights.
  public var seed: UInt64
  /// Numbers above one half become 1 and the others 0.
  public var binarised: Bool
  /// The name that these settings go by.
  let kind: AutoencoderKind

  public init(
    encoder: [OperationSpec], decoder: [OperationSpec], rows: Int = 100, offset: Int = 0,
    seed: UInt64 = 1, binarised: Bool = true
  ) {
    self.init(
      kind: .autoencoder, encoder: encoder, decoder: decoder, rows: rows, offset: offset,
      seed: seed, binarised: binarised)
  }

  init(
    kind: AutoencoderKind, encoder: [OperationSpec], decoder: [OperationSpec], rows: Int,
    offset: Int, seed: UInt64, binarised: Bool
  ) {
    self.kind = kind
    self.encoder = encoder
    self.decoder = decoder
    self.rows = rows
    self.offset = offset
    self.seed = seed
    self.binarised = binarised
  }

  /// Most weights of both programs, 256 MiB in float32, and most numbers that a batch leaves in them.
  private static let weightLimit = 1 << 26

  /// - Throws: `DiscreteError.parameter` for a batch outside the data, or data outside the likelihood's domain.
  func check(_ data: DataSet, _ likelihood: any Likelihood) throws {
    guard rows >= 1, offset >= 0, offset < data.count, rows <= data.count - offset else {
      throw DiscreteError.parameter(
        "offset \(offset) and rows \(rows) reach beyond the \(data.count) rows of the data; lower one of them"
      )
    }
    if !binarised, let domain = likelihood.domain,
      !(domain.contains(data.range.lowerBound) && domain.contains(data.range.upperBound))
    {
      throw DiscreteError.parameter(
        "this likelihood is of numbers from \(domain.lowerBound) to \(domain.upperBound), and the data are from \(data.range.lowerBound) to \(data.range.upperBound); set binarise: threshold, or use likelihood gaussian or l1"
      )
    }
  }

  /// Whether such programs are built: names with sizes of their own have checked those.
  ///
  /// - Throws: `DiscreteError.parameter`.
  func checkMemory<Scalar>(
    _ bottleneck: any Bottleneck<Scalar>, _ encoder: Program, _ decoder: Program
  ) throws {
    guard kind == .autoencoder else { return }
    let width = bottleneck.latents * bottleneck.categories
    guard width <= VAESettings.widthLimit else {
      throw DiscreteError.parameter(
        "latents x categories must be at most \(VAESettings.widthLimit), found \(width)")
    }
    let weights = encoder.parameterCount + decoder.parameterCount + bottleneck.parameters.count
    guard weights <= Self.weightLimit else {
      throw DiscreteError.parameter(
        "these programs have \(weights) weights, and at most \(Self.weightLimit) are built; use smaller operations"
      )
    }
    let numbers = Double(rows) * Double(encoder.activationCount + decoder.activationCount)
    guard numbers <= Double(Self.weightLimit) else {
      throw DiscreteError.parameter(
        "\(rows) rows leave \(Int(numbers)) numbers in these programs, and at most \(Self.weightLimit) are held; lower rows, or use smaller operations"
      )
    }
  }

  /// A program with a dense operation behind it that gives `outputs` numbers, unless it ends in weights that give
  /// as many.
  ///
  /// - Throws: `DiscreteError.parameter` with the place in the program.
  static func program(
    _ name: String, _ specs: [OperationSpec], input: TensorShape, outputs: Int
  ) throws -> Program {
    do {
      let program = try Program(specs, OperationContext(input: input))
      if let last = program.operations.last, case .weights = last.role,
        program.outputShape.count == outputs
      {
        return program
      }
      return try Program(specs + [OperationSpec("dense", outputs)], OperationContext(input: input))
    } catch let error as NetworkError {
      throw DiscreteError.parameter("\(name): \(error)")
    }
  }
}

extension Program {
  /// Numbers of a row between all operations.
  var activationCount: Int {
    operations.reduce(inputShape.count) { $0 + $1.outputShape.count }
  }
}

extension OperationSpec {
  /// The operation of a study file's value: `.entry(name, settings)`, a value or branches under the empty name.
  ///
  /// - Throws: `DiscreteError.parameter` or `NetworkError.setting` for a value that is no operation.
  init(_ value: ParameterValue) throws {
    guard case .entry(let name, let given) = value else {
      throw DiscreteError.parameter("'\(value)' is no operation")
    }
    if case .list(let branches)? = given[""] {
      self.init(
        name,
        branches: try branches.map { branch in
          guard case .list(let operations) = branch else {
            throw DiscreteError.parameter("'\(branch)' is no list of operations")
          }
          return try operations.map { try OperationSpec($0) }
        })
    } else if let only = given[""] {
      self.init(name, .value(try SettingValue(only)))
    } else {
      self.init(
        name, given.isEmpty ? .none : .settings(try given.mapValues { try SettingValue($0) }))
    }
  }
}
