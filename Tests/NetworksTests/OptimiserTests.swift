import Networks
import Tensors
import Testing

@Suite struct OptimiserTests {
  /// Weights after 1, 7 and 20 steps of the recurrences of PyTorch's documentation, by a Python
  /// script in float64.
  static let trajectories: [(String, String, [String: SettingValue], [Double])] = {
    let other: [String: SettingValue] = [
      "beta1": .number(0.8), "beta2": .number(0.95), "epsilon": .number(1e-6),
      "weight-decay": .number(0.1),
    ]
    var radam = other
    radam["beta2"] = .number(0.99)
    return [
      (
        "adam", "adam", [:],
        [
          0.450000000625, -0.2999999966666669, 1.450000000090909, 0.18646115579081193,
          -0.08628814602593732, 1.1565959667759667, -0.12575257563043307, 0.042071695004250884,
          0.568420894112827,
        ]
      ),
      (
        "adam other", "adam", other,
        [
          0.4500000588234602, -0.2999996000032, 1.450000008849556, 0.18925954148524965,
          -0.07705633299762911, 1.1583287161772184, -0.05603984872514403, -0.023360994528968462,
          0.5872608982542554,
        ]
      ),
      (
        "adamw", "adamw", ["weight-decay": .number(0.1)],
        [
          0.447500000625, -0.2987499966666669, 1.442500000090909, 0.17517484945402706,
          -0.08005233143781276, 1.110547448827318, -0.12329859194425215, 0.036047962994281604,
          0.47988513883303735,
        ]
      ),
      (
        "radam", "radam", [:],
        [
          0.45999999999999996, -0.2575, 1.225, 0.3559404781565653, -0.18840713351699478,
          0.4693959730038065, 0.318646217899851, -0.1531155047319745, 0.43778037427098226,
        ]
      ),
      (
        "radam decay", "radam", radam,
        [
          0.4575, -0.25625, 1.2175, 0.342262887003761, -0.17486026535842614, 0.4604969009042423,
          0.2337707185532019, -0.07829259706724713, 0.3724570369479725,
        ]
      ),
      (
        "sgd", "sgd", [:],
        [
          0.45999999999999996, -0.2575, 1.225, 0.34061289457589283, -0.1454418967857143,
          0.44375258443080345, 0.17575127714205582, -0.05430931237458634, 0.025929689235058565,
        ]
      ),
      (
        "sgd decay", "sgd", ["weight-decay": .number(0.1)],
        [
          0.4575, -0.25625, 1.2175, 0.3281931517589188, -0.14031944019998782, 0.4250106915603679,
          0.1581730444708823, -0.05008422600520456, 0.02050260490489626,
        ]
      ),
      (
        "momentum", "sgd", ["momentum": .number(0.9), "weight-decay": .number(0.01)],
        [
          0.45975, -0.257375, 1.22425, 0.004715103486766653, 0.039210687568368, -1.0671864781774982,
          -0.03939430599747891, -0.10804252189558482, -0.14842641661435238,
        ]
      ),
      (
        "nesterov", "sgd",
        ["momentum": .number(0.9), "weight-decay": .number(0.01), "nesterov": .flag(true)],
        [
          0.423525, -0.2640125, 0.9760749999999999, -0.01826397606861868, 0.03491685561814923,
          -0.6511826889412959, -0.021039621845237146, -0.054632873499349595, -0.07065545789475361,
        ]
      ),
    ]
  }()

  private static func gradient(_ step: Int, _ weights: [Double]) -> [Double] {
    let sign = step % 2 == 0 ? 1.0 : -1.0
    return weights.enumerated().map { index, weight in
      let factor = Double(index + 1)
      return factor * weight - 0.3 * sign * factor / Double(step) + 0.05 * Double(index)
    }
  }

  /// Tensors of one and two numbers that share a rule.
  private static func tensors() throws -> [StoredTensor] {
    try Program(
      [LayerNorm(.flat(3), epsilon: 1)], input: .flat(3)
    ).layout(Double.self, name: "a").tensors
  }

  private func run<Scalar: NetworkScalar>(
    _ optimiser: inout Optimiser<Scalar>, _ weights: inout [Scalar], steps: ClosedRange<Int>
  ) -> [Double] {
    var seen: [Double] = []
    for step in steps {
      let gradient = Self.gradient(step, weights.map { Double($0) }).map { Scalar($0) }
      optimiser.advance()
      optimiser.update(&weights, gradient, tensor: 0)
      if [1, 7, 20].contains(step) { seen += weights.map { Double($0) } }
    }
    return seen
  }

  @Test(arguments: trajectories.indices)
  func followsTheReference(_ index: Int) throws {
    let (name, kind, settings, expected) = Self.trajectories[index]
    let rule = try OptimiserRegistry.rule(kind, settings)
    var optimiser = try Optimiser<Double>(rule, rate: 0.05, tensors: Self.tensors())
    var weights = [0.5, -0.25, 1.5]
    #expect(difference(run(&optimiser, &weights, steps: 1...20), expected) < 1e-13, "\(name)")
    var narrow = try Optimiser<Float>(rule, rate: 0.05, tensors: Self.tensors())
    var singles: [Float] = [0.5, -0.25, 1.5]
    #expect(difference(run(&narrow, &singles, steps: 1...20), expected) < 3e-6, "\(name)")
  }

  /// A state that goes through a file and back changes nothing.
  @Test(arguments: trajectories.indices)
  func statesContinueWhereTheyStopped(_ index: Int) throws {
    let (_, kind, settings, _) = Self.trajectories[index]
    let rule = try OptimiserRegistry.rule(kind, settings)
    var optimiser = try Optimiser<Double>(rule, rate: 0.05, tensors: Self.tensors())
    var weights = [0.5, -0.25, 1.5]
    _ = run(&optimiser, &weights, steps: 1...9)
    let bytes = try SafetensorsFile(tensors: optimiser.state).encoded()
    var resumed = try Optimiser<Double>(rule, rate: 0.05, tensors: Self.tensors())
    try resumed.restore(step: optimiser.step, SafetensorsFile(decoding: bytes).tensors)
    #expect(resumed.state == optimiser.state && resumed.step == 9)
    var others = weights
    let expected = run(&optimiser, &weights, steps: 10...20)
    #expect(run(&resumed, &others, steps: 10...20) == expected)
  }

  @Test func statesAreNamedAndChecked() throws {
    var optimiser = try Optimiser<Float>(Adam(), rate: 1, tensors: Self.tensors())
    #expect(
      optimiser.state.map(\.name) == [
        "first.a.1.weight", "first.a.1.bias", "second.a.1.weight", "second.a.1.bias",
      ])
    #expect(optimiser.byteSize == 48)
    let momentum = try Optimiser<Float>(
      StochasticDescent(momentum: 0.5), rate: 1, tensors: Self.tensors())
    #expect(momentum.state.map(\.name) == ["velocity.a.1.weight", "velocity.a.1.bias"])
    #expect(momentum.byteSize == 24)
    let plain = try Optimiser<Float>(StochasticDescent(), rate: 1, tensors: Self.tensors())
    #expect(plain.state.isEmpty && plain.byteSize == 0)
    #expect(
      message { try optimiser.restore(step: 1, momentum.state) }
        == "tensor 'first.a.1.weight' is missing; there are velocity.a.1.weight, velocity.a.1.bias")
    #expect(
      message { try optimiser.restore(step: 1, optimiser.state + momentum.state) }
        == "there is a tensor 'velocity.a.1.bias' that this network does not have")
    #expect(
      message { try optimiser.restore(step: -1, optimiser.state) }
        == "the step of an optimiser must be at least 0, found -1")
    #expect(
      message { try Optimiser<Float>(Adam(), rate: 0, tensors: []) }
        == "the learning rate must be a number above 0, found 0.0")
  }

  @Test func errorsNameTheNearest() {
    #expect(
      message { try OptimiserRegistry.rule("adma") }
        == "unknown optimiser 'adma'; did you mean 'adam'? the optimisers are \(OptimiserRegistry.all.map(\.name).joined(separator: ", "))"
    )
    #expect(
      message { try OptimiserRegistry.rule("adam", ["beta1": .number(1)]) }
        == "adam: beta1 must be a number from 0.0 to below 1.0, found 1.0")
    #expect(
      message { try OptimiserRegistry.rule("sgd", ["beta": .number(1)]) }
        == "sgd: unknown setting 'beta'; the settings are momentum, nesterov, weight-decay")
  }

  @Test func appliesAStepToAStore() throws {
    let program = try Program(
      [OperationSpec("dense", 3)], OperationContext(input: .flat(2)))
    var store = try program.start(Double.self, name: "n", key: RandomKey(seed: 1))
    let before = store
    var optimiser = try Optimiser<Double>(
      StochasticDescent(), rate: 0.5, tensors: store.tensors)
    let gradients = store.values.map { $0.map { _ in 2.0 } }
    optimiser.apply(gradients, to: &store)
    optimiser.rate = 0.25
    optimiser.apply(gradients, to: &store)
    #expect(optimiser.step == 2)
    #expect(store.values.flatMap { $0 } == before.values.flatMap { $0.map { ($0 - 1) - 0.5 } })
  }

  @Test func clippingBoundsTheGlobalNorm() {
    var gradients: [[Double]] = [[3, 0], [-4]]
    #expect(GradientClipping.clip(&gradients, norm: 5) == 5)
    #expect(gradients == [[3, 0], [-4]])
    #expect(GradientClipping.clip(&gradients, norm: 2.5) == 5)
    #expect(gradients == [[1.5, 0], [-2]])
    var broken: [[Float]] = [[.infinity, 1]]
    #expect(GradientClipping.clip(&broken, norm: 1) == .infinity && broken == [[.infinity, 1]])
    var large: [[Float]] = [[3e30, 4e30]]
    #expect(abs(GradientClipping.clip(&large, norm: 1) / 5e30 - 1) < 1e-6)
    #expect(difference(large[0].map { Double($0) }, [0.6, 0.8]) < 1e-6)
  }

  @Test func schedulesFollowTheirFormulas() throws {
    func factors(_ name: String, _ settings: [String: SettingValue], _ t: [Int]) throws -> [Double]
    {
      let schedule = try RateSchedule.named(name, settings)
      return t.map { schedule.factor(after: $0) }
    }
    #expect(try factors("constant", [:], [0, 9]) == [1, 1])
    #expect(
      try factors("linear-warm-up", ["steps": .integer(4)], [0, 1, 3, 4, 99])
        == [0.25, 0.5, 1, 1, 1])
    #expect(
      try factors("step", ["every": .integer(3), "factor": .number(0.5)], [0, 2, 3, 5, 6])
        == [1, 1, 0.5, 0.5, 0.25])
    #expect(try factors("exponential", ["factor": .number(0.5)], [0, 1, 5]) == [1, 0.5, 0.03125])
    let root = 0.5.squareRoot()
    #expect(
      difference(
        try factors("cosine", ["steps": .integer(8)], [0, 2, 4, 6, 8, 20]),
        [1, (1 + root) / 2, 0.5, (1 - root) / 2, 0, 0]) < 1e-15)
    #expect(
      difference(
        try factors(
          "cosine",
          ["steps": .integer(10), "warm-up": .integer(2), "floor": .number(0.2)],
          [0, 1, 2, 6, 10]), [0.5, 1, 1, 0.6, 0.2]) < 1e-15)
    #expect(
      message { try RateSchedule.named("cosin") }
        == "unknown schedule 'cosin'; did you mean 'cosine'? the schedules are \(RateSchedule.all.map(\.name).joined(separator: ", "))"
    )
    #expect(
      message { try RateSchedule.named("cosine", ["steps": .integer(3), "warm-up": .integer(3)]) }
        == "cosine: warm-up must be below steps (3), found 3")
  }
}
