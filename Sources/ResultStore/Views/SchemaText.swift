/// The text of `gradfid query --schema` and of this module's README.
public enum SchemaText {
  /// The views with their columns and an example each, as plain text.
  public static func plain(_ views: [PublicView] = PublicView.all) -> String {
    var text = "Public views, schema version \(StoreSchema.version)\n"
    for view in views {
      text += "\n\(view.name)\n  \(view.about)\n\n"
      let width = view.columns.map(\.name.count).max() ?? 0
      for column in view.columns {
        let name = column.name + String(repeating: " ", count: width - column.name.count)
        let type = column.type + String(repeating: " ", count: max(0, 7 - column.type.count))
        text += "  \(name)  \(type)  \(column.definition)\n"
      }
      text += "\n  \(view.example.title)\(parameterNote(view.example)):\n"
      for line in view.example.sql.split(separator: "\n") { text += "    \(line)\n" }
    }
    return text
  }

  /// The same as Markdown.
  public static func markdown(_ views: [PublicView] = PublicView.all) -> String {
    views.map(section).joined(separator: "\n")
  }

  private static func section(_ view: PublicView) -> String {
    var text = "### \(view.name)\n\n\(view.about)\n\n"
    text += "| column | type | definition |\n|---|---|---|\n"
    for column in view.columns {
      let definition = column.definition.split(separator: "|", omittingEmptySubsequences: false)
        .joined(separator: "\\|")
      text += "| `\(column.name)` | \(column.type) | \(definition) |\n"
    }
    text += "\n\(view.example.title)\(parameterNote(view.example)):\n\n"
    return text + "```sql\n\(view.example.sql)\n```\n"
  }

  private static func parameterNote(_ example: ExampleQuery) -> String {
    guard !example.parameters.isEmpty else { return "" }
    let options = example.parameters.sorted { $0.key < $1.key }
      .map { "-p \($0.key)=\($0.value)" }
    return " (`\(options.joined(separator: " "))`)"
  }
}
