import Discrete
import Fidelity
import Foundation
import Models
import Networks
import ResultStore
import Tensors

/// The oracle table of one problem with one set of weights, kept in the folder of checkpoints.
///
/// Name and file hold the hash of what the bits depend on: problem and weights, the form of the file,
/// the processor's matrix kernels. Behind the head of an `IdentifiedFile`: a line of sizes, then
/// float64 values and gradients in the oracle's precision, little-endian.
struct TableFile: OracleTableCache {
  private let file: IdentifiedFile
  let warn: @Sendable (String) -> Void

  private static let form = "gradfid-table/3"

  var path: String { file.path }

  /// - Parameter identity: hash of the problem with its weights.
  init(
    environment: ProblemEnvironment, identity: String, warn: @escaping @Sendable (String) -> Void
  ) {
    let depends = [
      TableFile.form, identity, "\(ResolvedStudy.format)", SystemFacts.version,
      BLASRuntime.coreName,
    ].joined(separator: "\n")
    let hash = contentHash(of: Data(depends.utf8))
    file = IdentifiedFile(
      path: "\(environment.checkpointDirectory)/table-\(hash.prefix(32)).table",
      form: TableFile.form, identity: hash)
    self.warn = warn
  }

  func table(
    _ shape: LayerShape, jointCodes: Int, gradients: Bool, rounding: CostRounding
  ) -> OracleTable? {
    do {
      guard let bytes = try file.read() else { return nil }
      guard let found = table(bytes, shape, jointCodes: jointCodes, rounding: rounding) else {
        throw IdentifiedFile.Refusal.damage
      }
      return gradients && !found.hasGradients ? nil : found
    } catch {
      let refusal = error as? IdentifiedFile.Refusal ?? .damage
      warn("\(path): \(refusal.naming("table")) is ignored and written again")
      return nil
    }
  }

  func keep(_ table: OracleTable) {
    do {
      try file.write(TableFile.payload(table))
    } catch {
      warn("\(path): the table cannot be kept; check the folder's rights and the disk")
    }
  }

  private func table(
    _ bytes: Data, _ shape: LayerShape, jointCodes: Int, rounding: CostRounding
  ) -> OracleTable? {
    var rest = bytes[...]
    guard let sizes = IdentifiedFile.line(&rest) else { return nil }
    for precision in [0, 4, 8] {
      guard sizes == TableFile.sizes(shape, jointCodes: jointCodes, precision: precision) else {
        continue
      }
      let count = shape.rows * jointCodes
      guard rest.count == 8 * count + shape.width * count * precision else { return nil }
      let values = Array(rest.prefix(8 * count))
      let derivatives = Array(rest.dropFirst(8 * count))
      let gradients: TableGradients =
        switch precision {
        case 0: .none
        case 4: .single(Float.values(littleEndianBytes: derivatives))
        default: .double(Double.values(littleEndianBytes: derivatives))
        }
      return OracleTable(
        shape: shape, values: Double.values(littleEndianBytes: values), gradients: gradients,
        rounding: rounding)
    }
    return nil
  }

  /// - Parameter precision: bytes of a gradient's number; 0 where there are no gradients.
  private static func sizes(_ shape: LayerShape, jointCodes: Int, precision: Int) -> String {
    let categories =
      shape.isRagged
      ? shape.levels.map(String.init).joined(separator: ",") : "\(shape.categories)"
    return "\(shape.rows) \(shape.latents) \(categories) \(jointCodes) \(precision)"
  }

  private static func payload(_ table: OracleTable) -> [Data] {
    let (precision, gradients): (Int, [UInt8]) =
      switch table.gradients {
      case .none: (0, [])
      case .single(let numbers): (4, Float.littleEndianBytes(numbers))
      case .double(let numbers): (8, Double.littleEndianBytes(numbers))
      }
    let head = sizes(table.shape, jointCodes: table.jointCodes, precision: precision) + "\n"
    return [Data(head.utf8), Data(Double.littleEndianBytes(table.values)), Data(gradients)]
  }
}
