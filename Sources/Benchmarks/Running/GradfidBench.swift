import ArgumentParser
import GradientFidelity

/// Times the workloads; one line of JSON a case.
struct GradfidBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gradfid-bench",
    abstract: "Times the workloads that the documentation quotes; prints JSON lines.")

  @Argument(help: "w3, w4 or limit.")
  var workload: String

  @Option(help: "Latents x categories of w3: 8x4, 16x12, 30x10, 64x8.")
  var shape = "8x4"

  @Option(help: "Timed rounds after one to warm up.")
  var rounds = 5

  @Option(help: "Worker threads.")
  var jobs = 1

  @Option(name: .customLong("case"), help: "One case of the workload only.")
  var only: String?

  func run() throws {
    HeapPolicy.keepLargeBlocks()
    if let problem = BLASRuntime.useOneThread() { print(problem) }
    switch workload {
    case "w3": try NetworkWorkloads(rounds: rounds, workers: jobs, only: only).sampled(shape: shape)
    case "w4": try NetworkWorkloads(rounds: rounds, workers: jobs).exact()
    case "store":
      try StoreWorkload.run {
        $0.hasPrefix(only ?? "")
      } report: {
        print(try $0.line())
      }
    case "w5-sampled":
      let study = TemperatureStudyWorkload(rounds: rounds, workers: jobs)
      let problem = try NetworkWorkloads.problem(latents: 12, categories: 16)
      if only != "session" { try study.sampled(problem) }
      if only != "all 23" { try study.session(problem) }
    case "limit": ProductLimit.measure(rounds: rounds).show()
    default: throw ValidationError("unknown workload '\(workload)'")
    }
  }
}
