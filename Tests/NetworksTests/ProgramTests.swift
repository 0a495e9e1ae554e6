import Networks
import Tensors
import Testing

@Suite struct ProgramTests {
  private let chain = [
    OperationSpec("dense", 7), OperationSpec("relu"), OperationSpec("dense", 5),
    OperationSpec("relu"), OperationSpec("dense", 4),
  ]

  private func program(_ specs: [OperationSpec], _ shape: TensorShape) throws -> Program {
    try Program(specs, OperationContext(input: shape))
  }

  @Test func knowsWhetherItIsDenseAndReLUAllTheWay() throws {
    let flat = try TensorShape.flat(6)
    #expect(try program(chain, flat).isDenseReLU)
    #expect(try program([OperationSpec("dense", 3)], flat).isDenseReLU)
    #expect(try !program(Array(chain.dropLast()), flat).isDenseReLU)
    #expect(try !program([], flat).isDenseReLU)
    #expect(try !program([chain[0], chain[2]], flat).isDenseReLU)
    #expect(try !program([chain[0], OperationSpec("leaky-relu"), chain[2]], flat).isDenseReLU)
  }

  /// The chain of BLAS products and kernels that dense networks have always been.
  private func plainChain<Scalar: NetworkScalar>(_ type: Scalar.Type) throws {
    let program = try program(chain, .flat(6))
    let store = try program.start(type, name: "net", key: RandomKey(seed: 4))
    let rows = 9
    let x = numbers(rows * 6, seed: 5).map { Scalar($0) }
    let delta = numbers(rows * 4, seed: 6).map { Scalar($0) }
    let sizes = [6, 7, 5, 4]
    var inputs = [x]
    for layer in 0..<3 {
      var y = matrixProduct(
        inputs[layer], store[2 * layer], m: rows, n: sizes[layer + 1], k: sizes[layer])
      Scalar.addRow(&y, store[2 * layer + 1], rectified: layer < 2)
      inputs.append(y)
    }
    let pass = program.forward(x, rows: rows, store)
    #expect(pass.output == inputs[3])
    #expect(program.denseInputs(pass) == Array(inputs.dropLast()))
    let back = program.pullBack(delta, pass, store, scale: 0.125)
    var lower = delta
    for layer in (0..<3).reversed() {
      let weights = matrixProduct(
        inputs[layer], lower, m: sizes[layer], n: sizes[layer + 1], k: rows, transposeA: true,
        alpha: 0.125)
      #expect(back.parameters[2 * layer] == weights)
      lower = matrixProduct(
        lower, store[2 * layer], m: rows, n: sizes[layer], k: sizes[layer + 1],
        transposeB: true)
      if layer > 0 { Scalar.gate(&lower, by: inputs[layer]) }
    }
    #expect(back.input == lower)
    #expect(program.denseLayers(store)?.map(\.weights) == [0, 2, 4].map { store[$0] })
    #expect(program.denseLayers(store)?.map(\.biases) == [1, 3, 5].map { store[$0] })
  }

  @Test func denseAndReLUAreThePlainChainBitForBit() throws {
    try plainChain(Float.self)
    try plainChain(Double.self)
  }

  @Test func groupsAreNumberedAcrossBranches() throws {
    let program = try program(
      [
        OperationSpec("dense", 6), OperationSpec("relu"),
        OperationSpec("sum", branches: [[], [OperationSpec("dense", 6)]]),
        OperationSpec("layer-norm"),
      ], .flat(4))
    let store = program.layout(Float.self, name: "encoder")
    #expect(
      store.tensors.map(\.name) == [
        "encoder.1.weight", "encoder.1.bias", "encoder.2.weight", "encoder.2.bias",
        "encoder.3.weight", "encoder.3.bias",
      ])
    #expect(store.groups.map(\.name) == ["encoder.1", "encoder.2", "encoder.3"])
    #expect(store.groups.map(\.tensors) == [0..<2, 2..<4, 4..<6])
    #expect(store.tensors[0].shape == [4, 6])
    #expect(store.count == 84 && program.parameterCount == 84 && store.byteSize == 336)
    #expect(store["encoder.1.bias"]?.count == 6 && store["encoder.9.bias"] == nil)
    let other = program.layout(Float.self, name: "decoder")
    let both = try ParameterStore(joining: [store, other])
    #expect(both.groups.count == 6 && both.tensors[6].name == "decoder.1.weight")
    #expect(throws: NetworkError.setting("there are two tensors named 'encoder.1.weight'")) {
      try ParameterStore(joining: [store, store])
    }
  }

  /// Variance times fan-in of a group's weights.
  private func gain(_ values: [Double], fanIn: Double) -> Double {
    dot(values, values) / Double(values.count) * fanIn
  }

  @Test func startsWithTheStatedVariances() throws {
    let specs = [
      OperationSpec("conv", ["channels": .integer(40), "kernel": .integer(3)]),
      OperationSpec("max-pool", 2), OperationSpec("layer-norm"), OperationSpec("gelu"),
      OperationSpec(
        "conv-transpose", ["channels": .integer(30), "kernel": .integer(4), "stride": .integer(2)]),
      OperationSpec("tanh"), OperationSpec("dense", 20), OperationSpec("leaky-relu"),
      OperationSpec("dense", 120), OperationSpec("dense", 100),
      OperationSpec("embedding", ["categories": .integer(20), "width": .integer(200)]),
      OperationSpec("sum", branches: [[OperationSpec("dense", 10), OperationSpec("relu")]]),
    ]
    let program = try program(specs, TensorShape(channels: 30, height: 6, width: 6))
    let store = try program.start(Double.self, name: "n", key: RandomKey(seed: 1))
    func check(_ group: Int, fanIn: Double, gain expected: Double) {
      let values = store["n.\(group).weight"] ?? []
      // Five standard errors of a variance.
      let tolerance = 5 * expected * (2 / Double(max(1, values.count))).squareRoot()
      #expect(abs(gain(values, fanIn: fanIn) - expected) < tolerance, "group \(group)")
      #expect(store["n.\(group).bias"]?.allSatisfy { $0 == 0 } ?? true)
    }
    check(1, fanIn: 270, gain: 2)
    #expect(store["n.2.weight"]?.allSatisfy { $0 == 1 } == true)
    check(3, fanIn: 40 * 16 / 4, gain: 1)
    check(4, fanIn: Double(30 * 6 * 6), gain: 2)
    check(5, fanIn: 20, gain: 1)
    check(6, fanIn: 120, gain: 1)
    check(7, fanIn: 1, gain: 1)
    check(8, fanIn: 1000, gain: 2)
  }

  @Test func startDrawsOneStreamATensor() throws {
    let program = try program(chain, .flat(6))
    let key = RandomKey(seed: 9)
    let store = try program.start(Float.self, name: "decoder", key: key, activeInputs: 3)
    let draws = RandomStream(key: key.derived("decoder.1"), row: 0, site: 0)
      .normals(from: 0, count: 42)
    #expect(store[0] == draws.map { Float(Double($0) * (2.0 / 3).squareRoot()) })
    let last = RandomStream(key: key.derived("decoder.3"), row: 0, site: 0)
      .normals(from: 0, count: 20)
    #expect(store[4] == last.map { Float(Double($0) * (1.0 / 5).squareRoot()) })
    #expect(throws: NetworkError.self) {
      try program.start(Float.self, name: "a", key: key, activeInputs: 0)
    }
  }

  @Test func tensorsOfOthersStandInStores() throws {
    let codes = try StoredTensor(name: "codebook", group: "codebook", shape: [3, 2])
    let store = try ParameterStore<Float>([codes], values: [[1, 2, 3, 4, 5, 6]])
    #expect(store.groups.map(\.name) == ["codebook"] && store["codebook"]?.last == 6)
    #expect(throws: NetworkError.setting("there are two tensors named 'codebook'")) {
      try ParameterStore(joining: [store, store])
    }
    for shape in [[-1, 0], [1 << 40, 1 << 40]] {
      #expect(throws: NetworkError.self) {
        try StoredTensor(name: "a", group: "a", shape: shape)
      }
    }
  }

  @Test func storesAreValues() throws {
    let program = try program(chain, .flat(6))
    let store = try program.start(Double.self, name: "net", key: RandomKey(seed: 1))
    var copy = store
    copy[0][0] += 1
    #expect(copy[0][0] == store[0][0] + 1 && copy != store)
    let narrow = store.converted(to: Float.self)
    #expect(narrow[0] == store[0].map { Float($0) } && narrow.tensors == store.tensors)
  }

  @Test func codesAreChecked() {
    #expect(
      message { try CodeRows([0, 3], latents: 2, categories: 3) }
        == "codes must be from 0 to 2, found 3")
    #expect(
      message { try CodeRows([0, 1, 2], latents: 2, categories: 3) }
        == "3 codes are no rows of 2 with 3 categories")
    #expect(
      message { try CodeRows([], latents: 0, categories: 3) }
        == "0 codes are no rows of 0 with 3 categories")
  }
}
