import ResultStore
import Testing

/// What is kept of single parameters: with its cell or not at all.
@Suite struct ParameterRecordTests {
  private func counts(_ store: ResultStore) throws -> [QueryValue] {
    try ReadOnlyQuery(path: store.path).run(
      """
      SELECT (SELECT count(*) FROM parameter_file), (SELECT count(*) FROM parameter_quantile),
        (SELECT count(*) FROM v_parameters WHERE se IS NULL)
      """
    ).rows[0]
  }

  @Test func theyComeAndGoWithTheirCell() throws {
    let directory = try TemporaryDirectory()
    let store = try ResultStore(path: directory.file("s.sqlite"))
    let handle = try SampleStudy.fill(store)
    #expect(try counts(store) == [.integer(2), .integer(4), .integer(2)])
    let cell = SampleStudy.cell(0)
    #expect(
      try store.parameterFiles(of: [cell.hash, SampleStudy.cell(4).hash]) == [cell.hash: 4096])
    // The cell again, with others and without.
    var again = SampleStudy.result(cell, [])
    again.parameters = SampleStudy.parameters(cell, 3)
    try store.save(again, run: handle)
    #expect(try counts(store) == [.integer(2), .integer(4), .integer(2)])
    #expect(
      try ReadOnlyQuery(path: store.path).run(
        "SELECT value FROM v_parameters WHERE cell = '\(cell.hash.prefix(12))' ORDER BY 1"
      ).rows == [[.real(3)], [.real(6)]])
    try store.save(SampleStudy.result(cell, []), run: handle)
    #expect(try counts(store) == [.integer(1), .integer(2), .integer(1)])
  }

  /// Quantiles of one place twice: nothing of the cell is stored.
  @Test func aDoubleQuantileIsRefusedWhole() throws {
    let directory = try TemporaryDirectory()
    let store = try ResultStore(path: directory.file("s.sqlite"))
    let handle = try SampleStudy.fill(store)
    let cell = SampleStudy.cell(4)
    var result = SampleStudy.result(cell, [SampleStudy.measurement("rel_bias", 1)])
    var record = SampleStudy.parameters(cell, 1)
    record.quantiles.append(record.quantiles[0])
    result.parameters = record
    #expect(throws: (any Error).self) { try store.save(result, run: handle) }
    #expect(try store.result(cellHash: cell.hash) == nil)
    #expect(try counts(store) == [.integer(2), .integer(4), .integer(2)])
  }
}
