import ArgumentParser
import GradientFidelity

struct DescribeCommand: ParsableCommand {
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text
    case markdown
  }

  static let configuration = CommandConfiguration(
    commandName: "describe",
    abstract: "Say everything known of one estimator, problem, metric, or entry of another list.")

  @Argument(help: "Kind, as in study files; left out with --all.")
  var name: String?

  @Flag(help: "All estimators: with --format markdown, the page Sources/Estimators/CATALOGUE.md.")
  var all = false

  @Option(help: "text or markdown.")
  var format = Format.text

  func validate() throws {
    if all, name != nil { throw ValidationError("--all describes all; leave the kind out") }
    if !all, name == nil { throw ValidationError("give a kind, or --all") }
  }

  func run() throws {
    let catalogue = CommandScope.catalogue
    guard let name else {
      StandardOutput.write(
        format == .markdown
          ? CatalogueMarkdown.page(catalogue)
          : catalogue.estimators.map { CatalogueText.text($0, in: catalogue) }
            .joined(separator: "\n"))
      return
    }
    if let estimator = catalogue.estimator(name) {
      StandardOutput.write(
        format == .markdown
          ? CatalogueMarkdown.section(estimator, in: catalogue)
          : CatalogueText.text(estimator, in: catalogue))
    } else if let problem = catalogue.problem(name) {
      StandardOutput.write(
        format == .markdown ? CatalogueMarkdown.section(problem) : CatalogueText.text(problem))
    } else if let metric = Metric(rawValue: name) {
      StandardOutput.write(
        "\(metric.rawValue): \(metric.definition)\n  unit: \(metric.unit == "1" ? "none" : metric.unit)\n"
      )
    } else if let text = Listing.text(name) {
      StandardOutput.write(text)
    } else {
      let known =
        catalogue.estimators.map(\.name) + catalogue.problems.map(\.name)
        + Metric.allCases.map(\.rawValue)
      let hint = NearestName.question(for: name, among: known)
      StandardError.write(
        "error: no estimator or problem '\(name)'; \(hint ?? "`gradfid list estimators` shows them")"
      )
      throw ExitCode(64)
    }
  }
}
