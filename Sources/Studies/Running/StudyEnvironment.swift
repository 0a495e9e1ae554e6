import Discrete
import Foundation
import Models

/// Where studies find data and keep checkpoints.
public enum StudyEnvironment {
  /// Environment variable with the folder of data sets.
  public static let dataVariable = "GRADFID_DATA"
  /// Environment variable with the store's file name.
  public static let storeVariable = "GRADFID_STORE"
  /// The store's file name unless given.
  public static let defaultStore = "gradfid.sqlite"

  /// Data is looked for in `GRADFID_DATA`, `./data` and `../shared/data`, in this order;
  /// checkpoints live in a folder beside the store.
  public static func problems(studyPath: String, storePath: String) -> ProblemEnvironment {
    var directories: [String] = []
    if let named = ProcessInfo.processInfo.environment[dataVariable], !named.isEmpty {
      directories.append(named)
    }
    directories += ["data", "../shared/data"]
    let base = FilePath.folder(studyPath)
    return ProblemEnvironment(
      baseDirectory: base.isEmpty ? "." : base, dataDirectories: directories,
      checkpointDirectory: FilePath.withoutEnding(storePath) + "-checkpoints")
  }
}
