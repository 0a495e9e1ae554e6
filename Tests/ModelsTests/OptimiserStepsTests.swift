import Discrete
import Models
import Networks
import Testing

/// Steps of the optimisers on two weights, against numbers computed by other means (NumPy, float64),
/// and their way down a quadratic.
@Suite struct OptimiserStepsTests {
  private static let gradients = [
    [0.5, -4.0], [-1.5, 0.25], [0.125, 2.0], [3.0, -0.5], [-0.75, 1.0], [2.0, 0.0], [0.25, -1.25],
    [1.0, 0.5],
  ]

  /// Steps 6 to 8 of RAdam are rectified (`rho` above 5), the others are not.
  private static let expected: [OptimiserSettings: [[Double]]] = [
    .adam: [
      [0.900000002, -1.90000000025], [0.9494189848877799, -1.837768905448438],
      [0.9824637398863368, -1.8232813602933355], [0.9437183378508917, -1.8050321688123767],
      [0.9235225119285843, -1.8018109842127537], [0.8823748237806658, -1.799034739776491],
      [0.843354780730616, -1.7834272180631816], [0.7979827192534366, -1.7749132785188195],
    ],
    .radam: [
      [0.95, -1.6], [1.0052631578947369, -1.4236842105263159],
      [1.0355214604777627, -1.3862303359875705], [0.9697465259037586, -1.3451282714339212],
      [0.9383480252566438, -1.3384825240773244], [0.9372855462368198, -1.3384108383611106],
      [0.9360080763814156, -1.3378998666353792], [0.9342504410174335, -1.3375700513065907],
    ],
    .sgd: [
      [0.95, -1.6], [1.1, -1.625], [1.0875, -1.825], [0.7875, -1.775], [0.8625, -1.875],
      [0.6625, -1.875], [0.6375, -1.75], [0.5375, -1.8],
    ],
  ]

  private func update<Scalar: NetworkScalar>(
    _ optimiser: inout Optimiser<Scalar>, _ weights: inout [Scalar], _ gradient: [Scalar]
  ) {
    optimiser.advance()
    optimiser.update(&weights, gradient, tensor: 1)
  }

  @Test(arguments: plainOptimisers) func takesThePublishedSteps(kind: OptimiserSettings) throws {
    var optimiser = try madeOptimiser(kind, rate: 0.1, sizes: [1, 2])
    var weights = [1.0, -2.0]
    let expected = try #require(Self.expected[kind])
    for (gradient, wanted) in zip(Self.gradients, expected) {
      update(&optimiser, &weights, gradient)
      #expect(relativeDifference(weights, wanted) < 1e-14)
    }
    #expect(optimiser.step == 8)
  }

  /// `3 (x - 1)^2 + (y + 2)^2 / 2`, of which the gradient is exact.
  @Test(arguments: plainOptimisers) func findsTheLowestPoint(kind: OptimiserSettings) throws {
    var optimiser = try madeOptimiser(kind, rate: 0.02, sizes: [0, 2])
    var weights = [-1.0, 1.0]
    for _ in 0..<3000 {
      update(&optimiser, &weights, [6 * (weights[0] - 1), weights[1] + 2])
    }
    #expect(relativeDifference(weights, [1, -2]) < 1e-6)
  }

  @Test(arguments: plainOptimisers) func goesOnFromItsMoments(kind: OptimiserSettings) throws {
    var optimiser: Optimiser<Float> = try madeOptimiser(kind, rate: 0.1, sizes: [1, 2], Float.self)
    var weights: [Float] = [1, -2]
    let gradients = Self.gradients.map { $0.map { Float($0) } }
    for gradient in gradients.prefix(4) { update(&optimiser, &weights, gradient) }
    var other: Optimiser<Float> = try madeOptimiser(kind, rate: 0.1, sizes: [1, 2], Float.self)
    try other.restore(step: optimiser.step, optimiser.state)
    var copy = weights
    for gradient in gradients.suffix(4) {
      update(&optimiser, &weights, gradient)
      update(&other, &copy, gradient)
      #expect(weights.map(\.bitPattern) == copy.map(\.bitPattern))
    }
  }
}

let plainOptimisers = [OptimiserSettings.adam, .radam, .sgd]

/// With settings, a schedule and a bound of the gradients.
let allOptimisers =
  plainOptimisers + [
    OptimiserSettings("adamw", parameters: ["weight-decay": .number(0.1)]),
    OptimiserSettings("sgd", parameters: ["momentum": .number(0.9)]),
    OptimiserSettings(
      "adam", schedule: .entry("cosine", ["steps": .integer(20)]), clip: 0.5),
  ]

/// An optimiser of study files on arrays of these sizes.
func madeOptimiser<Scalar: NetworkScalar>(
  _ kind: OptimiserSettings, rate: Double, sizes: [Int], _ type: Scalar.Type = Double.self
) throws -> Optimiser<Scalar> {
  try Optimiser(
    OptimiserRegistry.rule(kind.kind), rate: rate,
    tensors: sizes.enumerated().map {
      try StoredTensor(name: "\($0)", group: "weights", shape: [$1])
    })
}
