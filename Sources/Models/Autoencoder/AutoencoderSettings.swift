import Discrete
import Networks

/// What an autoencoder is made of, beside its data.
public struct AutoencoderSettings: Sendable {
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

  public init(
    encoder: [OperationSpec], decoder: [OperationSpec], rows: Int = 100, offset: Int = 0,
    seed: UInt64 = 1, binarised: Bool = true
  ) {
    self.encoder = encoder
    self.decoder = decoder
    self.rows = rows
    self.offset = offset
    self.seed = seed
    self.binarised = binarised
  }

  /// - Throws: `DiscreteError.parameter` for a batch outside the data.
  func check(_ data: DataSet) throws {
    guard rows >= 1, offset >= 0, offset < data.count, rows <= data.count - offset else {
      throw DiscreteError.parameter(
        "offset \(offset) and rows \(rows) reach beyond the \(data.count) rows of the data; lower one of them"
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
