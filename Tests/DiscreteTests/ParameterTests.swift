import Discrete
import Testing

@Suite struct ParameterTests {
  private let specs = [
    ParameterSpec("tau", .temperature, default: .number(1), "a temperature"),
    ParameterSpec("samples", .integer(2...64), "draws"),
    ParameterSpec("mode", .choice(["soft", "hard"]), default: .text("soft"), "the mode"),
    ParameterSpec("exact", .flag, default: .flag(true), "whether it is exact"),
    ParameterSpec("file", .path, default: .text("a.json"), "a file"),
  ]

  @Test func defaultsAreFilledInSpecOrder() throws {
    let resolved = try ResolvedParameters(["samples": .integer(4)], specs: specs)
    #expect(resolved.names == ["tau", "samples", "mode", "exact", "file"])
    #expect(resolved.number("tau") == 1)
    #expect(resolved.integer("samples") == 4)
    #expect(resolved.number("samples") == 4)
    #expect(resolved.text("mode") == "soft")
    #expect(resolved.flag("exact"))
    #expect(resolved.text("file") == "a.json")
    #expect(resolved["nothing"] == nil)
    #expect(resolved.summary == "tau=1.0, samples=4, mode=soft, exact=true, file=a.json")
  }

  @Test func unknownAndMissingNames() {
    #expect(throws: DiscreteError.parameter("unknown parameter 'Samples'")) {
      try ResolvedParameters(["Samples": .integer(4), "zeta": .flag(true)], specs: specs)
    }
    #expect(throws: DiscreteError.parameter("parameter 'samples' is missing")) {
      try ResolvedParameters([:], specs: specs)
    }
  }

  @Test(arguments: [
    ("tau", ParameterValue.number(0), "tau must be a number above 0, found 0.0"),
    ("tau", .number(-1.5), "tau must be a number above 0, found -1.5"),
    ("tau", .number(.nan), "tau must be a number above 0, found nan"),
    ("tau", .number(.infinity), "tau must be a number above 0, found inf"),
    ("tau", .text("x"), "tau must be a number above 0, found x"),
    ("samples", .integer(1), "samples must be a whole number from 2 to 64, found 1"),
    ("samples", .integer(65), "samples must be a whole number from 2 to 64, found 65"),
    ("samples", .number(2), "samples must be a whole number from 2 to 64, found 2.0"),
    ("mode", .text("Soft"), "mode must be one of soft, hard, found Soft"),
    ("exact", .text("true"), "exact must be true or false, found true"),
    ("file", .flag(false), "file must be a file name, found false"),
  ])
  func valuesOutOfRange(name: String, value: ParameterValue, expected: String) {
    let found = message {
      _ = try ResolvedParameters(
        ["samples": .integer(4)].merging([name: value]) { $1 }, specs: specs)
    }
    #expect(found == expected)
  }

  @Test(arguments: [
    (ParameterKind.temperature, "a number above 0"),
    (.real, "a finite number"),
    (.number(minimum: 0, maximum: 1, exclusive: false), "a number from 0 to 1"),
    (.number(minimum: 0.5, maximum: 2.25, exclusive: true), "a number above 0.5 to 2.25"),
    (
      .number(minimum: -3, maximum: .greatestFiniteMagnitude, exclusive: false),
      "a number of at least -3"
    ),
    (
      .number(minimum: -.greatestFiniteMagnitude, maximum: 1e16, exclusive: false),
      "a number of at most 1e+16"
    ),
    (.integer(1...8), "a whole number from 1 to 8"),
    (.integer(1...Int.max), "a whole number of at least 1"),
    (.choice(["a", "b"]), "one of a, b"),
    (.flag, "true or false"),
    (.path, "a file name"),
  ])
  func allowedValuesInWords(kind: ParameterKind, expected: String) {
    #expect(kind.allowed == expected)
  }

  @Test func limitsAreInclusiveUnlessStated() {
    let closed = ParameterKind.number(minimum: 0, maximum: 1, exclusive: false)
    let open = ParameterKind.number(minimum: 0, maximum: 1, exclusive: true)
    #expect(closed.accepts(.number(0)) && closed.accepts(.number(1)))
    #expect(!open.accepts(.number(0)) && open.accepts(.number(1)))
    #expect(!closed.accepts(.number(1.0.nextUp)) && !closed.accepts(.integer(1)))
    #expect(ParameterKind.temperature.accepts(.number(.leastNonzeroMagnitude)))
    #expect(ParameterKind.integer(0...3).accepts(.integer(3)))
    #expect(!ParameterKind.integer(0...3).accepts(.integer(-1)))
  }
}
