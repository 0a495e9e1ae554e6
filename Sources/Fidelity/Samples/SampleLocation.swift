import Foundation
import Models

/// Where an array is: a `.npy` file, or an array of a `.npz` archive.
public struct SampleLocation: Sendable, Equatable {
  /// Path of the file or archive.
  public var path: String
  /// Name of the array in an archive; nil for the only one, or the one of the usual name.
  public var array: String?
  /// Whether the text itself named the array.
  private var isNamed = false

  public init(path: String, array: String? = nil) {
    self.path = path
    self.array = array
  }

  /// Reads `file.npz:name`; the name may hold colons itself.
  ///
  /// A file of exactly the text's name goes first; then the longest part before a colon that is a
  /// file, then the shortest that ends in `.npz`, in any letter case.
  /// - Parameter array: name for an archive that is given without one.
  public init(_ text: String, array: String? = nil) {
    let colons = text.unicodeScalars.indices.filter { text.unicodeScalars[$0] == ":" }
    let colon =
      Self.isFile(text)
      ? nil
      : colons.last { Self.isFile(String(text[..<$0])) }
        ?? colons.first { text[..<$0].lowercased().hasSuffix(".npz") }
    if let colon {
      self.init(
        path: String(text[..<colon]), array: String(text[text.index(after: colon)...]))
      isNamed = true
    } else {
      self.init(path: text, array: array)
    }
  }

  private static func isFile(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      && !isFolder.boolValue
  }
}

extension SampleLocation {
  /// Opens the array.
  ///
  /// - Parameter usual: name looked for in archives of several arrays when none is given.
  /// - Throws: `ModelFileError`.
  package func open(usual: String) throws -> SampleArray {
    let file = try FileSource(path)
    let start = try file.bytes(0..<min(4, file.count))
    guard ZipDirectory.magics.contains(start) else {
      guard !isNamed else {
        throw ModelFileError(
          file: path, what: "this is no archive, so it has no array '\(array ?? "")'",
          hint: "leave the name out, or write the archive again with np.savez")
      }
      return try SampleArray(file, file: path)
    }
    let archive = try ZipDirectory(file)
    let arrays = archive.arrays
    guard
      let name = array ?? (arrays.count == 1 ? arrays[0] : nil)
        ?? arrays.first(where: { $0 == usual })
    else {
      throw ModelFileError(
        file: path, what: "the archive has \(arrays.count) arrays and none is named",
        hint: arrays.isEmpty
          ? "write arrays with np.savez"
          : "give one as \(path):NAME; it has \(arrays.prefix(12).joined(separator: ", "))")
    }
    return try SampleArray(try archive.source(name), file: "\(path):\(name)")
  }
}
