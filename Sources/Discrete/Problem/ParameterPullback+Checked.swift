/// What engines ask of a pull-back's single parameters, with the lengths of its answers checked: a mistake of one
/// problem is an error of its cells, not the end of the program.
extension ParameterPullback {
  /// `squares.row`, one array for each sum, as long as `squares.form` says.
  ///
  /// - Throws: what it returns throws `DiscreteError.shape` for others.
  public func checkedSquares(
    ofRow row: Int, of rows: Int
  ) -> @Sendable (RowVectors) throws -> [[Double]] {
    let due: Int
    switch squares.form {
    case .byRow(let count), .summed(let count): due = count
    }
    let squares = squares.row(row, of: rows)
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

  /// `squares.parameters`, as many as each group has parameters.
  ///
  /// - Throws: `DiscreteError.shape` for others.
  public func checkedParameterSquares(_ sums: [Double], power: Int) throws -> [[Double]] {
    let found = squares.parameters(sums, power: power)
    guard found.map(\.count) == groups.map(\.count) else {
      throw DiscreteError.shape(
        "\(type(of: self)) returned squares of \(found.map(\.count)) parameters, \(groups.map(\.count)) are due"
      )
    }
    return found
  }
}
