import Discrete
import ResultStore

/// Tables of `gradfid list`, made from the registries.
public enum CatalogueTable {
  public static func estimators(_ all: [EstimatorDescriptor]) -> QueryResult {
    QueryResult(
      columns: ["name", "family", "bias", "exact on", "cost", "parameters", "summary"],
      rows: all.map { descriptor in
        [
          .text(descriptor.name), .text(descriptor.family.rawValue),
          .text(descriptor.bias.rawValue), .text(descriptor.exactOn), .text(descriptor.cost),
          .text(parameters(descriptor.parameters)), .text(descriptor.summary),
        ]
      })
  }

  public static func problems(_ all: [ProblemDescriptor]) -> QueryResult {
    QueryResult(
      columns: ["name", "trainable", "parameters", "summary"],
      rows: all.map { descriptor in
        [
          .text(descriptor.name), .text(descriptor.trainable ? "yes" : "no"),
          .text(parameters(descriptor.parameters)), .text(descriptor.summary),
        ]
      })
  }

  private static func parameters(_ specs: [ParameterSpec]) -> String {
    specs.map { spec in spec.defaultValue.map { "\(spec.name)=\($0)" } ?? "\(spec.name)" }
      .joined(separator: ", ")
  }
}
