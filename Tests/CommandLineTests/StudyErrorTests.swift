import Foundation
import Testing

/// Studies that cannot be run: exact messages, exit code 65, no store.
@Suite struct StudyErrorTests {
  private func complaint(
    _ place: Workplace, _ name: String, _ environment: [String: String] = [:]
  ) throws -> String {
    var messages: Set<String> = []
    for command in ["check", "run"] {
      let outcome = try place.run(command, name, environment: environment)
      #expect(outcome.code == 65 && outcome.output.isEmpty)
      messages.insert(outcome.errors)
    }
    #expect(messages.count == 1)
    #expect(try place.names().allSatisfy { !$0.hasPrefix("gradfid.sqlite") })
    return try #require(messages.first)
  }

  @Test func allErrorsOfAFileAtOnce() throws {
    let place = try Workplace()
    try place.write(
      """
      format: 1
      name: broken study
      seed: -3
      problems:
        - kind: bernouli-toy
        - kind: test-problem
          latnts: 3
      target:
        kind: exat
      estimators:
        - kind: decopled-st
      measure:
        draws: 1000

      """, to: "b.yaml")
    let message = try complaint(place, "b.yaml")
    #expect(
      message.hasPrefix(
        """
        b.yaml:2:7: error: 'name' cannot be 'broken study'
            2 | name: broken study
              |       ^~~~~~~~~~~~ did you mean 'broken-study'?
           hint: a name has the characters a-z, 0-9 and -, at most 80 of them
        b.yaml:3:7: error: 'seed' is out of range: '-3'
            3 | seed: -3
              |       ^~
           hint: the range is 0 to 18446744073709551615
        b.yaml:5:11: error: unknown problem kind 'bernouli-toy'
            5 |   - kind: bernouli-toy
              |           ^~~~~~~~~~~~ did you mean 'bernoulli-toy'?
           hint: `gradfid list problems` shows all
        """))
    #expect(
      message.hasSuffix(
        """
        b.yaml:13:10: error: 1000 draws do not fill 32 blocks evenly
           13 |   draws: 1000
              |          ^~~~
           hint: set `draws` to a multiple of `blocks`: 992 or 1024

        """))
    #expect(message.matches(of: #/b\.yaml:\d+:\d+: error:/#).count == 7)
  }

  @Test func aMissingFile() throws {
    let place = try Workplace()
    #expect(
      try complaint(place, "nowhere.yaml") == """
        nowhere.yaml: error: no such file
           hint: check the path; `gradfid init` writes an example study

        """)
    try place.write(SmallStudies.toy(), to: "studies/toys.yaml")
    for (named, found) in [
      ("toys", "studies/toys.yaml"), ("toy.yaml", "studies/toys.yaml"),
      ("studies/tosy", "studies/toys.yaml"),
    ] {
      #expect(
        try complaint(place, named) == """
          \(named): error: no such file
             hint: did you mean '\(found)'?

          """)
    }
    try FileManager.default.createDirectory(
      atPath: place.file("folder"), withIntermediateDirectories: false)
    #expect(
      try complaint(place, "folder") == """
        folder: error: this is a directory
           hint: name the study file in it

        """)
  }

  @Test func aProblemFileWithAMissingField() throws {
    let place = try Workplace()
    try place.write(#"{"phi": [[0, 0]]}"#, to: "studies/p.json")
    try place.write(
      "format: 1\nname: j\nproblems:\n  - kind: json\n    file: p.json\nestimators:\n  - kind: st\n",
      to: "studies/j.yaml")
    #expect(
      try complaint(place, "studies/j.yaml")
        == "error: problem 'json': studies/p.json: 'cost' is missing; add \"cost\": {\"type\": ...}\n"
    )
    try FileManager.default.removeItem(atPath: place.file("studies/p.json"))
    #expect(
      try complaint(place, "studies/j.yaml")
        == "error: problem 'json': studies/p.json: there is no such file; "
        + "'file' is taken relative to the folder of the study file\n")
  }

  @Test func aBrokenImageFile() throws {
    let place = try Workplace()
    let study = SmallStudies.vae(name: "images", states: ["initial"])
      .replacing("data: procedural", with: "data: mnist")
    try place.write(study, to: "images.yaml")
    try place.write("abcdef", to: "sets/mnist/t10k-images-idx3-ubyte")
    #expect(
      try complaint(place, "images.yaml", ["GRADFID_DATA": "sets"])
        == "error: problem 'categorical-vae': sets/mnist/t10k-images-idx3-ubyte: an IDX file starts "
        + "with two zero bytes, found 97 and 98; this is not an IDX file\n")
    try place.write(
      Data([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 28, 0, 0, 0, 28, 1, 2, 3]),
      to: "sets/mnist/t10k-images-idx3-ubyte")
    #expect(
      try complaint(place, "images.yaml", ["GRADFID_DATA": "sets"])
        == "error: problem 'categorical-vae': sets/mnist/t10k-images-idx3-ubyte: 2 x 28 x 28 needs "
        + "1568 bytes of data, found 3; the file is cut off: fetch it again\n")
    #expect(
      try complaint(place, "images.yaml", ["GRADFID_DATA": "elsewhere"]).hasPrefix(
        "error: problem 'categorical-vae': mnist/t10k-images-idx3-ubyte.gz: the MNIST test images "
          + "are not in elsewhere, data, "))
  }

  @Test func aCellThatCannotBeMeasuredLeavesTheOthers() throws {
    let place = try Workplace()
    try place.write(
      """
      format: 1
      name: wide
      problems:
        - kind: bernoulli-toy
        - kind: quadratic-cubic
          latents: 8
          categories: 8
      estimators:
        - kind: st
      measure: {moments: exact, draws: 64, blocks: 8, per-draw-samples: 8}

      """, to: "wide.yaml")
    let outcome = try place.run("run", "wide", "--format", "csv", "--jobs", "1")
    #expect(outcome.code == 3)
    #expect(outcome.errors.contains("wide: 1 cells measured, 0 there already, 1 failed; "))
    #expect(
      outcome.errors.hasSuffix(
        "failed: quadratic-cubic latents=8 categories=8, st(tau=1.0): exact moments need 8^8 joint codes: "
          + "use Monte Carlo moments, or at most 4 latents (the limit is 16384 joint codes)\n"))
    let states = try place.run(
      "query", "SELECT cell_state, message IS NULL AS silent FROM v_cells ORDER BY position",
      "--format", "csv")
    #expect(states.output == "cell_state,silent\ndone,1\nfailed,0\n")
    // A failed cell is tried again.
    #expect(try place.run("run", "wide", "--quiet").code == 3)
  }

  @Test func aTemperatureWithoutEffectIsAWarning() throws {
    let place = try Workplace()
    try place.write(
      """
      format: 1
      name: inert
      problems:
        - kind: bernoulli-toy
      estimators:
        - kind: decoupled-st-gs
          placement: scaled-sum
          tau-forward: [0.5, 1.0]
          tau-backward: 1.0

      """ + SmallStudies.measure, to: "inert.yaml")
    let warning = """
      inert.yaml:8:5: warning: 'tau-forward' is varied but has no effect: with placement \
      'scaled-sum' it divides logits and noise alike, so a hard argmax ignores it
          8 |     tau-forward: [0.5, 1.0]
            |     ^~~~~~~~~~~
         hint: keep one value: the others measure the same again

      """
    let checked = try place.run("check", "inert")
    #expect(checked.code == 0 && checked.errors == warning)
    let outcome = try place.run("run", "inert", "--jobs", "1", "--format", "csv")
    #expect(outcome.code == 0)
    #expect(
      outcome.errors == warning
        + """
        measuring bernoulli-toy t=0.45, initial
        2 of 2 cells
        inert: 2 cells measured, 0 there already, 0 failed; store gradfid.sqlite

        """)
    #expect(outcome.output.split(separator: "\n").count == 3)
    #expect(!outcome.output.contains("warning"))
  }

  @Test func checkRefusesAnExactTargetThatCannotBeHad() throws {
    let place = try Workplace()
    try place.write(
      """
      format: 1
      name: far
      problems:
        - kind: test-problem
          latents: 10
          categories: 8
      target: {kind: exact}
      estimators:
        - kind: reinforce

      """, to: "far.yaml")
    let outcome = try place.run("check", "far")
    #expect(outcome.code == 65 && outcome.output.isEmpty)
    #expect(
      outcome.errors
        == "error: test-problem latents=10 categories=8: an exact target needs 8^10 joint codes: "
        + "use a Monte Carlo target, or at most 4 latents (the limit is 16384 joint codes)\n")
  }
}
