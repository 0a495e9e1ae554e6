import Foundation

/// All bytes of a file.
///
/// - Throws: `ModelFileError` if the file is missing, is a folder or cannot be read.
func fileBytes(_ path: String, hint: String) throws -> [UInt8] {
  var isDirectory: ObjCBool = false
  guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
    throw ModelFileError(file: path, what: "there is no such file", hint: hint)
  }
  guard !isDirectory.boolValue else {
    throw ModelFileError(file: path, what: "this is a folder, not a file", hint: hint)
  }
  guard let data = FileManager.default.contents(atPath: path) else {
    throw ModelFileError(
      file: path, what: "the file cannot be read", hint: "check its permissions")
  }
  return [UInt8](data)
}

/// `path` itself if absolute, else below `directory`.
func resolvedPath(_ path: String, in directory: String) -> String {
  if path.hasPrefix("/") || directory.isEmpty { return path }
  return directory.hasSuffix("/") ? directory + path : directory + "/" + path
}
