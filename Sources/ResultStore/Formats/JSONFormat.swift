/// One JSON array with an object per row, one object a line.
public enum JSONFormat {
  /// The array and a line end.
  public static func text(_ result: QueryResult) -> String {
    guard !result.rows.isEmpty else { return "[]\n" }
    let objects = result.rows.map { "  " + JSONText.object(result.columns, $0) }
    return "[\n" + objects.joined(separator: ",\n") + "\n]\n"
  }
}
