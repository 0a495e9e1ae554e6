/// One JSON object per row and line.
public enum JSONLinesFormat {
  /// All lines; empty when there are no rows.
  public static func text(_ result: QueryResult) -> String {
    result.rows.map { JSONText.object(result.columns, $0) + "\n" }.joined()
  }
}
