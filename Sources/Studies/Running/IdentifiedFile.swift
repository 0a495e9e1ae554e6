import Foundation
import Models
import ResultStore

/// A file of bytes that says what it is: its form, the identity of what it holds, and a checksum of
/// all that follows, a line each.
///
/// A file is known by its name, and a name is changed in a moment; what a file is read as is decided
/// by the identity in it.
struct IdentifiedFile: Sendable {
  let path: String
  /// Name and number of the form, for instance "gradfid-state/2": older ones are not read.
  let form: String
  /// Hash of what the bytes depend on.
  let identity: String

  /// Why a file is not read.
  enum Refusal: String, Error, CustomStringConvertible {
    case form = "of an older form"
    case identity = "of something else than its name says"
    case damage = "damaged"

    var description: String { rawValue }

    /// What a file that holds `noun` is: "a damaged table".
    func naming(_ noun: String) -> String {
      self == .damage ? "a damaged \(noun)" : "a \(noun) \(rawValue)"
    }
  }

  /// The bytes behind the head; nil where there is no file.
  ///
  /// - Throws: `Refusal`.
  func read() throws -> Data? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    guard let data = try? Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
    else { throw Refusal.damage }
    var rest = data[...]
    let found = Self.line(&rest)
    guard found == form else {
      let family = form.prefix { $0 != "/" }
      // Earlier releases kept bare weights, which begin with GF.
      if data.starts(with: "GF".utf8) { throw Refusal.form }
      guard let found, found.hasPrefix("gradfid-") else { throw Refusal.damage }
      throw found.hasPrefix(family) ? Refusal.form : Refusal.identity
    }
    guard let owner = Self.line(&rest), let sum = Self.line(&rest) else { throw Refusal.damage }
    // The checksum covers the identity, so that a damaged one is not taken for another.
    guard Self.checksum(owner, [rest]) == sum else { throw Refusal.damage }
    guard owner == identity else { throw Refusal.identity }
    return rest
  }

  /// Writes the file beside its place and renames it.
  ///
  /// - Parameter ready: called when the new file is whole, before it takes its place.
  /// - Throws: `StoreError.unwritable`; what `ready` throws.
  func write(_ pieces: [Data], ready: () throws -> Void = {}) throws {
    let folder = FilePath.folder(path)
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw StoreError.unwritable(path: folder, reason: "the directory cannot be created")
    }
    let file = try AtomicFile(path: path)
    try file.append("\(form)\n\(identity)\n\(Self.checksum(identity, pieces))\n".utf8)
    for piece in pieces { try file.append(piece) }
    _ = try file.seal()
    try ready()
    try file.commit()
  }

  /// The next line; nil where none ends soon.
  static func line(_ rest: inout Data.SubSequence) -> String? {
    guard let end = rest.prefix(200).firstIndex(of: 10) else { return nil }
    defer { rest = rest[(end + 1)...] }
    return String(decoding: rest[..<end], as: UTF8.self)
  }

  private static func checksum(_ identity: String, _ pieces: [Data]) -> String {
    let hash = SHA256()
    hash.update(Array("\(identity)\n".utf8))
    for piece in pieces { hash.update(piece) }
    return hash.hexadecimal()
  }
}
