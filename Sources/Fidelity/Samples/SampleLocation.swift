import Foundation
import Models

/// Where an array is: a `.npy` file, or an array of a `.npz` archive.
public struct SampleLocation: Sendable, Equatable {
  /// Path of the file or archive.
  public var path: String
  /// Name of the array in an archive; nil for the only one, or the one of the usual name.
  public var array: String?

  public init(path: String, array: String? = nil) {
    self.path = path
    self.array = array
  }

  /// Reads `file.npz:name`. A file of exactly that name goes first.
  ///
  /// - Parameter array: name for an archive that is given without one.
  public init(_ text: String, array: String? = nil) {
    let colon = text.lastIndex(of: ":")
    if let colon, !FileManager.default.fileExists(atPath: text),
      text[..<colon].hasSuffix(".npz")
    {
      self.init(
        path: String(text[..<colon]), array: String(text[text.index(after: colon)...]))
    } else {
      self.init(path: text, array: array)
    }
  }
}

extension SampleLocation {
  /// Opens the array.
  ///
  /// - Parameter usual: name looked for in archives of several arrays when none is given.
  /// - Throws: `ModelFileError`.
  func open(usual: String) throws -> SampleArray {
    let file = try FileSource(path)
    let start = try file.bytes(0..<min(2, file.count))
    guard start == ZipDirectory.magic else { return try SampleArray(file, file: path) }
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
