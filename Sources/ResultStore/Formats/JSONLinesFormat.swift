extension OutputFormat {
  /// One object per line; doubles in shortest exact form.
  public static let jsonl = OutputFormat(
    "jsonl", "one object per line; doubles in shortest exact form",
    rows: RowEncoding(
      rowStart: "{", separator: ", ", rowEnd: "}\n", field: JSONText.member))
}
