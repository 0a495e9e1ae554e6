import ArgumentParser
import GradientFidelity

struct DescribeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "describe", abstract: "Say everything known of one estimator or problem.")

  @Argument(help: "Kind, as in study files.")
  var name: String

  func run() throws {
    if let estimator = EstimatorRegistry.named(name) {
      StandardOutput.write(CatalogueText.text(estimator))
    } else if let problem = ProblemRegistry.named(name) {
      StandardOutput.write(CatalogueText.text(problem))
    } else {
      let known = EstimatorRegistry.all.map(\.name) + ProblemRegistry.all.map(\.name)
      let hint = NearestName.nearest(to: name, among: known).map { "did you mean '\($0)'?" }
      StandardError.write(
        "error: no estimator or problem '\(name)'; \(hint ?? "`gradfid list estimators` shows them")"
      )
      throw ExitCode(64)
    }
  }
}
