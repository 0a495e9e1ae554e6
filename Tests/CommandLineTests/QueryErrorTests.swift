import Foundation
import Testing

/// Statements that are refused: exact messages, exit code 65, and a store that stays as it was.
@Suite struct QueryErrorTests {
  private func store() throws -> Workplace {
    let place = try Workplace()
    try place.write(SmallStudies.toy(), to: "toy.yaml")
    #expect(try place.run("run", "toy", "--quiet").code == 0)
    return place
  }

  private static let refusal =
    "error: SQL: only reading statements are accepted (SELECT, WITH, VALUES, EXPLAIN); "
    + "copy the file to change it with another program\n"

  @Test func nothingCanBeWritten() throws {
    let place = try store()
    let before = try place.bytes("gradfid.sqlite")
    for statement in [
      "INSERT INTO cell(hash) VALUES ('x')", "DROP TABLE measurement", "DELETE FROM result",
      "UPDATE study SET name = 'x'", "PRAGMA user_version = 9", "ATTACH 'new.sqlite' AS other",
      "VACUUM INTO 'new.sqlite'", "CREATE TABLE t(a)", "BEGIN IMMEDIATE", "REINDEX",
      "WITH a AS (SELECT 1) DELETE FROM cell", "/* SELECT */ DROP VIEW v_cells",
    ] {
      let outcome = try place.run("query", statement)
      #expect(
        outcome
          == CommandOutcome(code: 65, signal: nil, output: "", errors: Self.refusal),
        "\(statement)")
    }
    let misspelt = try place.run("query", "selct 1")
    #expect(
      misspelt.code == 65
        && misspelt.errors.hasSuffix("EXPLAIN); did you mean 'SELECT'?\n"))
    let two = try place.run("query", "SELECT 1; DROP TABLE cell")
    #expect(two.code == 65 && two.output.isEmpty)
    #expect(two.errors == "error: SQL: more than one statement; give one statement at a time\n")
    #expect(try place.bytes("gradfid.sqlite") == before)
    #expect(!place.exists("new.sqlite"))
    #expect(try place.numbers().split(separator: "\n").count > 10)
  }

  @Test(arguments: [
    ("SELECT modl FROM v_cells", "no such column: modl; did you mean 'model'?"),
    (
      "SELECT toolchain FROM v_cells",
      "no such column: toolchain; 'toolchain' is a column of v_runs"
    ),
    ("SELECT c.estimater FROM v_cells c", "no such column: c.estimater; did you mean 'estimator'?"),
    (
      "SELECT 1 FROM v_cells WHERE study = \"toy\"",
      "no such column: toy; double quotes name a column; a text stands in single quotes: 'toy'"
    ),
    ("SELECT * FROM v_cell", "no such table: v_cell; did you mean 'v_cells'?"),
    (
      "SELECT zzzzzzzz FROM v_cells",
      "no such column: zzzzzzzz; `gradfid query --schema` lists the views and their columns"
    ),
    (
      "SELECT FROM v_cells",
      "near \"FROM\": syntax error; `gradfid query --schema` lists the views and their columns"
    ),
    ("", "there is no statement; `gradfid query --schema` lists the views and their columns"),
    (
      "SELECT :study",
      "no value for the parameter :study; give it with `-p study=VALUE`"
    ),
  ])
  func aWrongStatement(_ statement: String, _ message: String) throws {
    let outcome = try store().run("query", statement)
    #expect(outcome.code == 65 && outcome.output.isEmpty)
    #expect(outcome.errors == "error: SQL: \(message)\n")
  }

  @Test func aParameterTheStatementLacks() throws {
    let outcome = try store().run("query", "SELECT :study", "-p", "studdy=toy")
    #expect(outcome.code == 65)
    #expect(
      outcome.errors
        == "error: SQL: the statement has no parameter :studdy; did you mean 'study'?\n")
  }
}
