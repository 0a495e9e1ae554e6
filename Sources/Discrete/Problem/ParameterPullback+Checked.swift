/// What engines ask of a pull-back's single parameters, with the lengths of its answers checked: a mistake of one
/// problem is an error of its cells, not the end of the program.
extension ParameterPullback {
  /// `squares`, one array for each sum, as long as `squareForm` says.
  ///
  /// - Throws: what it returns throws `DiscreteError.shape` for others.
  public func checkedSquares(
    ofRow row: Int, of rows: Int
  ) -> @Sendable (RowVectors) throws -> [[Double]] {
    let squares = squares(ofRow: row, of: rows)
    let due: Int
    switch squareForm {
    case .byRow(let count), .summed(let count): due = count
    }
    return { vectors in
      let found = squares(vectors)
      guard found.count == vectors.sums.count, found.allSatisfy({ $0.count == due }) else {
        throw DiscreteError.shape(
          "\(type(of: self)) returned squares of \(found.map(\.count)) numbers, \(vectors.sums.count) times \(due) are due"
        )
      }
      return found
    }
  }

  /// `parameterSquares`, as many as each group has parameters.
  ///
  /// - Throws: `DiscreteError.shape` for others.
  public func checkedParameterSquares(_ squares: [Double], power: Int) throws -> [[Double]] {
    let found = parameterSquares(squares, power: power)
    guard found.map(\.count) == groups.map(\.count) else {
      throw DiscreteError.shape(
        "\(type(of: self)) returned squares of \(found.map(\.count)) parameters, \(groups.map(\.count)) are due"
      )
    }
    return found
  }
}
