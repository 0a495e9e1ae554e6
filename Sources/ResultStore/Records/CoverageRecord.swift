import Fidelity

/// One row of a coverage study as the store keeps it.
public struct CoverageRecord: Sendable, Equatable {
  public var row: CoverageStudy.Row
  /// Level of the intervals.
  public var level: Double

  public init(_ row: CoverageStudy.Row, level: Double) {
    self.row = row
    self.level = level
  }
}
