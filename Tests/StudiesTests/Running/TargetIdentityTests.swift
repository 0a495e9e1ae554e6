import Studies
import Testing

/// What the size of a target and the stop rule do to the identity of a cell.
@Suite struct TargetIdentityTests {
  private func hash(_ target: String, _ measure: String = "draws: 64, blocks: 8") throws -> String {
    let text =
      "format: 1\nname: s\nproblems:\n  - kind: bernoulli-toy\nestimators:\n  - kind: st\n"
      + "target: {\(target)}\nmeasure: {\(measure)}\n"
    return try Laboratory().resolve(text).cells[0].hash
  }

  @Test func settingsThatCountAreInTheHash() throws {
    let rule = "precision: {metric: rel_bias, se-below: 0.01, max-draws: 4096"
    let hashes = try [
      hash("law: own"), hash("error-fraction: 0.2"), hash("max-draws: 4096"), hash("draws: 4096"),
      hash("law: own", "draws: 64, blocks: 8, \(rule)}"),
      hash("law: own", "draws: 64, blocks: 8, \(rule), scope: logits}"),
      hash("law: own", "draws: 64, blocks: 8, \(rule.replacing("0.01", with: "0.02"))}"),
    ]
    #expect(Set(hashes).count == hashes.count)
  }

  @Test func settingsWithoutEffectAreNot() throws {
    #expect(try hash("draws: auto, error-fraction: 0.1") == hash("law: own"))
    // The limit that the size of the layer gives, written out.
    #expect(try hash("max-draws: 1048576") == hash("law: own"))
    #expect(try hash("draws: 4096, error-fraction: 0.2") == hash("draws: 4096"))
  }
}
