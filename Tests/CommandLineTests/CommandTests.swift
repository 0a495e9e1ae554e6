import Foundation
import GradientFidelity
import Testing

/// Each command once as a user meets it: data on standard output, everything else on standard error.
@Suite struct CommandTests {
  @Test func initWritesAStudyThatRuns() throws {
    let place = try Workplace()
    let written = try place.run("init", "first.yaml")
    #expect(
      written
        == CommandOutcome(
          code: 0, signal: nil, output: "",
          errors: "wrote first.yaml; next: gradfid run first.yaml\n")
    )
    let checked = try place.run("check", "first.yaml")
    #expect(
      checked
        == CommandOutcome(
          code: 0, signal: nil,
          output: "first: 3 problem states, 11 estimators, 33 cells\n", errors: ""))
    #expect(try place.names() == ["first.yaml"])
    // The commands that the text names exist.
    let text = String(decoding: try place.bytes("first.yaml"), as: UTF8.self)
    for match in text.matches(of: /`gradfid ([a-z]+)/) {
      #expect(HelpTests.commands.contains(String(match.1)))
    }
  }

  @Test func initLeavesAFileAlone() throws {
    let place = try Workplace()
    try place.write("mine", to: "study.yaml")
    let outcome = try place.run("init")
    #expect(outcome.code == 1 && outcome.output.isEmpty)
    #expect(outcome.errors == "error: study.yaml: there is a file already; give another name\n")
    #expect(try place.bytes("study.yaml") == Data("mine".utf8))
    let below = try place.run("init", "study.yaml/x.yaml")
    #expect(below.code == 1)
    #expect(
      below.errors
        == "error: study.yaml/x.yaml: cannot be written; check the folder and its rights\n")
  }

  @Test func runSeparatesDataFromProgress() throws {
    let place = try Workplace()
    try place.write(SmallStudies.toy(), to: "toy.yaml")
    let outcome = try place.run("run", "toy", "--jobs", "1", "--format", "json")
    #expect(outcome.code == 0)
    let rows = try #require(
      JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [[String: Any]])
    #expect(rows.compactMap { $0["estimator"] as? String } == ["st(tau=1.0)", "reinforce"])
    #expect(rows.allSatisfy { $0["cell_state"] as? String == "done" })
    #expect(
      outcome.errors == """
        measuring bernoulli-toy t=0.45, initial
        2 of 2 cells
        toy: 2 cells measured, 0 there already, 0 failed; store gradfid.sqlite

        """)
    #expect(
      try place.run("run", "toy", "--quiet", "--store", "other.sqlite")
        == CommandOutcome(code: 0, signal: nil, output: "", errors: ""))
  }

  @Test func statusCountsStudiesAndCells() throws {
    let place = try Workplace()
    try place.write(SmallStudies.toy(), to: "toy.yaml")
    _ = try place.run("run", "toy", "--quiet", "--only", "estimator=st")
    let all = try place.run("status", "--format", "csv")
    #expect(all.code == 0 && all.errors.isEmpty)
    #expect(
      all.output.hasPrefix(
        "study,cells,done,failed,diverged,missing,created,trained\ntoy,2,1,0,0,1,20"))
    let cells = try place.run("status", "toy", "--format", "jsonl")
    #expect(cells.code == 0 && cells.errors.isEmpty)
    #expect(try place.run("status", "studies/toy.yaml", "--format", "jsonl") == cells)
    let states = cells.output.split(separator: "\n").map { $0.contains(#""status": "done""#) }
    #expect(states == [true, false])
    #expect(cells.output.contains(#""status": "pending""#))
  }

  @Test func listAndDescribeKnowEveryKind() throws {
    let place = try Workplace()
    for (subject, names) in [
      ("estimators", Catalogue.standard.estimators.map(\.name)),
      ("problems", ProblemRegistry.all.map(\.name)),
    ] {
      let listed = try place.run("list", subject, "--format", "jsonl")
      #expect(listed.code == 0 && listed.errors.isEmpty)
      let lines = listed.output.split(separator: "\n")
      #expect(lines.count == names.count)
      for (line, name) in zip(lines, names) { #expect(line.contains(#""name": "\#(name)""#)) }
      for name in names {
        let described = try place.run("describe", name)
        #expect(described.code == 0 && described.errors.isEmpty)
        #expect(described.output.hasPrefix("\(name): "))
      }
    }
  }

  @Test func listStudiesMarksBrokenFiles() throws {
    let place = try Workplace()
    try place.write(SmallStudies.toy(), to: "studies/a.yaml")
    try place.write("format: 2\n", to: "studies/b.yaml")
    try place.write("not a study", to: "studies/c.txt")
    let outcome = try place.run("list", "studies", "--format", "csv")
    #expect(outcome.code == 0 && outcome.errors.isEmpty)
    #expect(
      outcome.output == """
        file,study,problems,estimators,title
        studies/a.yaml,toy,1,2,
        studies/b.yaml,,,,has errors; `gradfid check studies/b.yaml` shows them

        """)
  }

  @Test func queryAnswersInEveryFormat() throws {
    let place = try Workplace()
    try place.write(SmallStudies.toy(), to: "toy.yaml")
    _ = try place.run("run", "toy", "--quiet")
    let sql = "SELECT estimator, position FROM v_cells WHERE estimator = :e"
    let expected = [
      "csv": "estimator,position\nst,0\n", "jsonl": "{\"estimator\": \"st\", \"position\": 0}\n",
      "table": "estimator  position\n---------  --------\nst                0\n",
      "markdown": "| estimator | position |\n|---|---:|\n| st | 0 |\n",
    ]
    for (format, text) in expected {
      let outcome = try place.run("query", sql, "-p", "e=st", "--format", format)
      #expect(outcome == CommandOutcome(code: 0, signal: nil, output: text, errors: ""))
    }
    let piped = try place.run(
      "query", "-", "--format", "csv", environment: ["GRADFID_STORE": "gradfid.sqlite"],
      input: "SELECT count(*) AS n FROM v_cells\n")
    #expect(piped.code == 0 && piped.output == "n\n2\n")
    let schema = try place.run("query", "--schema")
    #expect(schema.code == 0 && schema.errors.isEmpty)
    for view in ["v_measurements", "v_fidelity", "v_cells", "v_runs"] {
      #expect(schema.output.contains(view))
    }
    let one = try place.run("query", "--schema", "v_cells")
    #expect(one.code == 0 && one.output.contains("\nv_cells\n") && !one.output.contains("v_runs"))
    let none = try place.run("query", "--schema", "v_cell")
    #expect(none.code == 65 && none.output.isEmpty)
    #expect(none.errors == "error: SQL: there is no view 'v_cell'; did you mean 'v_cells'?\n")
  }

  @Test func exportWritesWhatItNames() throws {
    let place = try Workplace()
    try place.write(SmallStudies.toy(), to: "toy.yaml")
    _ = try place.run("run", "toy", "--quiet")
    let outcome = try place.run("export", "studies/toy.yaml", "--to", "out/deep")
    #expect(outcome.code == 0 && outcome.errors.isEmpty)
    #expect(
      outcome.output.split(separator: "\n").map { $0.split(separator: "/").suffix(3) }
        == [["out", "deep", "toy.csv"], ["out", "deep", "toy.meta.json"]])
    #expect(try place.names("out/deep") == ["toy.csv", "toy.meta.json"])
    let rows = try place.run("query", "SELECT * FROM v_measurements", "--format", "csv").output
    let csv = String(decoding: try place.bytes("out/deep/toy.csv"), as: UTF8.self)
    #expect(csv.split(separator: "\n").sorted() == rows.split(separator: "\n").sorted())
  }

  /// The files of single parameters stand in a folder of their own, which is named last.
  @Test func exportHasFilesOfSingleParameters() throws {
    let place = try Workplace()
    try place.write(
      SmallStudies.toy().replacing("measure: {", with: "measure: {parameters: true, "),
      to: "toy.yaml")
    _ = try place.run("run", "toy", "--quiet", "--store", "own.sqlite")
    let outcome = try place.run("export", "toy", "--to", "out", "--store", "own.sqlite")
    #expect(outcome.code == 0 && outcome.errors.isEmpty)
    let names = ["toy.csv", "toy.parameters.csv", "toy.meta.json", "toy-parameters"]
    #expect(
      outcome.output.split(separator: "\n").map { $0.split(separator: "/").last.map(String.init) }
        == names)
    #expect(try place.names("out") == names.sorted())
    let files = try place.names("own-parameters")
    #expect(try files.count == 2 && place.names("out/toy-parameters") == files)
    for file in files {
      let copy = try place.bytes("out/toy-parameters/\(file)")
      #expect(try copy == place.bytes("own-parameters/\(file)"))
    }
  }

  @Test func aFullDiskIsNoCrash() throws {
    let place = try Workplace()
    let outcome = try place.start(["list", "estimators"], outputPath: "/dev/full").finish()
    #expect(outcome.code == 1 && outcome.signal == nil)
    #expect(
      outcome.errors
        == "error: standard output cannot be written; check the disk, or the program that reads it\n"
    )
  }
}
