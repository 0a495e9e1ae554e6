import Discrete
import ResultStore
import Studies

/// The table of `gradfid list studies`.
public enum StudyFolderTable {
  /// One row per study file of a folder; a file with errors says so.
  /// - Throws: `StudyRunError.output` if the folder cannot be read.
  public static func table(_ folder: String, catalogue: Catalogue = .standard) throws -> QueryResult
  {
    guard let names = FolderNames.of(folder) else {
      throw StudyRunError.output(folder, "no such folder; give one with --folder")
    }
    let rows = names.filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }.map {
      name -> [QueryValue] in
      let path = folder + "/" + name
      guard
        let study = try? StudyFileReader.read(
          path: path, estimators: catalogue.estimators, problems: catalogue.problems)
      else {
        return [
          .text(path), .null, .null, .null, .text("has errors; `gradfid check \(path)` shows them"),
        ]
      }
      return [
        .text(path), .text(study.name), .integer(Int64(study.problems.count)),
        .integer(Int64(study.estimators.count)), .text(study.title ?? ""),
      ]
    }
    return QueryResult(
      columns: ["file", "study", "problems", "estimators", "title"], rows: rows)
  }
}
