import ArgumentParser
import GradientFidelity

/// The filters of `list estimators`.
struct EstimatorFilterOptions: ParsableArguments {
  @Option(help: "Of this family.")
  private var family: EstimatorFamily?

  @Option(help: "That work on such layers; 'both': that work on all.")
  private var domain: EstimatorDomain?

  @Flag(help: "Unbiased on every cost.")
  private var unbiased = false

  @Flag(help: "That ask for the gradient of the cost.")
  private var needsGradient = false

  @Flag(help: "That never ask for the gradient of the cost.")
  private var noGradient = false

  @Option(
    help: ArgumentHelp(
      "Of at most so many oracle calls with their defaults, a gradient counted as 3.",
      valueName: "calls"))
  private var maxCost: Int?

  func validate() throws {
    if needsGradient && noGradient {
      throw ValidationError("give --needs-gradient or --no-gradient, not both")
    }
    if let maxCost, maxCost < 0 {
      throw ValidationError("--max-cost must be at least 0, found \(maxCost)")
    }
  }

  var value: EstimatorFilter {
    var filter = EstimatorFilter()
    filter.family = family
    filter.domain = domain
    filter.unbiasedOnly = unbiased
    filter.needsGradient = needsGradient ? true : noGradient ? false : nil
    filter.maxCost = maxCost
    return filter
  }
}

extension EstimatorFamily: ExpressibleByArgument {}
extension EstimatorDomain: ExpressibleByArgument {}
