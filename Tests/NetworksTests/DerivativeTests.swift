import Networks
import Tensors
import Testing

@Suite struct DerivativeTests {
  /// A sample at a random point, biases moved off zero.
  private struct Case {
    let program: Program
    let store: ParameterStore<Double>
    let x: [Double]
    let rows = 3
    let pass: ProgramPass<Double>
    let delta: [Double]

    init(_ sample: Sample, seed: UInt64 = 1) throws {
      program = try sample.program()
      var store = try program.start(Double.self, name: "net", key: RandomKey(seed: seed))
      for index in store.values.indices {
        let moves = numbers(store[index].count, seed: seed + 10 + UInt64(index))
        store[index] = zip(store[index], moves).map { $0 + 0.3 * $1 }
      }
      self.store = store
      x = numbers(rows * program.inputShape.count, seed: seed + 100)
      pass = program.forward(x, rows: rows, store)
      delta = numbers(rows * program.outputShape.count, seed: seed + 200)
    }

    /// `<delta, f(x)>`.
    func value(_ x: [Double], _ store: ParameterStore<Double>) -> Double {
      dot(delta, program.forward(x, rows: rows, store).output)
    }

    var tangents: [[Double]] {
      store.values.enumerated().map { numbers($1.count, seed: 300 + UInt64($0)) }
    }
  }

  @Test(arguments: Sample.all)
  func pullBackFollowsDifferences(_ sample: Sample) throws {
    let the = try Case(sample)
    let back = the.program.pullBack(the.delta, the.pass, the.store)
    #expect(difference(back.input, derivatives(at: the.x) { the.value($0, the.store) }) < 1e-7)
    try #require(back.parameters.map(\.count) == the.store.values.map(\.count))
    for index in the.store.values.indices {
      let expected = derivatives(at: the.store[index]) {
        var moved = the.store
        moved[index] = $0
        return the.value(the.x, moved)
      }
      #expect(difference(back.parameters[index], expected) < 1e-7, "\(the.store.tensors[index])")
    }
  }

  @Test(arguments: Sample.all)
  func pushForwardIsTheTransposeOfPullBack(_ sample: Sample) throws {
    let the = try Case(sample, seed: 2)
    let tangent = numbers(the.x.count, seed: 5)
    let moved = the.program.pushForward(
      tangent, parameterTangents: the.tangents, the.pass, the.store)
    let fixed = the.program.pushForward(tangent, the.pass, the.store)
    let back = the.program.pullBack(the.delta, the.pass, the.store)
    let input = dot(tangent, back.input)
    let all = zip(the.tangents, back.parameters).reduce(input) { $0 + dot($1.0, $1.1) }
    #expect(abs(dot(the.delta, fixed) - input) < 1e-12 * (1 + abs(input)))
    #expect(abs(dot(the.delta, moved) - all) < 1e-12 * (1 + abs(all)))
  }

  @Test(arguments: Sample.all)
  func partsAndScaleOfAPullBack(_ sample: Sample) throws {
    let the = try Case(sample)
    let all = the.program.pullBack(the.delta, the.pass, the.store)
    let input = the.program.pullBack(the.delta, the.pass, the.store, parts: .input)
    let quarter = the.program.pullBack(
      the.delta, the.pass, the.store, parts: .parameters, scale: 0.25)
    #expect(input.input == all.input && quarter.input.isEmpty)
    #expect(input.parameters.joined().isEmpty)
    #expect(quarter.parameters == all.parameters.map { $0.map { $0 / 4 } })
    let outputs = the.program.outputGradients(the.delta, the.pass, the.store)
    #expect(outputs.last == the.delta)
    #expect(outputs.map(\.count) == the.program.operations.map { 3 * $0.outputShape.count })
  }

  @Test(arguments: Sample.all)
  func gramsAreProductsOfUnitPullBacks(_ sample: Sample) throws {
    let the = try Case(sample, seed: 3)
    let outputs = the.program.outputShape.count
    let row = 1
    let one = the.pass.gathered([Int32(row)])
    let grams = the.program.rowGrams(row: row, the.pass, the.store)
    let jacobian = (0..<outputs).map { output in
      var unit = [Double](repeating: 0, count: outputs)
      unit[output] = 1
      return the.program.parameterGradients(unit, one, the.store)
    }
    let groups = the.store.groups
    try #require(grams.count == groups.count)
    for (group, gram) in zip(groups, grams) {
      let expected = jacobian.flatMap { a in
        jacobian.map { b in group.tensors.reduce(0) { $0 + dot(a[$1], b[$1]) } }
      }
      #expect(difference(gram, expected) < 1e-12, "\(group.name)")
    }
  }

  @Test(arguments: Sample.all)
  func singlesFollowDoubles(_ sample: Sample) throws {
    let the = try Case(sample, seed: 4)
    let store = the.store.converted(to: Float.self)
    let pass = the.program.forward(the.x.map { Float($0) }, rows: the.rows, store)
    #expect(difference(pass.output.map { Double($0) }, the.pass.output) < 1e-5)
    let back = the.program.pullBack(the.delta.map { Float($0) }, pass, store)
    let wide = the.program.pullBack(the.delta, the.pass, the.store)
    #expect(difference(back.input.map { Double($0) }, wide.input) < 1e-4)
    for (narrow, wide) in zip(back.parameters, wide.parameters) {
      #expect(difference(narrow.map { Double($0) }, wide) < 1e-4)
    }
    let moved = the.program.pushForward(the.x.map { Float($0) }, pass, store)
    let wideMoved = the.program.pushForward(the.x, the.pass, the.store)
    #expect(difference(moved.map { Double($0) }, wideMoved) < 1e-4)
  }

  /// Every row stands by itself: gathered rows of a pass are the pass of gathered rows.
  @Test(arguments: Sample.all)
  func rowsStandByThemselves(_ sample: Sample) throws {
    let the = try Case(sample, seed: 6)
    let (inputs, outputs) = (the.program.inputShape.count, the.program.outputShape.count)
    let order: [Int32] = [2, 0, 2]
    func pick(_ values: [Double], _ width: Int) -> [Double] {
      order.flatMap { values[Int($0) * width..<(Int($0) + 1) * width] }
    }
    let own = the.program.forward(pick(the.x, inputs), rows: 3, the.store)
    let gathered = the.pass.gathered(order)
    #expect(difference(gathered.output, own.output) < 1e-14)
    let back = the.program.pullBack(pick(the.delta, outputs), gathered, the.store)
    let expected = the.program.pullBack(pick(the.delta, outputs), own, the.store)
    #expect(difference(back.input, expected.input) < 1e-13)
    #expect(difference(back.parameters.flatMap { $0 }, expected.parameters.flatMap { $0 }) < 1e-13)
  }

  @Test(arguments: Sample.all)
  func emptyBatchesHaveEmptyResults(_ sample: Sample) throws {
    let the = try Case(sample)
    let pass = the.program.forward([], rows: 0, the.store)
    let back = the.program.pullBack([], pass, the.store)
    #expect(pass.output.isEmpty && back.input.isEmpty)
    #expect(back.parameters == the.store.values.map { $0.map { _ in 0 } })
  }

  private static let coded: [[OperationSpec]] = [
    [OperationSpec("dense", 5), OperationSpec("relu"), OperationSpec("dense", 3)],
    [OperationSpec("dense", 5), OperationSpec("tanh")],
    [OperationSpec("embedding", ["categories": .integer(3), "width": .integer(2)])],
    [OperationSpec("embedding", ["categories": .integer(2), "width": .integer(2)])],
    [OperationSpec("layer-norm"), OperationSpec("dense", 2)],
    [OperationSpec("sum", branches: [[OperationSpec("dense", 6)], []])],
    [],
  ]

  @Test(arguments: coded)
  func codesActAsOneHotBlocks(_ specs: [OperationSpec]) throws {
    let the = try Case(Sample(specs, 6))
    let codes = try CodeRows([0, 2, 1, 1, 2, 0], latents: 2, categories: 3)
    let pass = the.program.forward(codes: codes, the.store)
    let wide = the.program.forward(codes.oneHot(), rows: 3, the.store)
    #expect(difference(pass.output, wide.output) < 1e-14)
    let back = the.program.pullBack(the.delta, pass, the.store, scale: 0.5)
    let expected = the.program.pullBack(the.delta, wide, the.store, scale: 0.5)
    #expect(difference(back.input, expected.input) < 1e-14)
    #expect(difference(back.parameters.flatMap { $0 }, expected.parameters.flatMap { $0 }) < 1e-14)
    let tangent = numbers(18, seed: 8)
    #expect(
      difference(
        the.program.pushForward(
          tangent, parameterTangents: the.tangents, pass, the.store),
        the.program.pushForward(
          tangent, parameterTangents: the.tangents, wide, the.store)) < 1e-14)
    let grams = the.program.rowGrams(row: 2, pass, the.store)
    let expectedGrams = the.program.rowGrams(row: 2, wide, the.store)
    #expect(difference(grams.flatMap { $0 }, expectedGrams.flatMap { $0 }) < 1e-14)
  }
}
