import ArgumentParser
import GradientFidelity

/// The command line as a library: a program of one's own with estimators and problems of one's own
/// is one call of `main`.
public enum Gradfid {
  /// Runs the command that the process was started with, and ends the process where it fails.
  ///
  /// - Parameters:
  ///   - estimators: kinds beside those of the registry, for study files, `list`, `describe` and
  ///     every other command.
  ///   - problems: the same for problems.
  ///
  /// A name that is taken or not in kebab case ends the process with exit code 64.
  public static func main(
    estimators: [EstimatorDescriptor] = [], problems: [ProblemDescriptor] = []
  ) {
    HeapPolicy.keepLargeBlocks()
    do {
      let catalogue = try Catalogue.standard.adding(estimators: estimators, problems: problems)
      try checkCommand(Array(CommandLine.arguments.dropFirst()))
      CommandScope.$catalogue.withValue(catalogue) { GradfidCommand.main() }
    } catch let error as ValidationError {
      GradfidCommand.exit(withError: error)
    } catch {
      StandardError.write("error: \(error)")
      GradfidCommand.exit(withError: ExitCode(64))
    }
  }
}

extension Gradfid {
  /// Refuses a word where a command belongs, with the nearest command.
  private static func checkCommand(_ arguments: [String]) throws {
    let names = GradfidCommand.configuration.subcommands.compactMap { $0.configuration.commandName }
    let isHelp = arguments.first == "help"
    guard let word = isHelp ? arguments.dropFirst().first : arguments.first, !word.hasPrefix("-"),
      word != "help", !names.contains(word)
    else { return }
    throw ValidationError(
      "no command '\(word)'"
        + (NearestName.question(for: word, among: names).map { "; \($0)" } ?? ""))
  }
}

/// What the commands of a process share. The argument parser makes the commands itself, so they
/// cannot be handed anything.
enum CommandScope {
  @TaskLocal static var catalogue = Catalogue.standard
}
