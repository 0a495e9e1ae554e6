import Discrete
import Foundation
import Models
import Testing

@Suite struct CustomProblemTests {
  private func read(_ text: String) throws -> any DiscreteProblem {
    try withFolder { folder in
      try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/p.json"))
      return try problem("json", ["file": .text("p.json")], directory: folder)
    }
  }

  /// The message for a file with the given text, without the folder.
  private func complaint(_ text: String) -> String {
    let full = message { _ = try read(text) }
    guard let name = full.range(of: "p.json: ") else { return full }
    return String(full[name.upperBound...])
  }

  @Test func everyCostTypeReads() throws {
    let costs: [(String, Double)] = [
      (#"{"type": "linear", "a": [[1, 2], [3, 4]], "b": 0.5}"#, 5.5),
      (
        #"{"type": "quadratic", "A": [[1,2,3,4],[5,6,7,8],[9,10,11,12],[13,14,15,16]], "b": [1,1,1,1]}"#,
        36
      ),
      (
        #"{"type": "cubic", "A": [[1,0,0,0],[0,0,0,0],[0,0,0,0],[0,0,0,0]], "W": [[1,0,0,2]]}"#, 28
      ),
      (#"{"type": "abspow", "p": 2, "v": [0, 1], "c": [0.5, 0]}"#, 0.625),
      (#"{"type": "mlp", "W1": [[0,1,1,0]], "b1": [0], "w2": [5], "b2": 0.25}"#, 0.25),
      (#"{"type": "table", "values": [1, 2, 3, 4]}"#, 2),
      (#"{"type": "table", "values": [[1, 2.5, 3, 4]]}"#, 2.5),
    ]
    for (cost, value) in costs {
      let problem = try read(#"{"phi": [[0, 1], [0, -1]], "cost": \#(cost)}"#)
      // Joint code 1 has codes (0, 1).
      #expect(try problem.oracle.costs(ofJointCodes: 1..<2, gradients: false).values == [value])
    }
  }

  @Test func seventeenDigitsAreKept() throws {
    let numbers = [
      0.1 + 0.2, 1.0 / 3, -2.2250738585072014e-308, .leastNonzeroMagnitude, 1.7976931348623157e+308,
      0.94211595002360694,
    ]
    let text = numbers.map { String(format: "%.17g", $0) }.joined(separator: ", ")
    let problem = try read(
      #"{"phi": [[\#(text)]], "cost": {"type": "table", "values": [1,2,3,4,5,6]}}"#)
    #expect(problem.logits.values == numbers)
  }

  @Test func rowsMayHaveTheirOwnLogitsAndTables() throws {
    let problem = try read(
      #"{"phi": [[[0, 1]], [[1, 0]]], "cost": {"type": "table", "values": [[1, 2], [3, 4]], "gradients": [[[1, 2]], [[3, 4]]]}}"#
    )
    #expect(problem.shape == LayerShape(rows: 2, latents: 1, categories: 2))
    let block = try problem.oracle.costs(ofJointCodes: 0..<2, gradients: true)
    #expect(block == CostBlock(values: [1, 2, 3, 4], gradients: [1, 2, 3, 4, 1, 2, 3, 4]))
  }

  @Test func wrongLengthsAreNamed() {
    let phi = #""phi": [[0, 1], [0, 1]]"#
    #expect(
      complaint("{\(phi), \"cost\": {\"type\": \"quadratic\", \"A\": [[1],[2],[3]]}}")
        == "cost.A: expected 4 x 4 numbers for D = 2, K = 2, found 3 rows; columns are the entries of y, index d*K + k"
    )
    #expect(
      complaint("{\(phi), \"cost\": {\"type\": \"linear\", \"a\": [[1, 2], [3]]}}")
        == "cost.a: expected 2 x 2 numbers for D = 2, K = 2, found 1 number in [1]; give one row of K weights per latent"
    )
    #expect(
      complaint("{\(phi), \"cost\": {\"type\": \"linear\", \"a\": [[1, 2], [3, NaN]]}}")
        .hasPrefix("cost.a: expected 2 x 2 numbers for D = 2, K = 2, found NaN in [1][1]"))
    #expect(
      complaint("{\(phi), \"cost\": {\"type\": \"linear\", \"a\": [[1, 2], [3, \"x\"]]}}")
        .contains("found a text in [1][1]"))
    #expect(
      complaint("{\(phi), \"cost\": {\"type\": \"table\", \"values\": [1, 2, 3]}}")
        == "cost.values: expected 4 numbers for D = 2, K = 2, B = 1, found 3 numbers; one per joint code, first latent slowest"
    )
    #expect(
      complaint(#"{"phi": [[0, 1], [0]], "cost": {"type": "linear", "a": [[1, 2]]}}"#)
        == "phi[1]: a latent needs at least 2 categories, found 1; a Bernoulli logit l is the pair [0, l]"
    )
    #expect(
      complaint(#"{"phi": [0, 1], "cost": {}}"#)
        .hasPrefix("phi: expected [D][K] or [B][D][K] numbers, found 1 list levels"))
    #expect(
      complaint(#"{"phi": [[0]], "cost": {}}"#)
        == "phi: a latent needs at least 2 categories, found 1; a Bernoulli logit l is the pair [0, l]"
    )
    #expect(complaint(#"{"phi": [[0, 1e999]], "cost": {}}"#).contains("1e999 is too large"))
    #expect(complaint(#"{"phi": [], "cost": {}}"#).contains("found a list"))
  }

  @Test func wrongFieldsAreNamed() {
    #expect(complaint(#"{"phi": [[0, 1]]}"#).hasPrefix("'cost' is missing"))
    #expect(complaint(#"{"cost": {}}"#).hasPrefix("'phi' is missing"))
    #expect(
      complaint(#"{"phi": [[0, 1]], "cots": {}}"#) == "unknown field 'cots'; did you mean 'cost'?")
    #expect(complaint(#"{"phi": [[0, 1]], "cost": {}}"#).hasPrefix("cost: 'type' is missing"))
    #expect(
      complaint(#"{"phi": [[0, 1]], "cost": {"type": "quadratics"}}"#)
        .hasPrefix(
          "cost.type: unknown cost type 'quadratics'; did you mean 'quadratic'? known types: linear,"
        ))
    #expect(
      complaint(#"{"phi": [[0, 1]], "cost": {"type": 3}}"#)
        == "cost.type: expected a text in quotes, found a number")
    #expect(
      complaint(#"{"phi": [[0, 1]], "cost": {"type": "linear"}}"#).hasPrefix("cost: 'a' is missing")
    )
    #expect(
      complaint(#"{"phi": [[0, 1]], "cost": {"type": "linear", "a": [[1, 2]], "A": 1}}"#)
        == "cost: unknown field 'A'; did you mean 'a'?")
    #expect(
      complaint(#"{"phi": [[0, 1]], "cost": {"type": "abspow", "p": 0.5, "v": [0, 1], "c": [0]}}"#)
        == "cost.p: expected a power from 1 to 64, found 0.5")
    #expect(complaint(#"{"phi": [[0, 1]], "cost": 7}"#).hasPrefix("cost: expected an object"))
    #expect(complaint("[1]").hasPrefix("expected an object"))
  }

  @Test func brokenTextIsNamedByLineAndColumn() {
    #expect(
      complaint("{\"phi\": [[0, 1]],\n \"cost\" {}}")
        == "line 2, column 9: this is not valid JSON: expected ':' after 'cost'")
    #expect(complaint("phi: [1]").contains("line 1, column 1: this is not valid JSON"))
    #expect(complaint("{\"phi\": [[0, 1]]").contains("expected ',' or '}'"))
    #expect(complaint("{\"phi\": [[0, 1").contains("expected ',' or ']'"))
    #expect(complaint("{\"phi\": [[0, 1]], \"phi\": 1}").contains("'phi' is given twice"))
    #expect(complaint("{} {}").contains("more text after the end"))
    #expect(complaint("{\"phi\": [[0, 1..2]]}").contains("found '1..2'"))
    #expect(complaint("{\"phi\": \"\\x\"}").contains("an unknown escape"))
    #expect(complaint("{\"phi\": \"\\ud800\\u0041\"}").contains("a broken \\u escape"))
    #expect(complaint("{\"phi\": \"abc").contains("the file ends in the middle of a text"))
    #expect(complaint(String(repeating: "[", count: 100_000)).contains("nested too deeply"))
    #expect(complaint("").hasPrefix("the file is empty"))
    #expect(complaint("\u{0}\u{1}\u{2}").contains("this is not valid JSON"))
  }

  @Test func missingFilesAndFoldersAreNamed() throws {
    try withFolder { folder in
      let missing = message {
        _ = try problem("json", ["file": .text("none.json")], directory: folder)
      }
      #expect(missing.hasPrefix("\(folder)/none.json: there is no such file; "))
      let directory = message { _ = try problem("json", ["file": .text(folder)]) }
      #expect(directory.hasPrefix("\(folder): this is a folder, not a file"))
    }
  }

  /// Latents of two, three and two categories, each cost against a number worked out by hand at `(1, 2, 0)`.
  @Test(arguments: [
    (#"{"type": "linear", "a": [[1, 2], [3, 4, 5], [6, 7]], "b": 0.5}"#, 13.5),
    (
      #"{"type": "quadratic", "A": [[0,0,0,0,0,0,0],[0,1,0,0,2,3,0],[0,0,0,0,0,0,0],[0,0,0,0,0,0,0],[0,0,0,0,4,5,0],[0,0,0,0,0,6,0],[0,0,0,0,0,0,0]], "b": [0,10,0,0,20,30,0]}"#,
      81
    ),
    (#"{"type": "mlp", "W1": [[0,1,0,0,-1,0,0]], "b1": [0], "w2": [5], "b2": 0.25}"#, 0.25),
    (#"{"type": "abspow", "p": 2, "v": [0, 1, 3], "c": [0, 1, 2]}"#, 3),
    (#"{"type": "table", "values": [0,1,2,3,4,5,6,7,8,9,10,11]}"#, 10),
  ]) func raggedCosts(_ cost: String, value: Double) throws {
    let problem = try read(#"{"phi": [[0, 1], [0, 1, 2], [0, 1]], "cost": \#(cost)}"#)
    #expect(problem.shape == LayerShape(rows: 1, categories: [2, 3, 2]))
    let block = try problem.oracle.costs(
      at: CodeBlock(shape: problem.shape, draws: 1, indices: [1, 2, 0]), gradients: false)
    #expect(abs(block.values[0] - value) < 1e-12)
    #expect(try problem.oracle.costs(ofJointCodes: 10..<11, gradients: false) == block)
  }

  @Test func raggedRowsAndGradients() throws {
    let problem = try read(
      #"{"phi": [[[0, 1], [0, 1, 2]], [[3, 4], [5, 6, 7]]], "cost": {"type": "table", "values": [1,2,3,4,5,6], "gradients": [[[1,2],[3,4,5]],[[1,2],[3,4,6]],[[1,2],[3,4,7]],[[1,2],[3,4,8]],[[1,2],[3,4,9]],[[1,2],[3,4,10]]]}}"#
    )
    #expect(problem.shape == LayerShape(rows: 2, categories: [2, 3]))
    #expect(problem.logits.row(1).values == [3, 4, -.infinity, 5, 6, 7])
    let block = try problem.oracle.costs(ofJointCodes: 4..<5, gradients: true)
    #expect(block == CostBlock(values: [5, 5], gradients: [1, 2, 0, 3, 4, 9, 1, 2, 0, 3, 4, 9]))
  }

  @Test func wrongRaggedLengthsAreNamed() {
    let phi = #""phi": [[0, 1], [0, 1, 2]]"#
    #expect(
      complaint(#"{"phi": [[0, 1], [], [0, 1, 2]], "cost": {}}"#)
        == "phi[1]: a latent needs at least 2 categories, found 0; a Bernoulli logit l is the pair [0, l]"
    )
    #expect(
      complaint(#"{"phi": [[[0, 1], [0, 1, 2]], [[0, 1, 2], [0, 1, 2]]], "cost": {}}"#)
        == "phi[1][0]: expected 2 numbers for D = 2, K = 2, 3, found 3 numbers; all data rows must have the lengths of the first"
    )
    #expect(
      complaint("{\(phi), \"cost\": {\"type\": \"linear\", \"a\": [[1, 2], [3, 4]]}}")
        == "cost.a[1]: expected 3 numbers for D = 2, K = 2, 3, found 2 numbers; give one row of K weights per latent"
    )
    #expect(
      complaint("{\(phi), \"cost\": {\"type\": \"linear\", \"a\": [[1, 2]]}}")
        == "cost.a: expected 2 lists for D = 2, K = 2, 3, found 1; give one row of K weights per latent"
    )
    #expect(
      complaint(
        "{\(phi), \"cost\": {\"type\": \"mlp\", \"W1\": [[1, 2, 3, 4]], \"b1\": [0], \"w2\": [1]}}")
        == "cost.W1: expected 1 x 5 numbers for D = 2, K = 2, 3, found 4 numbers in [0]; columns are the entries of y, latent after latent, 5 in all"
    )
    #expect(
      complaint("{\(phi), \"cost\": {\"type\": \"table\", \"values\": [1, 2, 3]}}")
        == "cost.values: expected 6 numbers for D = 2, K = 2, 3, B = 1, found 3 numbers; one per joint code, first latent slowest"
    )
    #expect(
      complaint(
        "{\(phi), \"cost\": {\"type\": \"abspow\", \"p\": 2, \"v\": [0, 1], \"c\": [0, 0]}}"
      )
      .hasPrefix(
        "cost.v: expected 3 numbers for D = 2, K = 2, 3, found 2 numbers; give one level per category of the latent of most"
      ))
  }
}
