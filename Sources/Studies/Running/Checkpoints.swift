import Discrete
import Foundation
import ResultStore

/// Trained weights kept on disk: under the hash of how they were trained, which the file holds as
/// well, and under the names that studies gave them; cells know those by their content.
struct Checkpoints {
  let directory: String

  init(_ environment: ProblemEnvironment) { directory = environment.checkpointDirectory }

  /// - Throws: `StudyRunError.checkpoint` if there is none of that name.
  func load(_ name: String) throws -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: path(name)) else {
      let known = names()
      let hint =
        known.isEmpty
        ? "no study has saved one yet; add 'save: \(name)' to a 'train' state"
        : "saved so far: \(known.joined(separator: ", "))"
      throw StudyRunError.checkpoint("\(path(name)): no checkpoint '\(name)'; \(hint)")
    }
    return [UInt8](data)
  }

  /// Written beside and renamed, so that a checkpoint is whole or absent.
  func save(_ bytes: [UInt8], as name: String) throws {
    do {
      try FileManager.default.createDirectory(
        atPath: directory, withIntermediateDirectories: true)
      try AtomicFile.write(bytes, to: path(name))
    } catch {
      throw StudyRunError.checkpoint("\(path(name)): cannot be written; check the folder's rights")
    }
  }

  /// The weights of trained weights; nil where there are none.
  ///
  /// - Parameter hash: hash of how the weights came about.
  /// - Throws: `IdentifiedFile.Refusal`.
  func load(weights hash: String) throws -> [UInt8]? {
    try file(weights: hash).read().map { [UInt8]($0) }
  }

  /// - Throws: `StudyRunError.checkpoint`.
  func save(_ bytes: [UInt8], weights hash: String) throws {
    let file = file(weights: hash)
    do {
      try file.write([Data(bytes)])
    } catch {
      throw StudyRunError.checkpoint("\(file.path): cannot be written; check the folder's rights")
    }
  }

  /// The file of trained weights.
  func file(weights hash: String) -> IdentifiedFile {
    IdentifiedFile(
      path: path(Self.name(weights: hash)), form: "gradfid-state/2", identity: hash)
  }

  /// The base name of the files of trained weights.
  static func name(weights hash: String) -> String { "state-\(hash.prefix(32))" }

  static func fingerprint(_ bytes: [UInt8]) -> String {
    contentHash(of: Data(bytes))
  }

  private func names() -> [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    return files.filter { $0.hasSuffix(".weights") && !$0.hasPrefix("state-") }
      .map { String($0.dropLast(".weights".count)) }.sorted()
  }

  private func path(_ name: String) -> String { "\(directory)/\(name).weights" }
}
