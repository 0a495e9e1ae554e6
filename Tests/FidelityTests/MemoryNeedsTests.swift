import Discrete
import Estimators
import Fidelity
import Models
import Tensors
import Testing

/// A layer of any size, of which nothing is evaluated.
private struct Layer: DiscreteProblem {
  let logits: Logits
  let oracle: any CostOracle

  init(rows: Int = 1, latents: Int, categories: Int) throws {
    let shape = LayerShape(rows: rows, latents: latents, categories: categories)
    logits = try Logits(shape: shape, values: [Double](repeating: 0, count: shape.count))
    oracle = Oracle(shape: shape)
  }

  private struct Oracle: CostOracle {
    let shape: LayerShape
    var capabilities: OracleCapabilities { OracleCapabilities() }
    func costs(at codes: CodeBlock, gradients: Bool) throws -> CostBlock { CostBlock(values: []) }
    func costs(at points: SoftBlock, gradients: Bool) throws -> CostBlock { CostBlock(values: []) }
  }
}

@Suite struct MemoryNeedsTests {
  /// Outcomes of an estimator's uniforms are listed where there are thousands, not where there are millions of
  /// long ones.
  @Test(arguments: ["mvd", "disarm-sb", "disarm-iw", "disarm-tree"])
  func longListsAreNotMade(_ kind: String) throws {
    let estimator = try EstimatorRegistry.make(kind)
    func row(_ categories: Int) throws -> RowLogits {
      try Layer(latents: 1, categories: categories).logits.row(0)
    }
    let some = try #require(try estimator.uniformAtoms(row(16)))
    let weights = some.latents[0].map(\.weight)
    #expect(weights.count > 8 && abs(weights.reduce(0, +) - 1) < 1e-12)
    #expect(try estimator.uniformAtoms(row(257)) == nil)
  }

  /// The points of one estimate that grow with the square of the layer are refused with the most latents
  /// that there is room for, and those are not.
  @Test(arguments: EstimatorRegistry.all.map(\.name)) func estimatesAreBounded(_ kind: String)
    throws
  {
    let descriptor = try #require(EstimatorRegistry.named(kind))
    let estimator = try EstimatorRegistry.make(kind)
    for (latents, categories) in [(65_536, 2), (64, 1024), (65_536, 1024), (1, 4096)] {
      let shape = LayerShape(rows: 1, latents: latents, categories: categories)
      let parameters = try ResolvedParameters([:], specs: descriptor.parameters)
      guard descriptor.refusal(shape, parameters) == nil else { continue }
      let memory = EstimateMemory(estimator, shape)
      #expect(memory.drawsPerCall >= 1)
      guard let refusal = memory.refusal(kind) else {
        // What is evaluated at a time stays bounded.
        #expect(memory.pointBytes * Double(memory.drawsPerCall) <= 134_217_728)
        continue
      }
      #expect(refusal.contains("'\(kind)'"))
      // `tablesAreRefused` looks at these.
      if refusal.hasPrefix("the tables") { continue }
      let words = refusal.split(separator: " ")
      guard let place = words.lastIndex(of: "most"), let most = Int(words[place + 1]) else {
        #expect(refusal.contains("fewer categories"), "\(refusal)")
        continue
      }
      let fits = LayerShape(rows: 1, latents: most, categories: categories)
      let beyond = LayerShape(rows: 1, latents: most + 1, categories: categories)
      #expect(EstimateMemory(estimator, fits).refusal() == nil)
      #expect(EstimateMemory(estimator, beyond).refusal() != nil)
    }
  }

  @Test func knownRefusal() throws {
    let spa = EstimateMemory(
      try EstimatorRegistry.make("spa"), LayerShape(rows: 1, latents: 65_536, categories: 2))
    #expect(
      spa.refusal("spa")
        == "one estimate of 'spa' evaluates 131072 points of 65536 latents a row, 32 GiB, and at most 128 MiB are held: at most 4095 latents, or another estimator"
    )
    #expect(spa.drawsPerCall == 1)
  }

  /// The number of draws at a time does not change a number beyond rounding.
  @Test func partsOfDrawsAreTheSameDraws() throws {
    let descriptor = try #require(ProblemRegistry.named("test-problem"))
    let problem = try descriptor.make(
      ResolvedParameters(
        ["latents": .integer(512), "categories": .integer(2)], specs: descriptor.parameters),
      ProblemEnvironment(baseDirectory: ".", dataDirectories: [], checkpointDirectory: "."))
    let estimator = try EstimatorRegistry.make("spa")
    let most = EstimateMemory(estimator, problem.shape).drawsPerCall
    #expect(most > 1 && most < 1024)
    let source = DrawSource(problem: problem, key: RandomKey(seed: 4))
    let needs = GroupNeeds([estimator.plan])
    let rows = try source.draw(0..<40, distribution: estimator.plan.distribution, needs: needs)
    let whole = try source.prepared(estimator, rows, range: 0..<40)
    let row = problem.logits.row(0)
    let wanted = try estimator.checkedEstimates(row, whole[0])
    let mean = (0..<row.values.count).map { index in
      stride(from: index, to: wanted.count, by: row.values.count).reduce(0) { $0 + wanted[$1] } / 40
    }
    let engine = try MonteCarloEngine(
      source: source, geometry: ScopeGeometry(problem: problem, scopes: [.logits]), workers: 1)
    let found = try engine.measure([estimator], blocks: 1, drawsPerBlock: 40)[0].mean
    for (a, b) in zip(found, mean) { #expect(abs(a - b) <= 1e-12 * (1 + abs(b))) }
  }

  /// Tables that grow with the square or the cube of the categories are refused with a size that is held.
  @Test(arguments: [("mvd", 512), ("carms-i", 44)])
  func tablesAreRefused(kind: String, categories: Int) throws {
    let estimator = try EstimatorRegistry.make(kind)
    func refusal(_ categories: Int) -> String? {
      EstimateMemory(estimator, LayerShape(rows: 1, latents: 64, categories: categories)).refusal()
    }
    #expect(refusal(1024)?.contains("at most \(categories) categories") == true)
    #expect(refusal(categories) == nil && refusal(categories + 1) != nil)
  }

  /// Sizes whose arrays are not asked for, each with a remedy; products that fit no integer among them.
  @Test func sizesAreRefused() throws {
    func refusals(
      _ problem: any DiscreteProblem, _ measure: MeasureSettings = MeasureSettings()
    ) -> [String] {
      MemoryNeeds(problem: problem, measure: measure, target: TargetSettings(), workers: 2).refusals
    }
    #expect(refusals(try Layer(latents: 65_536, categories: 2)) == [])
    let wide = refusals(try Layer(latents: 65_536, categories: 257))
    #expect(wide.first?.contains("fewer rows, latents or categories") == true)
    let blocks = refusals(
      try Layer(latents: 65_536, categories: 2), MeasureSettings(draws: 2048, blocks: 1024))
    #expect(blocks.count == 1 && blocks[0].hasSuffix("at most 330 blocks"), "\(blocks)")
    let drawn = refusals(
      try Layer(latents: 2, categories: 2), MeasureSettings(perDrawSamples: 1_000_000_000))
    #expect(drawn.count == 1 && drawn[0].contains("per-draw-samples"))
  }
}
