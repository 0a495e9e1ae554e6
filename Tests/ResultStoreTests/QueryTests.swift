import Foundation
import ResultStore
import Testing

@Suite struct QueryTests {
  private let directory: TemporaryDirectory
  private let query: ReadOnlyQuery

  init() throws {
    directory = try TemporaryDirectory()
    let store = try ResultStore(path: directory.file("s.sqlite"))
    try SampleStudy.addMoments(store, SampleStudy.fill(store))
    try SampleStudy.fillTraining(store)
    query = try ReadOnlyQuery(path: directory.file("s.sqlite"))
  }

  private func failure(_ sql: String, _ parameters: [String: String] = [:]) -> String {
    do {
      _ = try query.run(sql, parameters: parameters)
      return ""
    } catch let error as StoreError {
      return error.exitCode == 65 ? error.description : "wrong code \(error.exitCode)"
    } catch {
      return "untyped \(error)"
    }
  }

  @Test(arguments: PublicView.all.map(\.name))
  func documentedExampleRuns(name: String) throws {
    let view = try #require(PublicView.all.first { $0.name == name })
    let result = try query.run(view.example.sql, parameters: view.example.parameters)
    #expect(!result.rows.isEmpty)
  }

  @Test(arguments: [
    "INSERT INTO study(name) VALUES ('x')", "DROP TABLE study", "DELETE FROM study",
    "PRAGMA user_version = 3", "PRAGMA query_only = 0", "PRAGMA journal_mode = DELETE",
    "ATTACH 'x.sqlite' AS x", "VACUUM", "VACUUM INTO 'copy.sqlite'", "BEGIN", "CREATE TABLE t(a)",
    "WITH a AS (SELECT 1) DELETE FROM study", "/* SELECT */ UPDATE study SET name = ''",
    "-- SELECT\nDROP VIEW v_runs",
  ])
  func writingIsRefused(sql: String) {
    #expect(failure(sql).hasPrefix("SQL: only reading statements are accepted"))
  }

  @Test(arguments: ["SELECT 1; SELECT 2", "SELECT 1; DROP TABLE study", "SELECT 1; nonsense"])
  func twoStatementsAreRefused(sql: String) {
    #expect(failure(sql) == "SQL: more than one statement; give one statement at a time")
  }

  @Test func emptyStatementsAreRefused() {
    for sql in ["", "  ", "-- nothing", "/* open"] {
      #expect(failure(sql).hasPrefix("SQL: there is no statement"))
    }
  }

  @Test func oneStatementMayEndInASemicolon() throws {
    #expect(try query.run("SELECT 1; -- end").rows == [[.integer(1)]])
  }

  @Test func unknownNamesAreCorrected() {
    #expect(
      failure("SELECT rel_bais FROM v_fidelity")
        == "SQL: no such column: rel_bais; did you mean 'rel_bias'?")
    #expect(
      failure("SELECT f.varience FROM v_fidelity f")
        == "SQL: no such column: f.varience; did you mean 'variance'?")
    #expect(
      failure("SELECT * FROM v_measurments")
        == "SQL: no such table: v_measurments; did you mean 'v_measurements'?")
    #expect(failure("SELECT * FROM elephants").hasSuffix("lists the views and their columns"))
    #expect(failure("SELEC 1").hasPrefix("SQL: only reading"))
    #expect(failure("SELECT FROM").hasPrefix("SQL: near \"FROM\": syntax error"))
  }

  @Test func parametersAreChecked() {
    #expect(failure("SELECT :a").hasPrefix("SQL: no value for the parameter :a"))
    #expect(
      failure("SELECT :study", ["study": "x", "sudy": "y"])
        == "SQL: the statement has no parameter :sudy; did you mean 'study'?")
    #expect(failure("SELECT ':a'", ["a": "1"]).hasPrefix("SQL: the statement has no parameter"))
  }

  @Test func parametersAreBoundByTheirLooks() throws {
    let texts = [
      "7", "-7", "0.50", "1e-3", "2.5e+1", "007", "12e456789012", "1e3", "x", "nan", "1.0.0",
      "9223372036854775808", "1e400.", "",
    ]
    let expected: [QueryValue] = [
      .integer(7), .integer(-7), .real(0.5), .real(0.001), .real(25), .text("007"),
      .text("12e456789012"), .text("1e3"), .text("x"), .text("nan"), .text("1.0.0"),
      .text("9223372036854775808"), .text("1e400."), .text(""),
    ]
    for (text, value) in zip(texts, expected) {
      #expect(try query.run("SELECT :p", parameters: ["p": text]).rows == [[value]])
    }
    let seed = try query.run(
      "SELECT count(*) FROM v_cells WHERE seed = :seed",
      parameters: ["seed": String(UInt64.max)])
    #expect(seed.rows == [[.integer(5)]])
  }

  @Test func wideAndLongViewsAgree() throws {
    let result = try query.run(
      """
      SELECT f.rel_bias, m.value, f.rel_bias_se, m.se, f.bias_sq, f.scope, f.cell_state
      FROM v_fidelity f JOIN v_measurements m USING (study, cell, scope)
      WHERE m.metric = 'rel_bias' ORDER BY f.cell, f.scope
      """)
    #expect(result.rows.count == 4)
    for row in result.rows {
      #expect(row[0] == row[1])
      #expect(row[2] == row[3])
      #expect((row[5] == .text("logits")) == (row[4] != .null))
    }
    let states = try query.run("SELECT cell_state, scope FROM v_fidelity ORDER BY cell, scope")
    #expect(states.rows.count == 7)
    #expect(states.rows.last == [.text("pending"), .null])
  }

  @Test func sameNamesGetSuffixes() throws {
    #expect(try query.run("SELECT 1 AS a, 2 AS a, 3 AS a_2").columns == ["a", "a_2", "a_2_2"])
  }

  @Test func readmeHoldsTheSchema() throws {
    let readme = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Sources/ResultStore/README.md")
    let text = try String(contentsOf: readme, encoding: .utf8)
    #expect(text.contains(SchemaText.markdown()))
    #expect(SchemaText.plain().contains("v_fidelity"))
  }
}
