import Testing

/// Wrong command lines: exact messages, exit code 64, nothing on standard output.
@Suite struct UsageErrorTests {
  private func refused(_ arguments: String..., saying message: String) throws {
    try refused(arguments, saying: message)
  }

  private func refused(_ arguments: [String], saying message: String) throws {
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

  @Test func aMisspeltSelectionNamesTheKey() throws {
    let start = "error: --only '"
    let none = "' selects none of the 2 cells; "
    try refused(
      "run", "toy.yaml", "--only", "problem=bernoulli,estimatr=st",
      saying: start + "problem=bernoulli,estimatr=st" + none
        + "'estimatr' is no key; did you mean 'estimator'?\n")
    try refused(
      "run", "toy.yaml", "--only", "tau=9",
      saying: start + "tau=9" + none
        + "'tau' is no key and in no name; keys: estimator, law, problem, state, training\n")
    for only in ["", ",", " , "] {
      try refused(
        "run", "toy.yaml", "--only", only,
        saying: "error: --only is empty; leave it out to measure all cells\n" + Self.runUsage)
    }
  }

  @Test func comparingWhatIsNotThere() throws {
    try refused(
      "compare", "toy.yaml", "st", "reinfroce",
      saying: "error: the study has no estimator 'reinfroce'; did you mean 'reinforce'? "
        + "its kinds: reinforce, st\n")
    try refused(
      "compare", "toy.yaml", "st", "reinforce", "--scope", "logit",
      saying: "error: the study is not measured on a scope 'logit'; did you mean 'logits'? "
        + "scopes: logits\n")
    try refused(
      "compare", "toy.yaml", "st", "st",
      saying: "error: no problem has both an estimator 'st' and another 'st'; "
        + "give kinds, or parts of the labels that `gradfid run` shows\n")
  }

  @Test func anUnknownOption() throws {
    try refused(
      "run", "toy.yaml", "--storr", "x",
      saying: "error: Unknown option '--storr'. Did you mean '--store'?\n" + Self.runUsage)
    try refused(
      "frob",
      saying: """
        error: no command 'frob'
        Usage: gradfid <subcommand>
          See 'gradfid --help' for more information.

        """)
    for arguments in [["chek", "toy.yaml"], ["help", "chek"]] {
      try refused(
        arguments,
        saying: """
          error: no command 'chek'; did you mean 'check'?
          Usage: gradfid <subcommand>
            See 'gradfid --help' for more information.

          """)
    }
  }

  @Test(arguments: ["0", "1025"]) func jobsOutOfRange(_ jobs: String) throws {
    try refused(
      "run", "toy.yaml", "--jobs", jobs,
      saying: "error: --jobs must be from 1 to 1024, found \(jobs)\n" + Self.runUsage)
    try refused(
      "verify", "--golden", "g.json", "--jobs", jobs,
      saying: """
        error: --jobs must be from 1 to 1024, found \(jobs)
        Usage: gradfid verify [--published] [<file>] [--self-test] [--golden <golden>] [--coverage] [--problems <problems>] [--repeats <repeats>] [--store <store>] [--jobs <jobs>] [--format <format>]
          See 'gradfid verify --help' for more information.

        """)
  }

  @Test func anEmptyStore() throws {
    try refused(
      "run", "toy.yaml", "--store", "",
      saying: "error: --store is empty; give the path of a file\n" + Self.runUsage)
  }

  @Test func aQueryWithoutStatement() throws {
    let usage = """
      Usage: gradfid query [<sql>] [--store <store>] [--format <format>] [--parameter \
      <name=value> ...] [--timeout <seconds>] [--schema]
        See 'gradfid query --help' for more information.

      """
    try refused("query", saying: "error: give one SQL statement, or --schema\n" + usage)
    try refused(
      "query", "SELECT 1", "-p", "b", saying: "error: -p takes name=value, found 'b'\n" + usage)
  }
}
