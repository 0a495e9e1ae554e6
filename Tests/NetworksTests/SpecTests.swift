import Networks
import Testing

@Suite struct SpecTests {
  private func built(_ specs: OperationSpec..., on shape: (Int, Int, Int) = (6, 1, 1)) -> String {
    message {
      let input = try TensorShape(channels: shape.0, height: shape.1, width: shape.2)
      return try Program(specs, OperationContext(input: input)).outputShape
    }
  }

  @Test func textForms() {
    let conv = OperationSpec("conv", ["kernel": .integer(3), "channels": .integer(8)])
    #expect(
      OperationSpec.text(of: [
        OperationSpec("dense", 200), OperationSpec("leaky-relu"), conv,
        OperationSpec("sum", branches: [[], [OperationSpec("relu")]]),
      ]) == "[{dense: 200}, leaky-relu, {conv: {channels: 8, kernel: 3}}, {sum: [[], [relu]]}]")
  }

  @Test func shapesFollowTheOperations() {
    let conv = OperationSpec(
      "conv",
      [
        "channels": .integer(8), "kernel": .integer(3), "stride": .integer(2),
        "padding": .integer(1),
      ])
    #expect(built(conv, on: (1, 28, 28)) == "no error: 8 x 14 x 14")
    #expect(built(conv, OperationSpec("dense", 10), on: (1, 28, 28)) == "no error: 10")
    #expect(built(OperationSpec("max-pool", 2), on: (3, 5, 7)) == "no error: 3 x 2 x 3")
    #expect(
      built(
        OperationSpec(
          "conv-transpose",
          [
            "channels": .integer(4), "kernel": .integer(3), "stride": .integer(2),
            "padding": .integer(1), "output-padding": .integer(1),
          ]), on: (8, 7, 7)) == "no error: 4 x 14 x 14")
    #expect(
      built(OperationSpec("concat", branches: [[], [OperationSpec("dense", 3)]]))
        == "no error: 9")
  }

  /// What is asked for, on which rows, and the message.
  static let errors: [(OperationSpec, (Int, Int, Int), String)] = {
    let names = OperationRegistry.all.map(\.name).joined(separator: ", ")
    let (six, image) = ((6, 1, 1), (2, 4, 5))
    func conv(_ name: String, _ settings: [String: Int]) -> OperationSpec {
      OperationSpec(name, settings.mapValues { .integer($0) })
    }
    return [
      (
        OperationSpec("desne", 3), six,
        "operation 1, desne, on rows of 6: unknown operation 'desne'; did you mean 'dense'? the operations are \(names)"
      ),
      (
        OperationSpec("xyzzy"), six,
        "operation 1, xyzzy, on rows of 6: unknown operation 'xyzzy'; the operations are \(names)"
      ),
      (
        OperationSpec("dense"), six,
        "operation 1, dense, on rows of 6: setting 'outputs' is missing: a whole number from 1 to 1073741824"
      ),
      (
        OperationSpec("dense", 0), six,
        "operation 1, dense, on rows of 6: outputs must be a whole number from 1 to 1073741824, found 0"
      ),
      (
        OperationSpec("dense", .value(.number(2.5))), six,
        "operation 1, dense, on rows of 6: outputs must be a whole number from 1 to 1073741824, found 2.5"
      ),
      (
        OperationSpec("dense", 1 << 30), six,
        "operation 1, dense: a weight of 6 x 1073741824 numbers makes too many parameters; at most 1073741824"
      ),
      (
        OperationSpec("relu", 3), six,
        "operation 1, relu, on rows of 6: 'relu' takes no bare value, found 3; it has no settings"
      ),
      (
        OperationSpec("relu", ["slope": .integer(1)]), six,
        "operation 1, relu, on rows of 6: unknown setting 'slope'; there are no settings"
      ),
      (
        OperationSpec("relu", branches: [[]]), six,
        "operation 1, relu, on rows of 6: 'relu' takes no lists of operations"
      ),
      (
        OperationSpec("leaky-relu", ["slop": .number(0.1)]), six,
        "operation 1, leaky-relu, on rows of 6: unknown setting 'slop'; did you mean 'slope'? the settings are slope"
      ),
      (
        OperationSpec("leaky-relu", 2), six,
        "operation 1, leaky-relu, on rows of 6: slope must be a number from 0.0 to 1.0, found 2"
      ),
      (
        OperationSpec("gelu", .value(.text("fast"))), six,
        "operation 1, gelu, on rows of 6: form must be one of erf, tanh, found fast"
      ),
      (
        OperationSpec("softmax", 4), six,
        "operation 1, softmax, on rows of 6: blocks of 4 do not fill a row of 6 numbers"
      ),
      (
        OperationSpec("layer-norm", .value(.number(0))), six,
        "operation 1, layer-norm, on rows of 6: eps must be a number above 0.0, found 0.0"
      ),
      (
        OperationSpec("conv", 3), image,
        "operation 1, conv, on rows of 2 x 4 x 5: 'conv' takes no bare value, found 3; name its settings: channels, kernel, stride, padding"
      ),
      (
        conv("conv", ["channels": 2, "kernel": 7, "padding": 1]), image,
        "operation 1, conv, on rows of 2 x 4 x 5: a kernel of 7 does not fit into the height of 4 with padding 1"
      ),
      (
        conv("conv", ["channels": 2, "kernel": 2]), six,
        "operation 1, conv, on rows of 6: a kernel of 2 does not fit into the height of 1"
      ),
      (
        conv("conv-transpose", ["channels": 2, "kernel": 2, "output-padding": 1]), image,
        "operation 1, conv-transpose, on rows of 2 x 4 x 5: output-padding must be below the stride 1, found 1"
      ),
      (
        conv("conv-transpose", ["channels": 2, "kernel": 2, "padding": 3]), image,
        "operation 1, conv-transpose, on rows of 2 x 4 x 5: the padding 3 leaves nothing of the height: the output would have -1"
      ),
      (
        conv("conv", ["channels": 1, "kernel": 4096, "padding": 4096]), (1, 2000, 2000),
        "operation 1, conv, on rows of 1 x 2000 x 2000: the patches of one row are 16777216 x 37173409 numbers, too many; at most 1073741824"
      ),
      (
        OperationSpec("max-pool", 5), image,
        "operation 1, max-pool, on rows of 2 x 4 x 5: a kernel of 5 does not fit into the height of 4"
      ),
      (
        conv("embedding", ["categories": 4, "width": 2]), six,
        "operation 1, embedding, on rows of 6: blocks of 4 categories do not fill a row of 6 numbers"
      ),
      (
        OperationSpec("graph"), six,
        "operation 1, graph, on rows of 6: there is no graph here; 'graph' works on problems that have one"
      ),
      (
        OperationSpec("reshape", 5), six,
        "operation 1, reshape, on rows of 6: a row of 6 numbers cannot be read as 5, which are 5"
      ),
      (
        conv("reshape", ["channels": 1 << 30, "height": 1 << 30, "width": 1 << 30]), six,
        "operation 1, reshape, on rows of 6: a row of 1073741824 x 1073741824 x 1073741824 numbers is too large; at most 1073741824"
      ),
      (
        OperationSpec("sum"), six,
        "operation 1, sum, on rows of 6: 'sum' takes a list of lists of operations, such as {sum: [[], [relu]]}"
      ),
      (
        OperationSpec("sum", branches: []), six,
        "operation 1, sum, on rows of 6: 'sum' needs at least one branch"
      ),
      (
        OperationSpec("sum", branches: [[], [OperationSpec("dense", 5)]]), six,
        "operation 1, sum, on rows of 6: branch 1 of 'sum' gives rows of 6, branch 2 rows of 5; they must be equal"
      ),
      (
        OperationSpec("concat", branches: [[], [OperationSpec("max-pool", 2)]]), image,
        "operation 1, concat, on rows of 2 x 4 x 5: branch 1 of 'concat' gives rows of 2 x 4 x 5, branch 2 rows of 2 x 2 x 2; heights and widths must be equal"
      ),
      (
        OperationSpec("sum", branches: [[], [OperationSpec("relu"), OperationSpec("tahn")]]), six,
        "operation 1, sum, on rows of 6: branch 2: operation 2, tahn, on rows of 6: unknown operation 'tahn'; did you mean 'tanh'? the operations are \(names)"
      ),
    ]
  }()

  @Test func errorsNamePlaceCauseAndRemedy() {
    for (spec, shape, expected) in Self.errors { #expect(built(spec, on: shape) == expected) }
  }

  @Test func graphsMustFitTheRows() throws {
    let graph = try SparseMatrix.normalisedAdjacency(nodes: 4, edges: [(0, 1)])
    let text = message {
      try Program(
        [OperationSpec("graph")], OperationContext(input: .flat(8), graph: graph))
    }
    #expect(
      text
        == "operation 1, graph, on rows of 8: a graph of 4 nodes needs rows of channels x 4 x 1, found 8; use 'reshape'"
    )
  }

  @Test func operationsMustFitEachOther() throws {
    let five = try TensorShape.flat(5)
    #expect(
      message { try Program([ReLU(five)], input: .flat(6)) }
        == "operation 1, relu: takes rows of 5, but gets rows of 6")
    #expect(
      message { try SumOfBranches([Program([], input: .flat(6)), Program([], input: five)]) }
        == "the branches of 'sum' have inputs of 6 and 5")
    #expect(
      message { try TensorShape(channels: 0) }
        == "a row of 0 x 1 x 1 numbers is empty; sizes must be at least 1")
  }

  /// Names in kebab case, no two alike, and a summary and a formula for each.
  @Test func registriesAreComplete() {
    let operations = OperationRegistry.all.map { ($0.name, $0.summary, $0.formula, $0.settings) }
    let optimisers = OptimiserRegistry.all.map { ($0.name, $0.summary, $0.formula, $0.settings) }
    let schedules = RateSchedule.all.map { ($0.name, $0.summary, $0.formula, $0.settings) }
    for list in [operations, optimisers, schedules] {
      #expect(Set(list.map(\.0)).count == list.count)
      for (name, summary, formula, settings) in list {
        #expect(name.wholeMatch(of: /[a-z0-9]+(-[a-z0-9]+)*/) != nil)
        #expect(!summary.isEmpty && !formula.isEmpty)
        #expect(settings.allSatisfy { !$0.summary.isEmpty && !$0.kind.allowed.isEmpty })
      }
    }
    for descriptor in OperationRegistry.all {
      if let shorthand = descriptor.shorthand {
        #expect(descriptor.settings.contains { $0.name == shorthand })
      }
    }
  }

  @Test func resolvedSettingsHaveASummary() throws {
    let specs = [
      SettingSpec("b", .flag, default: .flag(true), "A flag"),
      SettingSpec("a", .integer(0...9), optional: true, "A number"),
      SettingSpec("c", .number(minimum: 0, maximum: 1), "A share"),
    ]
    #expect(try ResolvedSettings(["c": .integer(1)], specs: specs).summary == "b=true, c=1.0")
    #expect(
      message { try ResolvedSettings(["c": .flag(true)], specs: specs) }
        == "c must be a number from 0.0 to 1.0, found true")
    #expect(
      message { try ResolvedSettings(["c": .number(.nan)], specs: specs) }
        == "c must be a number from 0.0 to 1.0, found nan")
  }
}
