/// The parts of a file's path, for any text: Foundation's own split traps on names of one character.
package enum FilePath {
  /// What stands before the last slash; `/` for a file at the root, empty where there is no slash.
  package static func folder(_ path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "" }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// What stands behind the last slash.
  package static func name(_ path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return path }
    return String(path[path.utf8.index(after: slash)...])
  }

  /// The path without the ending of its name, if there is one behind more than a first dot.
  package static func withoutEnding(_ path: String) -> String {
    let ending = ending(path)
    return ending.isEmpty ? path : String(path.dropLast(ending.count + 1))
  }

  /// The name without its ending.
  package static func stem(_ path: String) -> String { withoutEnding(name(path)) }

  /// What stands behind the last dot of the name; empty where there is none, or nothing before it.
  package static func ending(_ path: String) -> String {
    let name = name(path)
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "" }
    return String(name[name.index(after: dot)...])
  }
}
