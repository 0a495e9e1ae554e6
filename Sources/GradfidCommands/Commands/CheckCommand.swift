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
      let resolved = try study.resolved(store).study
      resolved.leftOutNotes.forEach(StandardError.write)
      guard resolved.refusals.isEmpty else { throw StudyRunError.infeasible(resolved.refusals) }
      let steps = resolved.trainings.reduce(0) { $0 + $1.record.steps }
      let count = resolved.trainings.count
      let trainings =
        count == 0 ? "" : "; \(count) training\(count == 1 ? "" : "s"), \(steps) steps"
      StandardOutput.write(
        "\(resolved.file.name): \(resolved.groups.count) problem states, \(resolved.file.estimators.count) estimators, \(resolved.cells.count) cells\(trainings)\n"
      )
    }
  }
}
