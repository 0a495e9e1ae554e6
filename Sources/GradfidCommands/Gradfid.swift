import ArgumentParser
import Foundation
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
    StandardStreams.prepare()
    let arguments = Array(CommandLine.arguments.dropFirst())
    do {
      try GivenText.check()
      let catalogue = try Catalogue.standard.adding(estimators: estimators, problems: problems)
      try checkCommand(arguments)
      try CommandScope.$catalogue.withValue(catalogue) {
        var command = try GradfidCommand.parseAsRoot(arguments)
        try command.run()
      }
    } catch let error as DiscreteError {
      StandardError.write("error: \(error)")
      exit(64)
    } catch {
      end(error, arguments)
    }
  }

  /// Says what ended a command, or shows the help that was asked for.
  private static func end(_ error: any Error, _ arguments: [String]) -> Never {
    let code = GradfidCommand.exitCode(for: error)
    var message = GradfidCommand.fullMessage(for: error)
    guard code != .success else {
      StandardOutput.write(message + "\n")
      exit(0)
    }
    // The parser quotes arguments as they are, line ends and all.
    for argument in arguments where VisibleText.of(argument) != argument {
      message = message.replacingOccurrences(of: argument, with: VisibleText.of(argument))
    }
    if message.hasPrefix("Error: ") { message = "error: " + message.dropFirst("Error: ".count) }
    if !message.isEmpty { StandardError.write(message) }
    exit(code.rawValue)
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
