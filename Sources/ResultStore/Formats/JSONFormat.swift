extension OutputFormat {
  /// One array of objects; doubles in shortest exact form.
  public static let json = OutputFormat(
    "json", "one array of objects, one a line; doubles in shortest exact form",
    rows: RowEncoding(
      opening: "[\n  ", between: ",\n  ", rowStart: "{", separator: ", ", rowEnd: "}",
      closing: "\n]\n", empty: "[]\n", field: JSONText.member))
}
