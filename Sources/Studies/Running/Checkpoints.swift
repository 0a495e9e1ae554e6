import Discrete
import Foundation

/// Trained weights kept on disk: under the hash of how they were trained, and under the names
/// that studies gave them.
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
      try Data(bytes).write(to: URL(fileURLWithPath: path(name)), options: .atomic)
    } catch {
      throw StudyRunError.checkpoint("\(path(name)): cannot be written; check the folder's rights")
    }
  }

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
