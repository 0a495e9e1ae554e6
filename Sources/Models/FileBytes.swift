import Foundation

/// All bytes of a file.
///
/// - Parameter limit: most bytes; a longer file is refused before it fills the memory.
/// - Throws: `ModelFileError` if the file is missing, a folder, a device, too long or cannot be
///   read.
func fileBytes(_ path: String, hint: String, limit: Int = .max) throws -> [UInt8] {
  let reader = try FileReader(path, hint: hint)
  func tooLong(_ found: String) -> ModelFileError {
    ModelFileError(
      file: path, what: "the file has \(found) bytes (limit \(limit))",
      hint: "is this the right file?")
  }
  if let count = reader.count, count > limit { throw tooLong("\(count)") }
  var bytes: [UInt8] = []
  bytes.reserveCapacity(reader.count ?? 0)
  var piece = [UInt8](repeating: 0, count: 1 << 18)
  while true {
    let got = try piece.withUnsafeMutableBytes { try reader.read(into: $0) }
    bytes += piece[..<got]
    guard bytes.count <= limit else { throw tooLong("more than \(limit)") }
    if got < piece.count { return bytes }
  }
}

/// `path` itself if absolute, else below `directory`.
func resolvedPath(_ path: String, in directory: String) -> String {
  if path.hasPrefix("/") || directory.isEmpty { return path }
  return directory.hasSuffix("/") ? directory + path : directory + "/" + path
}
