import Crypto
import Discrete
import Fidelity
import Foundation
import Tensors

/// The oracle table of one state of one problem, kept in the folder of checkpoints.
///
/// The name holds the hash of what the bits depend on: problem and state, the form of the file, the
/// processor's matrix kernels. The file: a line that names the form, a line of SHA-256 of all that
/// follows, a line of sizes, then float64 values and gradients, little-endian.
struct TableFile: OracleTableCache {
  let path: String
  let warn: @Sendable (String) -> Void

  private static let form = "gradfid-table/1 float64"

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

  func table(_ shape: LayerShape, states: Int, gradients: Bool) -> OracleTable? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    guard let found = read(shape, states: states) else {
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

  private func read(_ shape: LayerShape, states: Int) -> OracleTable? {
    guard let data = try? Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
    else { return nil }
    var rest = data[...]
    guard line(&rest) == TableFile.form, let sum = line(&rest),
      TableFile.checksum([rest]) == sum,
      let sizes = line(&rest)
    else { return nil }
    for gradients in [false, true] {
      guard sizes == TableFile.sizes(shape, states: states, gradients: gradients) else { continue }
      let count = shape.rows * states
      let all = count * (gradients ? 1 + shape.width : 1)
      guard rest.count == 8 * all else { return nil }
      let values = numbers(rest.prefix(8 * count))
      let slopes = numbers(rest.dropFirst(8 * count))
      return OracleTable(shape: shape, costs: CostBlock(values: values, gradients: slopes))
    }
    return nil
  }

  private func line(_ rest: inout Data.SubSequence) -> String? {
    guard let end = rest.prefix(200).firstIndex(of: 10) else { return nil }
    defer { rest = rest[(end + 1)...] }
    return String(decoding: rest[..<end], as: UTF8.self)
  }

  private func numbers(_ bytes: Data.SubSequence) -> [Double] {
    bytes.withUnsafeBytes { raw in
      (0..<raw.count / 8).map { index in
        Double(
          bitPattern: UInt64(
            littleEndian: raw.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self)))
      }
    }
  }

  private static func sizes(_ shape: LayerShape, states: Int, gradients: Bool) -> String {
    "\(shape.rows) \(shape.latents) \(shape.categories) \(states) \(gradients ? 1 : 0)"
  }

  private static func payload(_ table: OracleTable) -> [Data] {
    let head = sizes(table.shape, states: table.states, gradients: table.hasGradients) + "\n"
    return [Data(head.utf8), bytes(table.costs.values), bytes(table.costs.gradients)]
  }

  private static func bytes(_ numbers: [Double]) -> Data {
    numbers.map(\.bitPattern.littleEndian).withUnsafeBytes { Data($0) }
  }

  private static func checksum(_ pieces: [Data]) -> String {
    var hash = SHA256()
    for piece in pieces { hash.update(data: piece) }
    return hash.finalize().map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}
