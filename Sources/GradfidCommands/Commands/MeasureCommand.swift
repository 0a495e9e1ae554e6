import ArgumentParser
import Foundation
import GradientFidelity

struct MeasureCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "measure",
    abstract: "Measure gradients of your own, drawn by any program, and store the numbers.",
    discussion: """
      Files are NumPy's: float32 or float64, .npy, or .npz with the array's name behind a \
      colon (file.npz:name). Samples have shape (n, ...), one independent estimate per row; the \
      reference has the shape of one sample. Samples of a reference must be independent of the \
      samples: shared rows are refused. Measuring another label under the same --name adds \
      it to the study.
      """)

  @Option(help: ArgumentHelp("Estimates of the gradient.", valueName: "file[:array]"))
  var samples: String

  @Option(
    help: ArgumentHelp("Exact gradient to hold them against.", valueName: "file[:array]"))
  var reference: String?

  @Option(
    help: ArgumentHelp(
      "Unbiased estimates whose mean is the reference; its error is subtracted.",
      valueName: "file[:array]"))
  var referenceSamples: String?

  @Option(
    help: ArgumentHelp("Study to store under (default: the file's name).", valueName: "study"))
  var name: String?

  @Option(
    help: ArgumentHelp("Label of the estimator (default: the file's name).", valueName: "text"))
  var label: String?

  @Option(
    help: ArgumentHelp(
      "JSON file of groups: {\"layer1\": [start, end], ...}, ranges of the flattened gradient.",
      valueName: "file"))
  var groups: String?

  @Option(help: ArgumentHelp("Array of archives given without a name.", valueName: "name"))
  var array: String?

  @Option(
    help: ArgumentHelp(
      "Oracle calls of one sample, a gradient counted as 3: lets `budget` charge for it.",
      valueName: "number"))
  var calls: Int?

  @Option(help: "Blocks of the jackknife; at most half the samples are used.")
  var blocks = 32

  @Option(help: "Level of the confidence intervals.")
  var level = 0.95

  @OptionGroup var store: StoreOption

  @Option(help: "\(OutputFormat.names()).")
  var format = OutputFormat.table

  func validate() throws {
    guard (reference == nil) != (referenceSamples == nil) else {
      throw ValidationError("give either --reference or --reference-samples")
    }
    guard (2...1024).contains(blocks) else {
      throw ValidationError("--blocks must be from 2 to 1024, found \(blocks)")
    }
    if let calls, !(1...1_000_000_000).contains(calls) {
      throw ValidationError("--calls must be from 1 to 1000000000, found \(calls)")
    }
    guard level > 0, level < 1 else {
      throw ValidationError("--level must lie between 0 and 1, found \(level)")
    }
  }

  func run() throws {
    try reportingErrors {
      if let problem = BLASRuntime.useOneThread() { StandardError.write("warning: \(problem)") }
      let target: SampleRequest.Reference =
        if let reference {
          .exact(SampleLocation(reference, array: array))
        } else {
          .samples(SampleLocation(referenceSamples ?? "", array: array))
        }
      let study = try SampleStudy(
        SampleRequest(
          samples: SampleLocation(samples, array: array), reference: target, groups: groups,
          blocks: blocks, level: level),
        name: name, label: label, calls: calls)
      let isNew = !FileManager.default.fileExists(atPath: store.path)
      let results = try ResultStore(path: store.path)
      let outcome: SampleStudy.Outcome
      do {
        outcome = try study.run(store: results, record: SystemFacts.runRecord(seed: 0, jobs: 1))
      } catch {
        try? results.close()
        // A refusal leaves nothing behind.
        if isNew {
          for ending in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: store.path + ending)
          }
        }
        throw error
      }
      try results.close()
      StandardOutput.write(
        format.text(
          try SampleStudyTable.table(
            study: study.name, cell: outcome.cell, storePath: store.path)))
      if let report = outcome.report, report.blocks < blocks {
        StandardError.write(
          "warning: \(report.draws) samples make \(report.blocks) blocks, not \(blocks)")
      }
      let done = outcome.report.map { "\($0.draws) samples measured" } ?? "there already"
      StandardError.write(
        VisibleText.of("\(study.name), \(study.label): \(done); store \(store.path)"))
    }
  }
}
