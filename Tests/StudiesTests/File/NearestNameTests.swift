import Discrete
import Studies
import Testing

@Suite struct NearestNameTests {
  @Test(arguments: [
    ("", "", 0), ("", "abc", 3), ("abc", "", 3), ("kitten", "sitting", 3), ("ab", "ba", 1),
    ("ca", "abc", 2), ("a cat", "an act", 2), ("st", "st", 0), ("größe", "grösse", 2),
    ("decopled-st", "decoupled-st", 1), ("abcdef", "badcfe", 3),
  ])
  func distances(first: String, second: String, distance: Int) {
    #expect(NearestName.distance(first, second) == distance)
    #expect(NearestName.distance(second, first) == distance)
  }

  private static let names = ["reinforce", "reinforce-loo", "st", "st-gs", "gumbel-softmax"]

  @Test(arguments: [
    ("reinforc", "reinforce"), ("reinfroce-loo", "reinforce-loo"), ("ST_GS", "st-gs"),
    ("gumbel", "gumbel-softmax"), ("gumbel_softmax", "gumbel-softmax"), ("sst", "st"),
    ("vimco", nil), ("", nil), ("x", nil), ("xy", nil), ("rei", nil),
    (String(repeating: "a", count: 100_000), nil),
  ])
  func nearest(name: String, expected: String?) {
    #expect(NearestName.nearest(to: name, among: Self.names) == expected)
  }

  @Test func firstOfEquallyNear() {
    #expect(NearestName.nearest(to: "tauX", among: ["tauA", "tauB"]) == "tauA")
    #expect(NearestName.nearest(to: "tau", among: []) == nil)
  }
}
