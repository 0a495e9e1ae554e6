import ArgumentParser
import Foundation
import GradientFidelity

/// The store that a command works on.
struct StoreOption: ParsableArguments {
  @Option(
    name: .customLong("store"),
    help: "Store file (default: $GRADFID_STORE, else gradfid.sqlite).")
  private var named: String?

  func validate() throws {
    if named == "" { throw ValidationError("--store is empty; give the path of a file") }
  }

  /// The option, the environment variable, or the default name.
  var path: String {
    if let named { return Self.literal(named) }
    let fromEnvironment = ProcessInfo.processInfo.environment[StudyEnvironment.storeVariable]
    return fromEnvironment.flatMap { $0.isEmpty ? nil : Self.literal($0) }
      ?? StudyEnvironment.defaultStore
  }

  /// A path that SQLite takes for a file of that name: not for a URI (`file:x`) or a database in
  /// memory (`:memory:`).
  static func literal(_ path: String) -> String {
    path.hasPrefix(":") || path.lowercased().hasPrefix("file:") ? "./" + path : path
  }

  /// The name of the study in this store that a name or a study file means.
  func studyName(_ text: String) throws -> String {
    try StudyNaming.name(text, known: ResultStore(readingPath: path).studyNames())
  }
}

extension OutputFormat: ExpressibleByArgument {}
