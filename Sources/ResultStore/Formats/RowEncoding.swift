/// How a format writes rows one by one: what stands around rows and fields, and a field's text.
struct RowEncoding: Sendable {
  /// Before all, from the names of the columns.
  var head: @Sendable ([String]) -> String = { _ in "" }
  /// Before the first row, and before every other one.
  var opening = ""
  var between = ""
  /// Before the first field of a row, between two fields, and behind the last one.
  var rowStart = ""
  var separator: String
  var rowEnd: String
  /// After the last row, and in place of rows where there are none.
  var closing = ""
  var empty = ""
  /// A value of a column.
  var field: @Sendable (_ column: String, _ value: QueryValue) -> String

  /// A row that is the `index`th, with what stands before it.
  func row(_ columns: [String], _ values: [QueryValue], at index: Int) -> String {
    let fields = zip(columns, values).map(field)
    return (index == 0 ? opening : between) + rowStart + fields.joined(separator: separator)
      + rowEnd
  }

  /// What stands after `count` rows.
  func end(_ count: Int) -> String { count == 0 ? empty : closing }

  func text(_ result: QueryResult) -> String {
    var text = head(result.columns)
    for (index, row) in result.rows.enumerated() {
      text += self.row(result.columns, row, at: index)
    }
    return text + end(result.rows.count)
  }
}
