import Testing

/// A training that the process has no room for is refused before it begins, by every command.
@Suite struct TrainingMemoryTests {
  @Test func largeNetworksAreRefused() throws {
    let place = try Workplace()
    try place.write(
      """
      format: 1
      name: large
      problems:
        - kind: categorical-vae
          latents: 2
          categories: 4
          rows: 2
          hidden-1: 4096
          hidden-2: 2048
          data: procedural
          states:
            - train: {estimator: st, steps: 1, batch: 4}
      estimators:
        - kind: st
        - kind: reinforce
      measure: {at: logits, draws: 64, blocks: 8, per-draw-samples: 4}

      """, to: "large.yaml")
    let limited = MemoryLimit(place: place)
    let plan = try limited.run(["plan", "large", "--format", "csv"])
    #expect(plan.code == 0 && plan.output.contains("training this problem takes about"), "\(plan)")
    let run = try limited.run(["run", "large"])
    #expect(run.code == 3 && run.errors.contains("training this problem takes about"), "\(run)")
  }
}
