import Discrete
import Estimators
import Fidelity
import Tensors
import Testing

/// Probabilities of 0 and 1, one category, many categories: finite numbers, or a stated refusal.
@Suite struct ScoreEdgeTests {
  private struct Problem: DiscreteProblem {
    let logits: Logits
    let oracle: any CostOracle
  }

  /// `f(y) = s + s^2`, `s = sum_i sin(i + 1) y_i`.
  private struct Oracle: CostOracle {
    let shape: LayerShape
    let capabilities = OracleCapabilities()

    private func block(_ points: [[Double]], gradients: Bool) -> CostBlock {
      var block = CostBlock(values: [])
      for point in points {
        let derivatives = point.indices.map { Double(($0 * 7) % 5) - 1.7 }
        let s = zip(derivatives, point).reduce(0) { $0 + $1.0 * $1.1 }
        block.values.append(s + s * s)
        if gradients { block.gradients += derivatives.map { $0 * (1 + 2 * s) } }
      }
      return block
    }

    func costs(at codes: CodeBlock, gradients: Bool) -> CostBlock {
      let points = stride(from: 0, to: codes.indices.count, by: shape.latents).map { first in
        var point = [Double](repeating: 0, count: shape.width)
        for latent in 0..<shape.latents {
          point[latent * shape.categories + Int(codes.indices[first + latent])] = 1
        }
        return point
      }
      return block(points, gradients: gradients)
    }

    func costs(at points: SoftBlock, gradients: Bool) -> CostBlock {
      block(
        stride(from: 0, to: points.points.count, by: shape.width).map {
          Array(points.points[$0..<$0 + shape.width])
        }, gradients: gradients)
    }
  }

  private static let layers: [(categories: Int, logits: [Double])] = [
    (1, [3, -200]), (1, [0]), (2, [200, -200, 0.1, 0.2]), (2, [900, -900, -900, 900, 0, 0]),
    (2, [0, 0, 0, 0]), (3, [200, -200, 0, -200, -200, 200]), (3, [0, 0, 0]),
    (3, [800, 0, -800, 0, 0, -1e5]), (4, [40, 0, 0, 40, 1, 2, 3, 4]),
    (8, [0, 1, 2, 3, 4, 5, 6, 100]),
  ]

  private static let kinds = EstimatorRegistry.all.filter {
    [.scoreFunction, .coupled].contains($0.family)
  }.map(\.name)

  @Test(arguments: kinds)
  func numbersAreFinite(kind: String) throws {
    let descriptor = try #require(EstimatorRegistry.named(kind))
    let parameters = try ResolvedParameters([:], specs: descriptor.parameters)
    for (categories, values) in Self.layers {
      let shape = LayerShape(
        rows: 1, latents: values.count / categories, categories: categories)
      guard descriptor.refusal(shape, parameters) == nil else { continue }
      let problem = Problem(
        logits: try Logits(shape: shape, values: values), oracle: Oracle(shape: shape))
      var estimator = try descriptor.make(parameters)
      for fits in [false, true] {
        if fits, let learned = estimator.learned {
          estimator = try learned.fitted(TestFittingSource(problem: problem))
        }
        let sampled = try SampledZoo(problem, estimator, count: 200)
        #expect(sampled.estimates.allSatisfy { $0.isFinite }, "\(kind) \(values)")
        if categories == 1 {
          #expect(sampled.estimates.allSatisfy { abs($0) < 1e-12 }, "\(kind)")
        }
        // Lattices take seconds on each of these layers: NoiseLatticeTests has them.
        let plan = MomentPlan(estimator, on: problem, moments: .auto, table: true)
        guard !plan.route.isIntegral else { continue }
        let exact = try ExactEngine(
          problem: problem,
          table: OracleTable(oracle: problem.oracle, limit: 1 << 12, gradients: true),
          geometry: ScopeGeometry(problem: problem, scopes: [.logits]), quadratureStep: 0.2,
          key: 1, workers: 1
        ).measure([estimator])[0]
        guard let exact else { continue }
        #expect(exact.mean.allSatisfy { $0.isFinite } && exact.traces[0].isFinite)
        if descriptor.bias == .unbiased {
          let target = try exactTarget(problem).gradient
          let size = 1 + target.reduce(0) { max($0, abs($1)) }
          #expect(
            zip(exact.mean, target).allSatisfy { abs($0 - $1) < 1e-9 * size },
            "\(kind) \(values)")
        }
      }
    }
  }

  @Test func refusalsJointCodeTheRemedy() throws {
    func refusal(
      _ kind: String, _ latents: Int, _ categories: Int,
      _ parameters: [String: ParameterValue] = [:]
    ) throws -> String? {
      let descriptor = try #require(EstimatorRegistry.named(kind))
      return descriptor.refusal(
        LayerShape(rows: 1, latents: latents, categories: categories),
        try ResolvedParameters(parameters, specs: descriptor.parameters))
    }
    for kind in [
      "enumeration", "sum-and-sample", "unordered-set", "reinforce-wor", "reinforce-stratified",
      "reinforce-systematic",
    ] {
      #expect(try refusal(kind, 4, 8) == nil)
      #expect(try #require(try refusal(kind, 5, 8)).contains("use fewer latents"))
      #expect(try refusal(kind, 400, 800) != nil)
    }
    #expect(
      try #require(try refusal("unordered-set", 1, 3, ["k": .integer(4)])).contains("smaller k"))
    #expect(try #require(try refusal("disarm-tree", 2, 6)).contains("power of two"))
    #expect(try refusal("disarm-tree", 2, 8) == nil)
    #expect(try refusal("arm", 2, 3) != nil && refusal("arms", 2, 3) != nil)
  }
}
