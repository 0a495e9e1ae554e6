import ArgumentParser
import GradientFidelity

/// The study that a command works on.
struct StudyArgument: ParsableArguments {
  @Argument(help: "Study file; the ending .yaml may be left out.")
  private var study: String

  /// The file's path: as given, or with `.yaml` where only that exists.
  var path: String {
    StudyNaming.path(study) ?? study
  }

  /// The file, read and checked; warnings go to standard error.
  /// - Throws: `StudyFileErrors`.
  func read() throws -> StudyFile {
    let file = try StudyFileReader.read(
      path: path, estimators: CommandScope.catalogue.estimators,
      problems: CommandScope.catalogue.problems)
    for warning in file.warnings { StandardError.write(warning.rendered()) }
    return file
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
