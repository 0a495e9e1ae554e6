import ArgumentParser
import GradientFidelity

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Read a study file, build its problems and resolve its cells; measure nothing.")

  @OptionGroup var study: StudyArgument
  @OptionGroup var store: StoreOption

  func run() throws {
    try reportingErrors {
      let file = try study.read()
      let environment = StudyEnvironment.problems(
        studyPath: study.path, storePath: store.path)
      let resolved = try ResolvedStudy(file, path: study.path, environment: environment)
      for refusal in resolved.refusals { StandardError.write("error: \(refusal)") }
      if !resolved.refusals.isEmpty { throw ExitCode(65) }
      StandardOutput.write(
        "\(file.name): \(resolved.groups.count) problem states, \(file.estimators.count) estimators, \(resolved.cells.count) cells\n"
      )
    }
  }
}
