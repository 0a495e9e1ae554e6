import Discrete
import Foundation
import ResultStore
import Testing

@Suite struct TrainingSeriesTests {
  private let directory: TemporaryDirectory
  private let store: ResultStore

  init() throws {
    directory = try TemporaryDirectory()
    store = try ResultStore(path: directory.file("s.sqlite"))
  }

  private func rows(_ sql: String) throws -> [[QueryValue]] {
    try ReadOnlyQuery(path: store.path).run(sql).rows
  }

  @Test func stepsComeBackBitForBit() throws {
    _ = try store.beginRun(
      study: SampleStudy.trainingStudy, cells: [], trainings: [SampleStudy.training()],
      run: SampleStudy.run)
    let hash = SampleStudy.training().hash
    let steps = [
      TrainingStep(
        step: 1, loss: 1.0 / 3, reconstruction: 1e300, kl: -0.0, perplexity: 1,
        gradientNorm: .infinity),
      SampleStudy.step(2, loss: .leastNonzeroMagnitude),
    ]
    try store.save(steps, training: hash)
    let stored = try rows(
      "SELECT step, loss, elbo, reconstruction, kl, perplexity, gradient_norm FROM v_training "
        + "ORDER BY step")
    let third = 1.0 / 3
    let tiny = Double.leastNonzeroMagnitude
    let first: [Double] = [third, -third, 1e300, -0.0, 1, .infinity]
    let second: [Double] = [tiny, -tiny, 1.25, 0.25, 2, 0.1]
    #expect(stored.first == [.integer(1)] + first.map { QueryValue.real($0) })
    #expect(stored.last == [.integer(2)] + second.map { QueryValue.real($0) })
    #expect(stored.count == 2)
    guard case .real(let kl) = stored[0][4] else {
      Issue.record("no number")
      return
    }
    #expect(kl.sign == .minus)
    let named = try rows(
      "SELECT DISTINCT study, training, model, estimator, label, optimiser, learning_rate, batch, seed "
        + "FROM v_training")
    let names: [QueryValue] = [
      .text("along-training"), .text("bbbbbbbbbbbb"), .text("categorical-vae 8x4 mnist"),
      .text("st"), .text("st(tau=1.0)"), .text("radam"), .real(5e-4), .integer(100),
      .text("18446744073709551615"),
    ]
    #expect(named == [names])
  }

  @Test func storedStepsCountUpToAGap() throws {
    try SampleStudy.fillTraining(store)
    let hash = SampleStudy.training().hash
    #expect(try store.storedSteps(training: hash) == 3)
    #expect(try store.storedSteps(training: "none") == 0)
    try store.save([SampleStudy.step(3, loss: 9), SampleStudy.step(4)], training: hash)
    #expect(try store.storedSteps(training: hash) == 4)
    #expect(try rows("SELECT loss FROM v_training WHERE step = 3") == [[.real(9)]])
    try store.save([SampleStudy.step(6)], training: hash)
    #expect(try store.storedSteps(training: hash) == 0)
  }

  @Test func aStudySeesItsOwnSteps() throws {
    try SampleStudy.fillTraining(store)
    var short = SampleStudy.trainingStudy
    short.name = "short"
    _ = try store.beginRun(
      study: short, cells: [], trainings: [SampleStudy.training(steps: 2)], run: SampleStudy.run)
    #expect(
      try rows("SELECT study, count(*) FROM v_training GROUP BY 1 ORDER BY 1")
        == [[.text("along-training"), .integer(3)], [.text("short"), .integer(2)]])
    #expect(
      try store.studies().map(\.training)
        == [TrainingProgress(done: 3, steps: 3), TrainingProgress(done: 2, steps: 2)])
    // Another list replaces the first; the steps stay.
    _ = try store.beginRun(
      study: short, cells: [], trainings: [SampleStudy.training("c", steps: 9)],
      run: SampleStudy.run)
    #expect(try store.studies().last?.training == TrainingProgress(done: 0, steps: 9))
    #expect(try store.storedSteps(training: SampleStudy.training().hash) == 3)
  }

  @Test func whatCannotBeStoredIsRefusedWhole() throws {
    try SampleStudy.fillTraining(store)
    #expect(throws: StoreError.self) { try store.save([SampleStudy.step(1)], training: "none") }
    let hash = SampleStudy.training().hash
    #expect(throws: StoreError.self) {
      try store.save([SampleStudy.step(4), SampleStudy.step(5, loss: .nan)], training: hash)
    }
    #expect(try store.storedSteps(training: hash) == 3)
  }

  @Test func cellsCarryTheirTraining() throws {
    var cell = SampleStudy.cell(7)
    cell.weights = "trained:st:2"
    cell.step = 2
    cell.training = SampleStudy.training().hash
    let handle = try store.beginRun(
      study: SampleStudy.trainingStudy, cells: [cell], trainings: [SampleStudy.training()],
      run: SampleStudy.run)
    try store.save(
      SampleStudy.result(cell, [SampleStudy.measurement("rel_bias", 0.5)]), run: handle)
    #expect(try store.cells(study: "along-training") == [cell])
    for view in ["v_measurements", "v_fidelity", "v_cells"] {
      #expect(
        try rows("SELECT step, training FROM \(view)") == [[.integer(2), .text("bbbbbbbbbbbb")]])
    }
  }

  @Test func theExportHasTheSeries() throws {
    try SampleStudy.fillTraining(store)
    let out = directory.file("out")
    let paths = try StudyExport(store: store).write(study: "along-training", to: out)
    #expect(
      paths == ["csv", "training.csv", "meta.json"].map { "\(out)/along-training.\($0)" })
    let lines = try directory.text("out/along-training.training.csv").split(separator: "\n")
    #expect(lines.count == 4)
    #expect(
      lines[0]
        == "study,training,model,estimator,label,optimiser,learning_rate,batch,seed,step,loss,elbo,"
        + "reconstruction,kl,perplexity,gradient_norm")
    #expect(
      lines[3]
        == "along-training,bbbbbbbbbbbb,categorical-vae 8x4 mnist,st,st(tau=1.0),radam,0.0005,100,"
        + "18446744073709551615,3,1.5,-1.5,1.25,0.25,2.0,0.1")
    let data = try Data(contentsOf: URL(fileURLWithPath: "\(out)/along-training.meta.json"))
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let entry = try #require(object["training"] as? [String: Any])
    #expect(entry["csv"] as? String == "along-training.training.csv")
    #expect(entry["rows"] as? Int == 3)
    #expect((entry["sha256"] as? String)?.count == 64)
    #expect((entry["columns"] as? [Any])?.count == 16)
    // A study without trainings has no such file.
    try SampleStudy.fill(store)
    #expect(
      try StudyExport(store: store).write(study: "tau-grid", to: out)
        == ["csv", "parameters.csv", "meta.json"].map { "\(out)/tau-grid.\($0)" })
    #expect(try !directory.text("out/tau-grid.meta.json").contains("\"training\": {"))
  }

  private static let codes = SeriesMetric("codes_used", unit: "codes", "codes, \"used\"")
  private static let width = SeriesMetric("a_width", unit: "1", "width")

  private func further(_ number: Int, _ more: [SeriesValue]) -> TrainingStep {
    var step = SampleStudy.step(number)
    step.more = more
    return step
  }

  /// A model's own metrics are rows of the long form; what is NaN has none, and a step that is saved again
  /// has its new numbers only.
  @Test func furtherMetricsAreNamedRows() throws {
    try SampleStudy.fillTraining(store)
    let hash = SampleStudy.training().hash
    try store.save(
      [
        further(1, [SeriesValue(Self.codes, 7), SeriesValue(Self.width, .infinity)]),
        further(2, [SeriesValue(Self.codes, .nan)]),
        further(3, [SeriesValue(Self.codes, 5)]),
      ], training: hash)
    try store.save([further(3, [SeriesValue(Self.width, -0.0)])], training: hash)
    #expect(
      try rows(
        "SELECT step, metric, unit, value, definition FROM v_series WHERE unit IN ('codes', '1') "
          + "ORDER BY step, metric")
        == [
          [.integer(1), .text("a_width"), .text("1"), .real(.infinity), .text("width")],
          [
            .integer(1), .text("codes_used"), .text("codes"), .real(7), .text("codes, \"used\""),
          ],
          [.integer(3), .text("a_width"), .text("1"), .real(-0.0), .text("width")],
        ])
    #expect(try store.storedSteps(training: hash) == 3)
    #expect(try rows("SELECT count(*) FROM v_training") == [[.integer(3)]])
  }

  /// The long form has every number of the wide one, under the names and texts of the list.
  @Test func theLongFormAgreesWithTheWideOne() throws {
    try SampleStudy.fillTraining(store)
    for (place, metric) in SeriesMetric.common.enumerated() {
      let long = try rows(
        "SELECT study, training, model, estimator, label, optimiser, learning_rate, batch, seed, "
          + "step, value FROM v_series WHERE metric = '\(metric.name)' ORDER BY step")
      let wide = try rows(
        "SELECT study, training, model, estimator, label, optimiser, learning_rate, batch, seed, "
          + "step, \(metric.name) FROM v_training ORDER BY step")
      #expect(long == wide && long.count == 3)
      #expect(
        try rows("SELECT name, unit, definition FROM series_metric WHERE id = \(place + 1)")
          == [[.text(metric.name), .text(metric.unit), .text(metric.definition)]])
    }
    #expect(try rows("SELECT count(*) FROM v_series") == [[.integer(15)]])
  }

  @Test(arguments: [
    "", "Loss", "two words", "1st", "_a", "caf\u{e9}", "elbo", "step", "label", "a-b", "a'b",
  ])
  func namesThatNoSeriesCanHaveAreRefused(_ name: String) throws {
    try SampleStudy.fillTraining(store)
    let odd = SeriesMetric(name, unit: "1", "odd")
    #expect(throws: StoreError.self) {
      try store.save(
        [SampleStudy.step(4), further(5, [SeriesValue(odd, 1)])],
        training: SampleStudy.training().hash)
    }
    #expect(try store.storedSteps(training: SampleStudy.training().hash) == 3)
  }

  @Test func aNameTwiceIsRefused() throws {
    try SampleStudy.fillTraining(store)
    for twice in [Self.codes, SeriesMetric.common[0]] {
      #expect(throws: StoreError.self) {
        try store.save(
          [further(4, [SeriesValue(twice, 1), SeriesValue(twice, 2)])],
          training: SampleStudy.training().hash)
      }
    }
  }

  @Test func theExportHasFurtherMetrics() throws {
    try SampleStudy.fillTraining(store)
    try store.save(
      [further(2, [SeriesValue(Self.codes, 7), SeriesValue(Self.width, 0.5)])],
      training: SampleStudy.training().hash)
    let out = directory.file("out")
    let export = StudyExport(store: store)
    _ = try export.write(study: "along-training", to: out)
    let lines = try directory.text("out/along-training.training.csv").split(separator: "\n")
    #expect(lines[0].hasSuffix(",perplexity,gradient_norm,a_width,codes_used"))
    #expect(
      lines.dropFirst().map { $0.split(separator: ",", omittingEmptySubsequences: false).suffix(2) }
        == [["", ""], ["0.5", "7.0"], ["", ""]])
    let meta = try directory.text("out/along-training.meta.json")
    #expect(
      meta.contains(#""name": "codes_used", "type": "real", "definition": "codes, \"used\"""#))
    let paths = try export.write(study: "along-training", to: out, as: .jsonl)
    #expect(
      paths == ["jsonl", "training.jsonl", "meta.json"].map { "\(out)/along-training.\($0)" })
    #expect(
      try directory.text("out/along-training.meta.json")
        .contains(#""jsonl": "along-training.training.jsonl""#))
    let objects = try directory.text("out/along-training.training.jsonl").split(separator: "\n")
    #expect(objects.count == 3)
    #expect(
      objects[1].hasPrefix(#"{"study": "along-training", "training": "bbbbbbbbbbbb", "#)
        && objects[1].hasSuffix(#""gradient_norm": 0.1, "a_width": 0.5, "codes_used": 7.0}"#))
  }
}
