import ArgumentParser
import GradientFidelity

/// Times the workloads; one line of JSON a case.
struct GradfidBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gradfid-bench",
    abstract: "Times the workloads that the documentation quotes; prints JSON lines.")

  @Argument(help: "One of: \(Self.workloads.joined(separator: ", ")).")
  var workload: String

  @Option(help: "Latents x categories of w3: 8x4, 16x12, 30x10, 64x8.")
  var shape = "8x4"

  @Option(help: "Power of w1: 1.5, 2 or 3.")
  var power = 2.0

  @Option(help: "Rows of the batch of w5 and w6.")
  var rows = 100

  @Option(help: "Timed rounds after one to warm up.")
  var rounds = 5

  @Option(help: "Worker threads.")
  var jobs = 1

  @Option(name: .customLong("case"), help: "One case of the workload only.")
  var only: String?

  private static let workloads = [
    "w1", "w2", "w2-exact", "w3", "w4", "w5", "w5-sampled", "w6", "sharing", "growth", "store",
    "limit",
  ]

  func validate() throws {
    guard rounds > 0, jobs > 0, rows > 0 else {
      throw ValidationError("--rounds, --jobs and --rows must be at least 1")
    }
    guard Self.workloads.contains(workload) else {
      let question = NearestName.question(for: workload, among: Self.workloads)
      throw ValidationError(
        "unknown workload '\(workload)'" + (question.map { "; \($0)" } ?? ""))
    }
  }

  func run() throws {
    HeapPolicy.keepLargeBlocks()
    if let problem = BLASRuntime.useOneThread() { print(problem) }
    let networks = NetworkWorkloads(rounds: rounds, workers: jobs, only: only)
    let toys = ToyWorkloads(rounds: rounds, workers: jobs, only: only)
    let study = TemperatureStudyWorkload(rounds: rounds, workers: jobs)
    switch workload {
    case "w1": try toys.polynomialProgramming(power: power)
    case "w2": try toys.quadraticCubic()
    case "w2-exact": try toys.exact()
    case "w3": try networks.sampled(shape: shape)
    case "w4": try networks.exact()
    case "w5": try study.exact(rows: rows)
    case "w5-sampled":
      let problem = try NetworkWorkloads.problem(latents: 12, categories: 16)
      if only != "session" { try study.sampled(problem) }
      if only == "session" { try study.session(problem) }
    case "w6": try study.grid(rows: rows)
    case "sharing": try SharingWorkload(rounds: rounds).run()
    case "growth": try GrowthWorkload(rounds: rounds).run(only: only)
    case "store":
      try StoreWorkload.run {
        $0.hasPrefix(only ?? "")
      } report: {
        print(try $0.line())
      }
    default: ProductLimit.measure(rounds: rounds).show()
    }
  }
}
