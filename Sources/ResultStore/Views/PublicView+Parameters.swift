import Fidelity

extension PublicView {
  static let parameters = PublicView(
    name: "v_parameters",
    about: "One row per study, cell, scope, quantity and quantile, of cells measured with "
      + "`measure: {parameters: true}`: quantiles over the single parameters of the scope.",
    columns: identity + [
      .init("scope", "text", "where: logits, a parameter group, or all groups together"),
      .init(
        "quantity", "text",
        ParameterQuantity.allCases.map { "\($0.rawValue) (\($0.definition))" }
          .joined(separator: "; ")),
      .init("quantile", "real", "0, 0.05, 0.25, 0.5, 0.75, 0.95 or 1: from the least to the most"),
      .init("value", "real", "the quantile over the parameters, not debiased"),
      .init(
        "se", "real",
        "bound of the standard error: root mean square of those of the parameters around it"),
      .init("count", "integer", "parameters with such a number: snr has none where nothing varies"),
      .init("moments", "text", "exact, quadrature or monte-carlo"),
    ],
    example: ExampleQuery(
      title: "The middle and the worst parameter of each layer, per estimator",
      sql: """
        SELECT label, scope,
          max(value) FILTER (WHERE quantile = 0.5) AS median,
          max(value) FILTER (WHERE quantile = 1) AS most
        FROM v_parameters
        WHERE study = :study AND quantity = 'variance'
        GROUP BY label, scope
        ORDER BY label, scope
        """,
      parameters: ["study": "tau-grid"]))

  static let parameterFiles = PublicView(
    name: "v_parameter_files",
    about: "One row per study and cell measured with `measure: {parameters: true}`: the file of "
      + "the moments of every parameter, in the folder of the store's name with -parameters.",
    columns: identity + [
      .init("file", "text", "name of the safetensors file"),
      .init("bytes", "integer", "its size"),
      .init("sha256", "text", "SHA-256 of its bytes"),
      .init("coordinates", "integer", "logits and parameters in it"),
      .init("moments", "text", "exact, quadrature or monte-carlo"),
    ],
    example: ExampleQuery(
      title: "Where the numbers of each cell are",
      sql: """
        SELECT label, state, file, bytes
        FROM v_parameter_files
        WHERE study = :study
        ORDER BY label
        """,
      parameters: ["study": "tau-grid"]))
}
