import Foundation

/// The built command that the tests run.
///
/// `GRADFID_EXECUTABLE` names another one; else it is looked for beside the test program, then in
/// the build folders of the package.
enum Executable {
  static let variable = "GRADFID_EXECUTABLE"

  /// Root of the package, from the place of this file.
  static let packageRoot = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// - Throws: `Missing` where there is none.
  static func url() throws -> URL {
    if let named = ProcessInfo.processInfo.environment[variable], !named.isEmpty {
      return URL(fileURLWithPath: named)
    }
    var folders = [Bundle.main.bundleURL]
    if let program = Bundle.main.executableURL {
      folders.append(program.deletingLastPathComponent())
    }
    folders += ["release", "debug"].map { packageRoot.appendingPathComponent(".build/\($0)") }
    let candidates = folders.map { $0.appendingPathComponent("gradfid") }
    guard
      let found = candidates.first(where: {
        FileManager.default.isExecutableFile(atPath: $0.path)
      })
    else { throw Missing(candidates: candidates.map(\.path)) }
    return found
  }

  struct Missing: Error, CustomStringConvertible {
    let candidates: [String]

    var description: String {
      "gradfid is not built: `swift build` first, or set \(variable); looked for "
        + candidates.joined(separator: ", ")
    }
  }
}
