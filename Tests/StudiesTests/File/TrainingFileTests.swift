import Discrete
import Studies
import Testing

@Suite struct TrainingFileTests {
  private func study(_ training: String) throws -> StudyFile {
    try MimicCatalogue.read(
      """
      format: 1
      name: s
      kind: training
      problems:
        - kind: categorical-vae
          latents: [2, 4]
      training: \(training)
      estimators:
        - kind: st
      """)
  }

  @Test func takesDefaults() throws {
    let study = try study("{estimator: st, steps: 50}")
    #expect(study.kind == .training && study.warnings.isEmpty)
    let training = try #require(study.trainings.first)
    #expect(study.trainings.count == 1)
    #expect(training.checkpoints == [0, 50])
    let train = training.train
    #expect(train.estimator == "st" && train.parameters.number("tau") == 1)
    #expect(train.optimiser == .adam && train.learningRate == 5e-4 && train.batch == 100)
    #expect(train.seed == 1 && train.steps == 50 && train.save == nil)
    #expect(study.problems.count == 2)
    for problem in study.problems { #expect(problem.allWeights == [.initial, .trained(train)]) }
  }

  /// The states of a checkpoint are those that a `train` state of that length would give.
  @Test func checkpointsAreTrainedStates() throws {
    let along = try study(
      "{estimator: st, tau: 0.5, optimiser: sgd, steps: 50, batch: 7, seed: 9, checkpoints: [20, 0]}"
    )
    let plain = try MimicCatalogue.read(
      """
      format: 1
      name: s
      problems:
        - kind: categorical-vae
          latents: [2, 4]
          states:
            - initial
            - train: {estimator: st, tau: 0.5, optimiser: sgd, steps: 20, batch: 7, seed: 9}
      estimators:
        - kind: st
      """)
    #expect(plain.kind == .fidelity && plain.trainings.isEmpty)
    #expect(along.problems == plain.problems)
  }

  @Test func expandsAxesInFileOrder() throws {
    let study = try study(
      "{estimator: st, steps: 9, seed: [18446744073709551615, 2], optimiser: [radam, sgd], tau: [1, 2],"
        + " checkpoints: [9]}")
    #expect(
      study.trainings.map {
        "\($0.train.seed) \($0.train.optimiser) \($0.train.parameters.number("tau"))"
      } == [
        "18446744073709551615 radam 1.0", "18446744073709551615 radam 2.0",
        "18446744073709551615 sgd 1.0", "18446744073709551615 sgd 2.0",
        "2 radam 1.0", "2 radam 2.0", "2 sgd 1.0", "2 sgd 2.0",
      ])
    #expect(study.problems.map(\.allWeights.count) == [8, 8])
  }

  @Test func takesALengthAndAList() throws {
    #expect(
      try study("{estimator: st, steps: 50, checkpoints: {every: 20}}").trainings[0].checkpoints
        == [0, 20, 40, 50])
    #expect(
      try study("{estimator: st, steps: 40, checkpoints: {every: 20}}").trainings[0].checkpoints
        == [0, 20, 40])
    #expect(
      try study("{estimator: st, steps: 4, checkpoints: {every: 20}}").trainings[0].checkpoints
        == [0, 4])
    let two = try study("[{estimator: st, steps: 4}, {estimator: reinmax, steps: 6}]")
    #expect(two.trainings.map(\.train.estimator) == ["st", "reinmax"])
    // The initial state belongs to both and is measured once.
    #expect(two.problems.map(\.allWeights.count) == [3, 3])
    #expect(two.warnings.isEmpty)
  }

  @Test func kindMayBeSaid() throws {
    let study = try MimicCatalogue.read(
      """
      format: 1
      name: s
      kind: fidelity
      problems: [{kind: bernoulli-toy}]
      estimators: [{kind: st}]
      """)
    #expect(study.kind == .fidelity)
  }
}
