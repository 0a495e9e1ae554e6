import Fidelity
import Studies
import Testing

@Suite struct TemplateTests {
  @Test func readsWithoutFindings() throws {
    let study = try MimicCatalogue.read(StudyTemplate.text())
    #expect(study.name == "example")
    #expect(study.warnings.isEmpty)
    #expect(study.problems.map(\.kind) == ["bernoulli-toy", "bernoulli-toy", "quadratic-cubic"])
    #expect(study.estimators.count == 2 + 6 + 3)
  }

  /// The values written in the template are the defaults that its first lines promise.
  @Test func statesTheDefaults() throws {
    let study = try MimicCatalogue.read(StudyTemplate.text())
    #expect(study.target == TargetSettings())
    #expect(study.measure == MeasureSettings())
    #expect(study.seed == 1)
  }

  /// The lines that are commented out can be used as they are.
  @Test func commentedStatesRead() throws {
    let lines = StudyTemplate.text().split(separator: "\n", omittingEmptySubsequences: false)
    let used = lines.map { line -> String in
      guard line.hasPrefix("  # - kind:") || line.hasPrefix("  #   ") else { return String(line) }
      return "  " + line.dropFirst(4)
    }
    let study = try MimicCatalogue.read(used.joined(separator: "\n"))
    #expect(study.problems.last?.kind == "categorical-vae")
    #expect(study.problems.last?.allWeights.count == 2)
  }

  @Test(arguments: [
    ("grid-2", "grid-2"), ("My Study", "my-study"), ("", "example"), ("Ä", "example"),
    ("a: b # c", "a-b-c"),
  ])
  func takesAnyName(name: String, written: String) throws {
    #expect(try MimicCatalogue.read(StudyTemplate.text(name: name)).name == written)
  }
}
