import ArgumentParser
import GradientFidelity

/// The study that a command works on.
struct StudyArgument: ParsableArguments {
  @Argument(help: "Study file; the ending .yaml may be left out; '-' reads standard input.")
  private var study: String

  private static let standardInput = "-"

  /// The file's path: as given, or with `.yaml` where only that exists.
  var path: String { Self.path(study) }

  private static func path(_ study: String) -> String {
    study == standardInput ? study : StudyNaming.path(study) ?? study
  }

  /// The file, read and checked; warnings go to standard error.
  ///
  /// Standard input is read once; paths in it are taken relative to the current folder.
  /// - Throws: `StudyFileErrors`.
  func read() throws -> StudyFile { try Self.read(study).file }

  /// The same of a study named by an option, and its path.
  static func read(_ study: String) throws -> (file: StudyFile, path: String) {
    let catalogue = CommandScope.catalogue
    let path = path(study)
    let file =
      study == standardInput
      ? try StudyFileReader.read(
        StandardInput.bytes(limit: StudyFileReader.sizeLimit), name: "standard input",
        estimators: catalogue.estimators, problems: catalogue.problems)
      : try StudyFileReader.read(
        path: path, estimators: catalogue.estimators, problems: catalogue.problems)
    for warning in file.warnings { StandardError.write(warning.rendered()) }
    return (file, path)
  }

  /// The study with its problems built, and where they found their files.
  /// - Throws: `StudyFileErrors`, `StudyRunError`.
  func resolved(
    _ store: StoreOption
  ) throws -> (study: ResolvedStudy, environment: ProblemEnvironment) {
    let file = try read()
    let environment = StudyEnvironment.problems(studyPath: path, storePath: store.path)
    let study = try ResolvedStudy(
      file, path: path, environment: environment, catalogue: CommandScope.catalogue)
    return (study, environment)
  }
}
