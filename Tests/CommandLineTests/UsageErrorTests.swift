import Testing

/// Wrong command lines: exact messages, exit code 64, nothing on standard output.
@Suite struct UsageErrorTests {
  private func refused(_ arguments: String..., saying message: String) throws {
    let place = try Workplace()
    try place.write(SmallStudies.toy(), to: "toy.yaml")
    let outcome = try place.run(arguments: arguments)
    #expect(outcome.code == 64 && outcome.output.isEmpty)
    #expect(outcome.errors == message)
    #expect(try place.names() == ["toy.yaml"])
  }

  private static let runUsage = """
    Usage: gradfid run <study> [--store <store>] [--jobs <jobs>] [--only <selection>] \
    [--format <format>] [--cache-tables] [--quiet]
      See 'gradfid run --help' for more information.

    """

  @Test func anUnknownKindNamesTheNearest() throws {
    try refused(
      "describe", "reinmx",
      saying: "error: no estimator or problem 'reinmx'; did you mean 'reinmax'?\n")
    try refused(
      "describe", "bernouli-toy",
      saying: "error: no estimator or problem 'bernouli-toy'; did you mean 'bernoulli-toy'?\n")
    try refused(
      "describe", "xxxxxxxx",
      saying: "error: no estimator or problem 'xxxxxxxx'; `gradfid list estimators` shows them\n")
  }

  @Test func anUnknownOption() throws {
    try refused(
      "run", "toy.yaml", "--storr", "x",
      saying: "Error: Unknown option '--storr'. Did you mean '--store'?\n" + Self.runUsage)
    try refused(
      "frob",
      saying: """
        Error: Unexpected argument 'frob'
        Usage: gradfid <subcommand>
          See 'gradfid --help' for more information.

        """)
  }

  @Test(arguments: ["0", "1025"]) func jobsOutOfRange(_ jobs: String) throws {
    try refused(
      "run", "toy.yaml", "--jobs", jobs,
      saying: "Error: --jobs must be from 1 to 1024, found \(jobs)\n" + Self.runUsage)
    try refused(
      "verify", "--golden", "g.json", "--jobs", jobs,
      saying: """
        Error: --jobs must be from 1 to 1024, found \(jobs)
        Usage: gradfid verify [--golden <golden>] [--coverage] [--repeats <repeats>] [--store <store>] [--jobs <jobs>] [--format <format>]
          See 'gradfid verify --help' for more information.

        """)
  }

  @Test func anEmptyStore() throws {
    try refused(
      "run", "toy.yaml", "--store", "",
      saying: "Error: --store is empty; give the path of a file\n" + Self.runUsage)
  }

  @Test func aQueryWithoutStatement() throws {
    let usage = """
      Usage: gradfid query [<sql>] [--store <store>] [--format <format>] [--parameter \
      <name=value> ...] [--schema]
        See 'gradfid query --help' for more information.

      """
    try refused("query", saying: "Error: give one SQL statement, or --schema\n" + usage)
    try refused(
      "query", "SELECT 1", "-p", "b", saying: "Error: -p takes name=value, found 'b'\n" + usage)
  }
}
