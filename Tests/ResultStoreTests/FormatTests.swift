import ResultStore
import Testing

@Suite struct FormatTests {
  private let result = QueryResult(
    columns: ["label", "value", "n", "data"],
    rows: [
      [.text("st, \"half\""), .real(0.1), .integer(-5), .blob([0, 255])],
      [.text("line\nend|\u{1b}[31m"), .real(1234567.891), .null, .null],
      [.null, .real(.nan), .integer(20), .null],
      [.text(""), .real(-Double.infinity), .integer(1), .null],
    ])

  @Test func csv() {
    #expect(
      OutputFormat.csv.text(result) == """
        label,value,n,data
        "st, ""half""\",0.1,-5,00ff
        "line
        end|\u{1b}[31m",1234567.891,,
        ,nan,20,
        ,-inf,1,

        """)
  }

  @Test func json() {
    #expect(
      OutputFormat.json.text(result) == #"""
        [
          {"label": "st, \"half\"", "value": 0.1, "n": -5, "data": "00ff"},
          {"label": "line\nend|\u001b[31m", "value": 1234567.891, "n": null, "data": null},
          {"label": null, "value": "nan", "n": 20, "data": null},
          {"label": "", "value": "-inf", "n": 1, "data": null}
        ]

        """#)
    #expect(OutputFormat.json.text(QueryResult(columns: ["a"], rows: [])) == "[]\n")
  }

  @Test func jsonLines() {
    let lines = OutputFormat.jsonl.text(result).split(separator: "\n")
    #expect(lines.count == 4)
    #expect(lines.first == #"{"label": "st, \"half\"", "value": 0.1, "n": -5, "data": "00ff"}"#)
  }

  @Test func table() {
    #expect(
      OutputFormat.table.text(result) == #"""
        label                       value   n  data
        --------------------  -----------  --  ----
        st, "half"                    0.1  -5  00ff
        line\nend|\u{1B}[31m  1.23457e+06
                                      nan  20
                                     -inf   1

        """#)
  }

  @Test func markdown() {
    #expect(
      OutputFormat.markdown.text(result) == #"""
        | label | value | n | data |
        |---|---:|---:|---|
        | st, "half" | 0.1 | -5 | 00ff |
        | line\nend\|\u{1B}[31m | 1.23457e+06 |  |  |
        |  | nan | 20 |  |
        |  | -inf | 1 |  |

        """#)
  }

  @Test(arguments: OutputFormat.allCases)
  func nothingIsAValidResult(format: OutputFormat) {
    let text = format.text(QueryResult(columns: [], rows: []))
    let known = ["table": "", "csv": "\n", "json": "[]\n", "jsonl": "", "markdown": ""]
    #expect(text == known[format.rawValue] ?? text && ["", "\n", "[]\n"].contains(text))
  }
}
