import Discrete
import Fidelity
import Foundation
import Models
import ResultStore
import Tensors

/// The oracle table of one state of one problem, kept in the folder of checkpoints.
///
/// The name holds the hash of what the bits depend on: problem and state, the form of the file, the
/// processor's matrix kernels. The file: a line that names the form, a line of SHA-256 of all that
/// follows, a line of sizes, then float64 values and gradients in the oracle's precision,
/// little-endian.
struct TableFile: OracleTableCache {
  let path: String
  let warn: @Sendable (String) -> Void

  private static let form = "gradfid-table/2"

  /// - Parameter identity: hash of the problem in its state.
  init(
    environment: ProblemEnvironment, identity: String, warn: @escaping @Sendable (String) -> Void
  ) {
    let depends = [
      TableFile.form, identity, "\(ResolvedStudy.format)", SystemFacts.version,
      BLASRuntime.coreName,
    ].joined(separator: "\n")
    let hash = contentHash(of: Data(depends.utf8))
    path = "\(environment.checkpointDirectory)/table-\(hash.prefix(32)).table"
    self.warn = warn
  }

  func table(
    _ shape: LayerShape, states: Int, gradients: Bool, rounding: CostRounding
  ) -> OracleTable? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    guard let found = read(shape, states: states, rounding: rounding) else {
      warn("\(path): a damaged table is ignored and written again")
      return nil
    }
    return gradients && !found.hasGradients ? nil : found
  }

  func keep(_ table: OracleTable) {
    let folder = (path as NSString).deletingLastPathComponent
    let temporary = path + ".\(ProcessInfo.processInfo.processIdentifier).tmp"
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let payload = TableFile.payload(table)
      let head = "\(TableFile.form)\n\(TableFile.checksum(payload))\n"
      guard FileManager.default.createFile(atPath: temporary, contents: nil) else {
        throw CocoaError(.fileWriteUnknown)
      }
      let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: temporary))
      try handle.write(contentsOf: Data(head.utf8))
      for piece in payload { try handle.write(contentsOf: piece) }
      try handle.synchronize()
      try handle.close()
      // A rename replaces the file at once: it is whole or the old one.
      guard rename(temporary, path) == 0 else { throw CocoaError(.fileWriteUnknown) }
    } catch {
      try? FileManager.default.removeItem(atPath: temporary)
      warn("\(path): the table cannot be kept; check the folder's rights and the disk")
    }
  }

  private func read(_ shape: LayerShape, states: Int, rounding: CostRounding) -> OracleTable? {
    guard let data = try? Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
    else { return nil }
    var rest = data[...]
    guard line(&rest) == TableFile.form, let sum = line(&rest),
      TableFile.checksum([rest]) == sum,
      let sizes = line(&rest)
    else { return nil }
    for precision in [0, 4, 8] {
      guard sizes == TableFile.sizes(shape, states: states, precision: precision) else { continue }
      let count = shape.rows * states
      guard rest.count == 8 * count + shape.width * count * precision else { return nil }
      let values = Array(rest.prefix(8 * count))
      let slopes = Array(rest.dropFirst(8 * count))
      let gradients: TableGradients =
        switch precision {
        case 0: .none
        case 4: .single(Float.values(littleEndianBytes: slopes))
        default: .double(Double.values(littleEndianBytes: slopes))
        }
      return OracleTable(
        shape: shape, values: Double.values(littleEndianBytes: values), gradients: gradients,
        rounding: rounding)
    }
    return nil
  }

  private func line(_ rest: inout Data.SubSequence) -> String? {
    guard let end = rest.prefix(200).firstIndex(of: 10) else { return nil }
    defer { rest = rest[(end + 1)...] }
    return String(decoding: rest[..<end], as: UTF8.self)
  }

  /// - Parameter precision: bytes of a gradient's number; 0 where there are no gradients.
  private static func sizes(_ shape: LayerShape, states: Int, precision: Int) -> String {
    "\(shape.rows) \(shape.latents) \(shape.categories) \(states) \(precision)"
  }

  private static func payload(_ table: OracleTable) -> [Data] {
    let (precision, gradients): (Int, [UInt8]) =
      switch table.gradients {
      case .none: (0, [])
      case .single(let numbers): (4, Float.littleEndianBytes(numbers))
      case .double(let numbers): (8, Double.littleEndianBytes(numbers))
      }
    let head = sizes(table.shape, states: table.states, precision: precision) + "\n"
    return [Data(head.utf8), Data(Double.littleEndianBytes(table.values)), Data(gradients)]
  }

  private static func checksum(_ pieces: [Data]) -> String {
    let hash = SHA256()
    for piece in pieces { hash.update(piece) }
    return hash.hexadecimal()
  }
}
