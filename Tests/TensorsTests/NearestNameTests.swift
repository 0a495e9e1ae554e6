import Tensors
import Testing

@Suite struct NearestNameTests {
  private let names = ["reinforce", "reinforce-loo", "st", "st-gs", "decoupled-st", "reinmax"]

  @Test(arguments: [
    ("reinmx", "reinmax"), ("Rein_max", "reinmax"), ("renforce", "reinforce"),
    ("reinforce_loo", "reinforce-loo"), ("st_gs", "st-gs"), ("decoupled", "decoupled-st"),
    ("ST", "st"), ("reinforc", "reinforce"), ("reinfroce-loo", "reinforce-loo"),
    ("ST_GS", "st-gs"), ("sst", "st"),
  ])
  func misspeltNamesAreRecognised(name: String, expected: String) {
    #expect(NearestName.nearest(to: name, among: names) == expected)
  }

  @Test(arguments: [
    "", "gumbel-softmax", "xyz", "ab", "vimco", "x", "xy", "rei",
    String(repeating: "a", count: 100_000),
  ])
  func farNamesAreNot(name: String) {
    #expect(NearestName.nearest(to: name, among: names) == nil)
  }

  @Test func namesAreCompleted() {
    for name in ["gumbel", "gumbel_softmax"] {
      #expect(NearestName.nearest(to: name, among: names + ["gumbel-softmax"]) == "gumbel-softmax")
    }
  }

  @Test func firstOfEquallyNear() {
    #expect(NearestName.nearest(to: "tauX", among: ["tauA", "tauB"]) == "tauA")
    #expect(NearestName.nearest(to: "tau", among: []) == nil)
  }

  @Test func veryLongNamesAreNotCompared() {
    let long = String(repeating: "a", count: 65)
    #expect(NearestName.nearest(to: long, among: [long]) == nil)
    #expect(NearestName.nearest(to: "reinmx", among: [long, "reinmax"]) == "reinmax")
    #expect(NearestName.nearest(to: "reinmx", among: []) == nil)
  }

  @Test func wordsAboutMisspeltNames() {
    #expect(NearestName.question(for: "reinmx", among: names) == "did you mean 'reinmax'?")
    #expect(NearestName.question(for: "xyz", among: names) == nil)
    #expect(
      NearestName.advice(for: "sT", among: ["st", "darn"], title: "known")
        == "did you mean 'st'? known: st, darn")
    #expect(
      NearestName.advice(for: "xyz", among: ["st", "darn"], title: "known") == "known: st, darn")
  }

  @Test(arguments: [
    ("", "", 0), ("", "abc", 3), ("abc", "", 3), ("abc", "abc", 0), ("abc", "abd", 1),
    ("abc", "bac", 1), ("abc", "ac", 1), ("ca", "abc", 2), ("kitten", "sitting", 3),
    ("ab", "ba", 1), ("a cat", "an act", 2), ("größe", "grösse", 2), ("abcdef", "badcfe", 3),
    ("decopled-st", "decoupled-st", 1),
  ])
  func distances(first: String, second: String, expected: Int) {
    #expect(NearestName.distance(first, second) == expected)
    #expect(NearestName.distance(second, first) == expected)
  }
}
