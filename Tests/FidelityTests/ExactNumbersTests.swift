import Discrete
import Estimators
import Fidelity
import Models
import Tensors
import TestSupport
import Testing

/// Numbers from exact moments at the encoder's layers, against gradients of all its parameters.
@Suite struct ExactNumbersTests {
  private let problem: CategoricalVAE<Double>
  private let geometry: ScopeGeometry
  private let target: TargetGradient
  private let measurement: ExactMeasurement

  init() throws {
    #expect(oneThread == nil)
    let bytes = RandomStream(key: RandomKey(seed: 8), row: 0, site: 0)
      .uniforms(from: 0, count: 96).map { UInt8(255 * $0) }
    problem = try CategoricalVAE<Double>(
      settings: VAESettings(latents: 2, categories: 3, rows: 4, hidden1: 9, hidden2: 7, seed: 3),
      images: ImageData(name: "small", pixelCount: 12, bytes: bytes))
    geometry = ScopeGeometry(problem: problem, scopes: [.logits, .layers, .all])
    target = try exactTarget(problem)
    let engine = ExactEngine(
      problem: problem,
      table: try OracleTable(oracle: problem.oracle, limit: 1 << 20, gradients: true),
      geometry: geometry, quadratureStep: 0.5, key: 1, workers: 1)
    measurement = try #require(
      try engine.measure([EstimatorRegistry.make("decoupled-st-gs")])[0])
  }

  /// Both a mean far below the target and a bias far below it keep their digits.
  @Test(arguments: [true, false], [1e-5, 1e-3, 0.7, 2])
  func normsKeepTheirDigits(nearTarget: Bool, size: Double) throws {
    let shape = problem.shape
    let scale = (target.gradient.reduce(0) { $0 + $1 * $1 } / Double(shape.count)).squareRoot()
    let noise = RandomStream(key: RandomKey(seed: 9), row: 0, site: 0)
      .normals(from: 0, count: 2 * shape.count).map { size * scale * Double($0) }
    var exact = measurement
    exact.mean = zip(target.gradient, noise).map { (nearTarget ? $0 : 0) + $1 }
    // Two rows of four were checked.
    let coarse = exact.mean.enumerated().map { index, value in
      (index / shape.width).isMultiple(of: 2) ? value + 0.01 * noise[shape.count + index] : value
    }
    exact.coarse = (coarse, exact.traces)
    let numbers = try MeasurementAssembly(
      geometry: geometry, target: target, engine: nil, level: 0.95
    ).numbers(exact)

    func squares(_ vector: [Double]) -> [Double] {
      let parts = geometry.parts(of: vector).map { $0.reduce(0) { $0 + $1 * $1 } }
      return geometry.scopes.map { scope in scope.parts.reduce(0) { $0 + parts[$1] } }
    }
    func bias(_ mean: [Double]) -> [Double] { squares(zip(mean, target.gradient).map { $0 - $1 }) }
    let moved = squares(zip(exact.mean, coarse).map { $0 - $1 }).map { $0.squareRoot() }
    for (metric, own, second) in [
      (Metric.biasSquared, bias(exact.mean), bias(coarse)),
      (
        .estimateNorm, squares(exact.mean).map { $0.squareRoot() },
        squares(coarse).map { $0.squareRoot() }
      ),
    ] {
      for (index, scope) in geometry.scopes.enumerated() {
        let number = try #require(numbers.first { $0.metric == metric && $0.scope == scope.name })
        #expect(abs(number.value - own[index]) < 1e-11 * own[index])
        // What the change of the mean would do to the number in the worst of directions, of which a few
        // are looked at.
        let worst =
          metric == .biasSquared
          ? (2 * own[index].squareRoot() + moved[index]) * moved[index] : moved[index]
        let change = max(abs(second[index] - own[index]), 0.96 * worst)
        let stated = number.standardError
        #expect(
          stated > change - 1e-11 * own[index] && stated < worst + 1e-7 * own[index],
          "\(metric) \(scope.name): \(stated) for \(change), of \(own[index])")
      }
    }
  }
}
