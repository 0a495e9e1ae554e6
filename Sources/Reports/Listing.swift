import Discrete
import Fidelity
import Models
import Networks
import ResultStore

/// A list of the program as `gradfid list NAME` shows it: made from the list itself.
public struct Listing: Sendable {
  /// The word behind `gradfid list`.
  public let name: String
  public let table: QueryResult

  /// All of them beside estimators, problems and studies, which have tables of their own.
  public static let all = [
    Listing(name: "bottlenecks", table: entries(BottleneckKinds.entries)),
    Listing(name: "likelihoods", table: entries(LikelihoodKinds.entries)),
    Listing(name: "data", table: entries(DataKinds.entries)),
    operations,
    Listing(name: "optimisers", table: entries(TrainingKinds.optimisers)),
    Listing(name: "schedules", table: entries(TrainingKinds.schedules)),
    metrics,
    intervals,
    formats,
  ]

  /// What every list has under a name, a paragraph each; nil where none has it.
  public static func text(_ name: String) -> String? {
    let found = all.flatMap { listing in
      listing.table.rows.filter { $0.first == .text(name) }.map { row in
        "\(name) (`gradfid list \(listing.name)`)\n"
          + zip(listing.table.columns, row).dropFirst().compactMap { column, value in
            guard case .text(let text) = value, !text.isEmpty else { return nil }
            return "  \(column): \(text)\n"
          }.joined()
      }
    }
    return found.isEmpty ? nil : found.joined(separator: "\n")
  }

  private static func entries(_ entries: [EntryKind]) -> QueryResult {
    QueryResult(
      columns: ["name", "parameters", "summary"],
      rows: entries.map {
        [.text($0.name), .text(CatalogueTable.parameters($0.parameters)), .text($0.summary)]
      })
  }

  private static let operations = Listing(
    name: "operations",
    table: QueryResult(
      columns: ["name", "settings", "formula", "summary"],
      rows: OperationRegistry.all.map { operation in
        let settings = operation.settings.map { setting in
          setting.defaultValue.map { "\(setting.name)=\($0)" } ?? setting.name
        }
        return [
          .text(operation.name),
          .text(operation.branches ? "lists of operations" : settings.joined(separator: ", ")),
          .text(operation.formula), .text(operation.summary),
        ]
      }))

  private static let metrics = Listing(
    name: "metrics",
    table: QueryResult(
      columns: ["name", "unit", "definition"],
      rows: Metric.allCases.map {
        [.text($0.rawValue), .text($0.unit), .text($0.definition)]
      }))

  private static let intervals = Listing(
    name: "intervals",
    table: QueryResult(
      columns: ["name", "definition"],
      rows: IntervalMethod.all.map { [.text($0.name), .text($0.definition)] }))

  private static let formats = Listing(
    name: "formats",
    table: QueryResult(
      columns: ["name", "export", "summary"],
      rows: OutputFormat.allCases.map { format in
        [
          .text(format.rawValue), .text(OutputFormat.streamed.contains(format) ? "yes" : "no"),
          .text(format.summary),
        ]
      }))
}
