import Foundation
import Testing

/// A study file stands for the study of the name in it.
@Suite struct StudyNameTests {
  private func place() throws -> Workplace {
    let place = try Workplace()
    try place.write(SmallStudies.toy(name: "inner", estimators: ["st"]), to: "outer.yaml")
    try place.write(
      SmallStudies.toy(name: "outer", estimators: ["reinforce"]), to: "studies/other.yaml")
    for file in ["outer.yaml", "studies/other.yaml"] {
      #expect(try place.run("run", file, "--quiet").code == 0)
    }
    return place
  }

  @Test func everyCommandThatTakesAName() throws {
    let place = try place()
    for (given, label) in [
      ("outer.yaml", "st(tau=1.0)"), ("./outer.yaml", "st(tau=1.0)"), ("inner", "st(tau=1.0)"),
      ("outer", "reinforce"), ("studies/other.yaml", "reinforce"), ("studies/other", "reinforce"),
    ] {
      let status = try place.run("status", given, "--format", "csv")
      #expect(status.code == 0 && status.output.contains(",\(label),"), "\(given): \(status)")
      let budget = try place.run("budget", given, "--show", "rmse", "--format", "csv")
      #expect(budget.code == 0 && budget.output.contains(",\(label),"), "\(given): \(budget)")
      let export = try place.run("export", given, "--to", "out")
      let name = label == "reinforce" ? "outer" : "inner"
      #expect(export.output.contains("/out/\(name).csv\n"))
    }
  }

  @Test func aFileWithoutAValidName() throws {
    let place = try place()
    try place.write("format: 1\nname: No Name\n", to: "bad.yaml")
    let bad = try place.run("status", "bad.yaml")
    #expect(bad.code == 65 && bad.errors.contains("bad.yaml:2:"))
    // Whatever else is wrong in a file.
    try place.write("format: 1\nname: inner\nproblems: []\n", to: "half.yaml")
    #expect(try place.run("status", "half.yaml").code == 0)
    let none = try place.run("status", "inne")
    #expect(none.code == 64 && none.errors.contains("did you mean 'inner'?"))
    // A file that is gone is known by its own name.
    #expect(try place.run("status", "studies/inner.yaml").code == 0)
  }
}
