import Testing

/// Nothing a user can type ends the program by a signal. The inputs are random but the same in
/// every run.
@Suite struct RandomInputTests {
  private func checked(_ outcome: CommandOutcome, _ input: String) {
    #expect(outcome.signal == nil, "\(input)")
    if let code = outcome.code {
      #expect(CommandOutcome.documentedCodes.contains(code), "\(input)")
    }
    // A failure says why.
    #expect(outcome.code == 0 || !outcome.errors.isEmpty, "\(input)")
  }

  @Test func argumentLists() throws {
    let place = try Workplace()
    try place.write(SmallStudies.toy(), to: "toy.yaml")
    #expect(try place.run("run", "toy", "--quiet").code == 0)
    let commands = [
      "init", "check", "run", "status", "list", "describe", "query", "export", "verify", "help",
    ]
    let options = [
      "--store", "--jobs", "--only", "--format", "-p", "--parameter", "--to", "--golden",
      "--folder",
    ]
    let flags = ["--quiet", "--schema", "--help", "--version", "-h", "--", "--=", "---", "-x"]
    let values = [
      "toy", "toy.yaml", "estimators", "problems", "studies", "st", "json", "SELECT 1",
      "SELECT * FROM v_fidelity", "-", "gradfid.sqlite", "1", "2", "-1", "99999999999999999999",
      "estimator=st", "=", "csv", "nope", "a=b", "out", ".", "/", "", " ", "é\u{301}🎲", "%n%s",
      "../..", "'", String(repeating: "x", count: 5000),
    ]
    var random = SplitMix(state: 1)
    for _ in 0..<60 {
      var arguments = [commands.randomElement(using: &random) ?? ""]
      for _ in 0..<Int.random(in: 0...4, using: &random) {
        let value = values.randomElement(using: &random) ?? ""
        switch Int.random(in: 0..<5, using: &random) {
        case 0: arguments.append(flags.randomElement(using: &random) ?? "")
        case 1, 2: arguments += [options.randomElement(using: &random) ?? "", value]
        default: arguments.append(value)
        }
      }
      checked(try place.run(arguments: arguments), "\(arguments)")
    }
    for command in commands {
      for value in ["", "/", "%n%s"] {
        checked(try place.run(command, value), "\(command) '\(value)'")
      }
    }
  }

  @Test func studyFiles() throws {
    let place = try Workplace()
    let good = Array(
      (SmallStudies.toy(estimators: ["st", "decoupled-st\n    tau-forward: [0.5, 1.0]"])
        + "target: {kind: auto, draws: 64}\n").utf8)
    try place.write(String(decoding: good, as: UTF8.self), to: "s.yaml")
    #expect(try place.run("run", "s.yaml", "--quiet").code == 0)
    let bytes = Array("\n :-[]{}&*!#,'\"\\|>0.5e9\u{0}\t~aé".utf8)
    var random = SplitMix(state: 2)
    for round in 0..<60 {
      var text = good
      for _ in 0...Int.random(in: 0...3, using: &random) {
        let place = Int.random(in: 0..<text.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: text.remove(at: place)
        case 1: text.insert(bytes.randomElement(using: &random) ?? 0, at: place)
        case 2: text[place] = bytes.randomElement(using: &random) ?? 0
        default:
          let end = min(text.count, place + Int.random(in: 1...30, using: &random))
          text.insert(contentsOf: text[place..<end], at: place)
        }
      }
      let shown = String(decoding: text, as: UTF8.self)
      try place.write(shown, to: "s.yaml")
      checked(
        try place.run("run", "s.yaml", "--jobs", "1", "--store", "s.sqlite"), "\(round): \(shown)")
    }
  }
}

/// A small generator with a fixed start.
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }
}
