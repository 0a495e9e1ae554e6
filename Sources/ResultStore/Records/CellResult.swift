/// How the work on a cell ended.
public enum ResultState: String, Sendable, CaseIterable {
  /// Every number was measured.
  case done
  /// The cell could not be measured; `message` says why.
  case failed
  /// The numbers ran off to infinity or to nan.
  case diverged
}

/// The outcome of one cell with all its numbers. It is stored whole or not at all.
public struct CellResult: Sendable, Equatable {
  /// The hash of the cell.
  public var cellHash: String
  /// How the work ended.
  public var state: ResultState
  /// Why, for a cell that failed or diverged.
  public var message: String?
  /// How the moments were got: "exact", "quadrature" or "monte-carlo".
  public var moments: String
  /// How the target was got: "exact", "closed-form" or "monte-carlo"; `nil` where none was made.
  public var target: String?
  /// By which route the moments were got: "states", "outcomes", "state-noise", "soft-noise", "latents",
  /// "surrogate", "draws", "draws-lanes" or "draws-kernel"; `nil` where it is not known.
  public var route: String?
  /// Why they were drawn although exact ones were open.
  public var routeReason: String?
  /// The wall-clock time the cell took, in seconds.
  public var seconds: Double
  /// The numbers; at most one for each scope and metric.
  public var measurements: [Measurement]
  /// What is kept of single parameters; `nil` where they were not measured.
  public var parameters: ParameterRecord?

  /// A cell result.
  public init(
    cellHash: String, state: ResultState, message: String? = nil, moments: String,
    target: String? = nil, route: String? = nil, routeReason: String? = nil, seconds: Double,
    measurements: [Measurement], parameters: ParameterRecord? = nil
  ) {
    self.cellHash = cellHash
    self.state = state
    self.message = message
    self.moments = moments
    self.target = target
    self.route = route
    self.routeReason = routeReason
    self.seconds = seconds
    self.measurements = measurements
    self.parameters = parameters
  }
}
