import Discrete
import Foundation
import Models

/// The study that a text means where a study of a store is wanted: its name, or its file.
public enum StudyNaming {
  /// The name of the study.
  ///
  /// A text with a slash or the ending of a study file is a file, and so is one that the store has no
  /// study of where there is such a file (`.yaml` may be left out): the study of the `name` in it is
  /// meant, whatever the file is called.
  ///
  /// - Parameter known: names of the studies in the store.
  /// - Throws: `StudyFileErrors` for a file without a valid name.
  public static func name(_ text: String, known: [String]) throws -> String {
    let isPath = text.contains("/") || text.hasSuffix(".yaml") || text.hasSuffix(".yml")
    if known.contains(text) && !isPath { return text }
    if let path = path(text), isPath || path != text {
      return try StudyFileReader.name(path: path)
    }
    // A study whose file is gone is found by the file's name.
    let stem = FilePath.stem(text)
    return isPath ? stem : text
  }

  /// The file that a text means: as given, or with `.yaml` where only that exists; nil where there is
  /// none.
  public static func path(_ text: String) -> String? {
    let files = FileManager.default
    return ["", ".yaml", ".yml", "/study.yaml"].map { text + $0 }.first { path in
      var isDirectory: ObjCBool = false
      return files.fileExists(atPath: path, isDirectory: &isDirectory) && !isDirectory.boolValue
    }
  }
}
