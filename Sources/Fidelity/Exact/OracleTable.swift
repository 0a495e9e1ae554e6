import Discrete
import Tensors

/// The cost of every joint code of every row, and on request its gradient: the one object that
/// serves all estimators at all temperatures of a problem.
public struct OracleTable: Sendable {
  public let shape: LayerShape
  /// `prod_d K_d`.
  public let jointCodes: Int
  /// `f_b(z)`, `[rows][jointCodes]`.
  public let values: [Double]
  /// `df_b/dz`, `[rows][jointCodes][latents][categories]`.
  public let gradients: TableGradients
  /// Bound of the error of one value of a row, `[rows]`: the oracle's roundoff times the largest
  /// value, or the largest terms that values are summed of. Up to a factor of 2 also that of a
  /// difference from another value of the row.
  public let costRounding: [Double]

  /// A table and the work on it may take as many bytes; larger problems are sampled.
  public static let byteLimit = 4 << 30

  /// Joint codes per row of a table within both limits, or nil.
  public static func jointCodes(_ shape: LayerShape, limit: Int, gradients: Bool) -> Int? {
    guard let jointCodes = shape.jointCodes(limit: limit) else { return nil }
    // Beside the table, two workers hold a few vectors per joint code of the row at work. Floating
    // point, because the product of user-given sizes may not fit an integer.
    let table = Double(shape.rows) * Double(jointCodes) * Double(gradients ? 1 + shape.width : 1)
    let working = 8 * Double(jointCodes) * Double(shape.width)
    return 8 * (table + working) > Double(byteLimit) ? nil : jointCodes
  }

  /// Whether the table that serves estimators of these plans holds gradients; nil where there is no
  /// table. Without room for gradients the values alone still give an exact target.
  static func holdsGradients(
    for plans: [EvaluationPlan], of problem: any DiscreteProblem, moments: MomentsChoice, limit: Int
  ) -> Bool? {
    let wanted =
      moments != .monteCarlo && problem.oracle.capabilities.gradients
      && plans.contains(where: \.hardGradients)
    return [wanted, false].first { jointCodes(problem.shape, limit: limit, gradients: $0) != nil }
  }

  /// Joint codes per call of the oracle. A fixed number: bits of an oracle may depend on it.
  private static let part = 256

  /// Evaluates the table, in parts of a fixed size that workers share.
  ///
  /// - Parameter limit: the most joint codes per row that may be enumerated.
  /// - Throws: `DiscreteError.unsupported` where there are more, or no gradients to be had.
  public init(oracle: any CostOracle, limit: Int, gradients: Bool, workers: Int = 1) throws {
    let shape = oracle.shape
    guard let jointCodes = OracleTable.jointCodes(shape, limit: limit, gradients: gradients) else {
      throw DiscreteError.unsupported(
        "\(shape.jointCodesText) joint codes of \(shape.rows) rows exceed the limit of \(limit) joint codes or \(OracleTable.byteLimit >> 30) GiB"
      )
    }
    let values: [Double]
    let derivatives: TableGradients
    if gradients, oracle.capabilities.precision == .single {
      let table = try OracleTable.evaluated(oracle, jointCodes: jointCodes, workers: workers) {
        let costs = try oracle.singleCosts(ofJointCodes: $0, gradients: true)
        return (costs.values, costs.gradients)
      }
      (values, derivatives) = (table.values, .single(table.gradients))
    } else {
      let table = try OracleTable.evaluated(oracle, jointCodes: jointCodes, workers: workers) {
        let costs = try oracle.costs(ofJointCodes: $0, gradients: gradients)
        return (costs.values, costs.gradients)
      }
      (values, derivatives) = (table.values, gradients ? .double(table.gradients) : .none)
    }
    guard
      let table = OracleTable(
        shape: shape, values: values, gradients: derivatives, rounding: CostRounding(oracle))
    else {
      throw DiscreteError.notFinite("the cost is not finite at some joint code")
    }
    self = table
  }

  private static func evaluated<Number: Sendable>(
    _ oracle: any CostOracle, jointCodes: Int, workers: Int,
    part evaluate: @Sendable (Range<Int>) throws -> (values: [Double], gradients: [Number])
  ) throws -> (values: [Double], gradients: [Number]) {
    let shape = oracle.shape
    guard jointCodes > part, !oracle.capabilities.wholeTables else {
      return try evaluate(0..<jointCodes)
    }
    // The first part shows whether there are gradients.
    let first = try evaluate(0..<part)
    let count = shape.rows * jointCodes
    var values = [Double](unsafeUninitializedCapacity: count) { $1 = count }
    let width = first.gradients.isEmpty ? 0 : shape.width
    var gradients = [Number](unsafeUninitializedCapacity: count * width) {
      HeapPolicy.preferHugePages($0)
      $1 = count * width
    }
    try values.withUnsafeMutableBufferPointer { values in
      try gradients.withUnsafeMutableBufferPointer { gradients in
        // Each part has elements of its own in both.
        nonisolated(unsafe) let (values, gradients) = (values, gradients)
        _ = try parallelMap((jointCodes + part - 1) / part, workers: workers) { index in
          let range = index * part..<min(jointCodes, (index + 1) * part)
          let costs = index == 0 ? first : try evaluate(range)
          for row in 0..<shape.rows {
            let to = row * jointCodes + range.lowerBound
            copy(costs.values, row, to: values, at: to, range.count)
            copy(costs.gradients, row, to: gradients, at: to * width, range.count * width)
          }
        }
      }
    }
    return (values, gradients)
  }

  /// Copies the `row`-th run of `count` numbers.
  private static func copy<Number>(
    _ from: [Number], _ row: Int, to: UnsafeMutableBufferPointer<Number>, at: Int, _ count: Int
  ) {
    _ = UnsafeMutableBufferPointer(rebasing: to[at..<at + count])
      .update(fromContentsOf: from[row * count..<(row + 1) * count])
  }

  /// A table that was evaluated before.
  ///
  /// Nil where the costs are not those of all joint codes of the layer, or not finite.
  ///
  /// - Parameter rounding: of the oracle that made the values.
  public init?(
    shape: LayerShape, values: [Double], gradients: TableGradients, rounding: CostRounding
  ) {
    guard let jointCodes = shape.jointCodes(limit: values.count),
      values.count == shape.rows * jointCodes,
      gradients.isEmpty || gradients.count == shape.count * jointCodes,
      allFinite(values), gradients.areFinite
    else { return nil }
    self.shape = shape
    self.jointCodes = jointCodes
    self.values = values
    self.gradients = gradients
    costRounding = (0..<shape.rows).map { row in
      guard rounding.roundoff > 0 else { return 0 }
      return rounding.bound(values[row * jointCodes..<(row + 1) * jointCodes])
    }
  }

  public var hasGradients: Bool { !gradients.isEmpty }

  /// Category indices `[jointCodes][latents]`. Cost: `O(jointCodes * latents)`; nothing is kept.
  public var codes: [Int32] {
    JointCodes(shape).codes(0..<jointCodes)
  }

  /// `f_b(z)` of every joint code.
  public func values(row: Int) -> [Double] {
    shape.rows == 1 ? values : Array(values[row * jointCodes..<(row + 1) * jointCodes])
  }

  /// `df_b/dz` of every joint code, `[jointCodes][D][K]`; empty without gradients.
  public func gradients(row: Int) -> [Double] {
    guard hasGradients else { return [] }
    let stride = jointCodes * shape.width
    return gradients.numbers(row * stride..<(row + 1) * stride)
  }
}

/// What an oracle says of the rounding of its values.
public struct CostRounding: Sendable, Equatable {
  let roundoff: Double
  let termSize: Double

  public init(_ oracle: any CostOracle) {
    let capabilities = oracle.capabilities
    roundoff = capabilities.roundoff
    termSize = capabilities.termSize
  }

  /// Bound of the error of one of these values.
  public func bound(_ values: some Sequence<Double>) -> Double {
    roundoff * values.reduce(termSize) { max($0, abs($1)) }
  }
}

/// Where evaluated tables of one frozen problem are kept between runs.
///
/// Reading a table gives the bits that were kept, so numbers are the same with and without it.
public protocol OracleTableCache: Sendable {
  /// The table that was kept, or nil where there is none for this layer, or a damaged one.
  ///
  /// - Parameters:
  ///   - gradients: whether gradients are needed; a table that has them serves both.
  ///   - rounding: of the oracle that the table is of.
  func table(
    _ shape: LayerShape, jointCodes: Int, gradients: Bool, rounding: CostRounding
  ) -> OracleTable?

  /// Keeps a table; a failure to do so is no error of the measurement.
  func keep(_ table: OracleTable)
}
