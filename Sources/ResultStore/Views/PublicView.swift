import Discrete
import Tensors

/// A column of a public view.
public struct PublicColumn: Sendable, Equatable {
  /// The name.
  public let name: String
  /// The SQLite type of its values.
  public let type: String
  /// What it holds.
  public let definition: String

  init(_ name: String, _ type: String, _ definition: String) {
    self.name = name
    self.type = type
    self.definition = definition
  }
}

/// A query that shows what a view is for. A test runs every one of them.
public struct ExampleQuery: Sendable, Equatable {
  /// The question it answers.
  public let title: String
  /// The statement; parameters are written `:name`.
  public let sql: String
  /// Values for its parameters.
  public let parameters: [String: String]
}

/// A view that users may query: its columns are a promise.
public struct PublicView: Sendable, Equatable {
  /// The name.
  public let name: String
  /// What one row is.
  public let about: String
  /// The columns in their order.
  public let columns: [PublicColumn]
  /// How to use it.
  public let example: ExampleQuery

  /// All public views.
  public static let all: [PublicView] = [
    measurements, fidelity, rmse, budget, cells, runs, training, series, coverage, parameters,
    parameterFiles,
  ]

  /// The view of a name. Throws `StoreError.sql` with the nearest one.
  public static func named(_ name: String) throws -> PublicView {
    if let view = all.first(where: { $0.name == name }) { return view }
    let names = all.map(\.name)
    throw StoreError.sql(
      message: "there is no view '\(name)'", sqlText: name,
      hint: NearestName.question(for: name, among: names)
        ?? "the views are \(names.joined(separator: ", "))")
  }
}
