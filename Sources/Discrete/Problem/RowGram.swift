/// `G_b = (dphi_b/dtheta)(dphi_b/dtheta)^T` of one parameter group for one row: what squared norms at the
/// parameters take from an estimate of the row.
public struct RowGram: Sendable, Equatable {
  /// `[DK][DK]`, symmetric.
  public var values: [Double]
  /// What its numbers were computed in: forms in a matrix of float32 numbers need no more digits. Who
  /// forms a matrix from another hands its precision on.
  public var precision: NumberPrecision

  public init(_ values: [Double], precision: NumberPrecision) {
    self.values = values
    self.precision = precision
  }

  public subscript(index: Int) -> Double { values[index] }
}
