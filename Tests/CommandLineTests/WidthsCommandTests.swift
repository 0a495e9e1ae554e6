import Foundation
import Testing

/// `gradfid widths`: at which width a surrogate is least biased.
///
/// Between levels -1 and 1 with a linear cost `a y` the smoothed gradient at `z` is `2 a phi(z/s)/s`. It is largest at
/// `s = z`; for `z = .8` it is below `a` everywhere, so straight-through, whose gradient is `a`, is least biased there.
@Suite struct WidthsCommandTests {
  private func measured(_ widths: String) throws -> Workplace {
    let place = try Workplace()
    try place.write(
      #"{"kind": "sign", "z_e": [[0.8]], "cost": {"type": "linear", "a": [[1.5]], "b": 0}}"#,
      to: "sign.json")
    try place.write(
      """
      format: 1
      name: steps
      problems:
        - {kind: json, file: sign.json, smoothing: gaussian, s-unit: absolute, s: \(widths)}
      estimators:
        - {kind: straight-through}
        - {kind: clipped, c: 0.5}
        - {kind: reinforce}

      """, to: "steps.yaml")
    let run = try place.run("run", "steps", "--quiet")
    #expect(run.code == 0, "\(run.errors)")
    return place
  }

  private func lines(_ place: Workplace, _ arguments: String...) throws -> [[String]] {
    let outcome = try place.run(arguments: ["widths", "steps", "--format", "csv"] + arguments)
    #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    return outcome.output.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
  }

  /// The default width of the kind, which the store leaves out, is one of the list.
  @Test func straightThroughIsSmoothingOfTheDistanceToTheWall() throws {
    let place = try measured("[0.25, 0.5, 0.7, 1.0, 2.0]")
    let found = try lines(place)
    #expect(
      try #require(found.first) == [
        "problem", "state", "law", "estimator", "scope", "widths", "s_star", "low", "high",
        "rel_bias",
      ])
    let own = try #require(found.first { $0.count > 3 && $0[3] == "straight-through" })
    #expect(own[4] == "z_e" && own[5] == "5" && own[7] == "0.5" && own[8] == "1.0")
    #expect(abs(try #require(Double(own[6])) - 0.8) < 0.05, "\(own)")
    let squares = try lines(place, "--metric", "bias_sq", "--scope", "all")
    let square = try #require(squares.first { $0.count > 3 && $0[3] == "straight-through" })
    #expect(abs(try #require(Double(square[6])) - 0.8) < 0.05 && square[9] != own[9])
    // The stored bias at the nearest width is that of the formula.
    let expected = abs(
      1 / (2 * exp(-pow(0.8 / 0.7, 2) / 2) / (2 * Double.pi).squareRoot() / 0.7) - 1)
    #expect(abs(try #require(Double(own[9])) - expected) < 1e-10)
    // Clipped below z there is no gradient, and the relative bias is 1 at all widths.
    let clipped = try #require(found.first { $0.count > 3 && $0[3].hasPrefix("clipped") })
    #expect(clipped[9] == "1.0" && clipped[6...8].allSatisfy { $0.isEmpty })
    // What has no bias has no width of the least one.
    let unbiased = try #require(
      lines(place, "--scope", "logits").first { $0.count > 3 && $0[3] == "reinforce" })
    #expect(unbiased[6...8].allSatisfy { $0.isEmpty }, "\(unbiased)")
  }

  @Test func finerListsComeNearer() throws {
    let place = try measured("[0.7, 0.75, 0.82, 0.9]")
    let own = try #require(lines(place).first { $0.count > 3 && $0[3] == "straight-through" })
    #expect(abs(try #require(Double(own[6])) - 0.8) < 0.002, "\(own)")
  }

  @Test func whatIsMissingIsSaid() throws {
    let place = try measured("[0.5, 1.0]")
    let few = try place.run("widths", "steps")
    #expect(few.code == 64 && few.errors.contains("three or more widths"), "\(few.errors)")
    let scope = try place.run("widths", "steps", "--scope", "z_")
    #expect(scope.code == 64 && scope.errors.contains("did you mean 'z_e'"), "\(scope.errors)")
    let metric = try place.run("widths", "steps", "--metric", "variance")
    #expect(metric.code == 64 && metric.errors.contains("rel_bias or bias_sq"), "\(metric.errors)")
    let study = try place.run("widths", "stepz")
    #expect(study.code != 0 && study.errors.contains("steps"), "\(study.errors)")
  }
}
