import Discrete
import Fidelity
import Foundation
import Models
import Networks
import ResultStore

/// The files of the moments of every parameter: one safetensors file a cell, in a folder beside the store.
///
/// A file is written under another name and renamed when whole, before its cell is stored: what the store knows of is
/// there, and a process that is killed leaves nothing that is taken for a file. Name and metadata hold the hash of the
/// cell, so that a file of other settings is never taken for this cell's.
public struct ParameterFiles: Sendable {
  /// The folder.
  public let directory: String

  /// - Parameter storePath: the store beside which they stand, as `NAME-parameters`.
  public init(storePath: String) {
    directory = FilePath.withoutEnding(storePath) + "-parameters"
  }

  /// The form of the files: a change of what is in them raises the number.
  public static let form = "gradfid-parameters/1"

  /// The kinds of numbers in a file; a tensor is named `KIND/TENSOR`.
  public static let kinds = [
    "mean", "mean_error", "variance", "variance_error", "target", "target_error",
  ]

  /// Name of a cell's file.
  public static func name(cell hash: String) -> String { "\(hash.prefix(32)).safetensors" }

  /// Path of a cell's file.
  public func path(cell hash: String) -> String { "\(directory)/\(Self.name(cell: hash))" }

  /// Writes a cell's numbers and returns what the store keeps of them.
  ///
  /// - Throws: `StoreError.unwritable`.
  func write(_ moments: ParameterMoments, cell: CellRecord) throws -> ParameterRecord {
    let bytes = try Self.file(moments, cell: cell).encoded()
    do {
      try FileManager.default.createDirectory(
        atPath: directory, withIntermediateDirectories: true)
    } catch {
      throw StoreError.unwritable(path: directory, reason: "the directory cannot be created")
    }
    let file = try AtomicFile(path: path(cell: cell.hash))
    try file.append(bytes)
    let digest = try file.seal()
    try file.commit()
    return ParameterRecord(
      file: Self.name(cell: cell.hash), bytes: bytes.count, sha256: digest,
      coordinates: moments.parts.reduce(0) { $0 + $1.target.count },
      quantiles: moments.quantiles.map {
        ParameterRecord.Quantile(
          scope: $0.scope, quantity: $0.quantity.rawValue, quantile: $0.level, value: $0.value,
          se: $0.error, count: $0.count)
      })
  }

  /// Those of some cells that a run would not measure again: done, and with their files where the study asks
  /// for them; beside them what is done but for its file.
  ///
  /// - Throws: `StoreError`.
  public func stored(
    among hashes: [String], of study: ResolvedStudy, in store: ResultStore
  ) throws -> (whole: Set<String>, lost: Set<String>) {
    let done = try store.doneHashes(among: hashes)
    guard study.file.measure.parameters else { return (done, []) }
    let lost = try lost(done, in: store)
    return (done.subtracting(lost), lost)
  }

  /// Those of some done cells whose file is not there or is another's: they are to be measured again.
  ///
  /// A file is known by its size, which the store has, and by the hash in its metadata.
  /// - Throws: `StoreError`.
  public func lost(_ done: Set<String>, in store: ResultStore) throws -> Set<String> {
    Set(
      try store.parameterFiles(of: done).filter { hash, bytes in
        let path = path(cell: hash)
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        guard attributes?[.size] as? Int == bytes else { return true }
        return Self.owner(path) != hash
      }.keys)
  }

  /// Copies the files of a study into `NAME-parameters` in a folder, under their names; returns its path, nil where
  /// the study has none. A file that is there already is replaced.
  ///
  /// - Throws: `StoreError.rejected` for a file that is gone or has other bytes than the store knows of, `output`,
  ///   `unwritable`, `unknownStudy`.
  public func export(study name: String, of store: ResultStore, to folder: String) throws -> String?
  {
    let files = try store.parameterFiles(study: name)
    guard !files.isEmpty else { return nil }
    let target = "\(folder)/\(name)-parameters"
    do {
      try FileManager.default.createDirectory(
        atPath: target, withIntermediateDirectories: true)
    } catch {
      throw StoreError.output(path: target, reason: "the folder cannot be created")
    }
    for entry in files {
      let path = path(cell: entry.cell)
      guard let bytes = try? Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
      else {
        throw Self.refusal(path, "is gone")
      }
      let copy = try AtomicFile(path: "\(target)/\(entry.file)")
      try copy.append(bytes)
      guard try copy.seal() == entry.sha256 else {
        throw Self.refusal(path, "has other bytes than the store knows of")
      }
      try copy.commit()
    }
    return target
  }

  private static func refusal(_ path: String, _ what: String) -> StoreError {
    StoreError.rejected(
      what: "the file of single parameters '\(path)' \(what)",
      hint: "run the study again, which measures its cell again")
  }

  /// The hash of the cell that a file says it is of; nil for other files.
  static func owner(_ path: String) -> String? {
    guard let data = try? Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe),
      let metadata = try? SafetensorsFile.metadata(of: data), metadata["form"] == form
    else { return nil }
    return metadata["cell"]
  }

  private static func file(_ moments: ParameterMoments, cell: CellRecord) -> SafetensorsFile {
    var tensors: [NamedTensor] = []
    for part in moments.parts {
      let numbers = part.numbers
      let arrays = [
        numbers.mean, numbers.meanError, numbers.variance, numbers.varianceError, part.target,
        part.targetError,
      ]
      var start = 0
      for tensor in part.tensors {
        for (kind, array) in zip(kinds, arrays) {
          tensors.append(
            NamedTensor(
              "\(kind)/\(tensor.name)", shape: tensor.shape,
              .double(Array(array[start..<start + tensor.count]))))
        }
        start += tensor.count
      }
    }
    var metadata = [
      "form": form, "cell": cell.hash, "problem": cell.problem, "state": cell.weights,
      "estimator": cell.estimatorLabel, "target_law": cell.targetDistribution,
      "moments": moments.moments.rawValue, "resolved": cell.resolvedJSON,
    ]
    if let draws = moments.draws { metadata["draws"] = "\(draws)" }
    return SafetensorsFile(tensors: tensors, metadata: metadata)
  }
}
