import Discrete
import ResultStore

/// Tables of `gradfid list`, made from the catalogue.
public enum CatalogueTable {
  /// One row per estimator that the filter admits. `calls` is that of the defaults in the unit of
  /// `mse_cost`: values, a gradient counted as three.
  public static func estimators(
    _ catalogue: Catalogue, filter: EstimatorFilter = EstimatorFilter()
  ) -> QueryResult {
    QueryResult(
      columns: [
        "name", "family", "domain", "bias", "exact on", "cost", "calls", "parameters", "summary",
      ],
      rows: catalogue.estimators.compactMap { descriptor in
        let facts = EstimatorFacts(descriptor)
        guard filter.admits(descriptor, facts) else { return nil }
        return [
          .text(descriptor.name), .text(descriptor.family.rawValue),
          .text(descriptor.domain.rawValue), .text(descriptor.bias.rawValue),
          .text(descriptor.exactOn), .text(descriptor.cost),
          facts.map { .integer(Int64($0.calls)) } ?? .null,
          .text(parameters(descriptor.parameters)), .text(descriptor.summary),
        ]
      })
  }

  public static func problems(_ catalogue: Catalogue) -> QueryResult {
    QueryResult(
      columns: ["name", "trainable", "parameters", "summary"],
      rows: catalogue.problems.map { descriptor in
        [
          .text(descriptor.name), .text(descriptor.trainable ? "yes" : "no"),
          .text(parameters(descriptor.parameters)), .text(descriptor.summary),
        ]
      })
  }

  static func parameters(_ specs: [ParameterSpec]) -> String {
    specs.map { spec in spec.defaultValue.map { "\(spec.name)=\($0)" } ?? "\(spec.name)" }
      .joined(separator: ", ")
  }
}
