import Fidelity
import Testing

@Suite struct StudentTTests {
  /// Tabulated quantiles; 1 and 2 degrees also have closed forms.
  @Test(arguments: [
    (0.95, 31.0, 2.0395134463964), (0.95, 1.0, 12.7062047361747),
    (0.99, 10.0, 3.16927267261695), (0.5, 1.0, 1.0),
    (0.9, 2.0, 0.9 * (2 / (1 - 0.81)).squareRoot()),
    (0.95, 1e7, 1.959964230),
  ])
  func knownQuantiles(level: Double, degrees: Double, expected: Double) {
    let critical = StudentT.critical(level: level, degrees: degrees)
    #expect(abs(critical - expected) < (degrees > 1e6 ? 3e-7 : 3e-13) * expected)
  }

  /// Values are kept between calls: in any order, and from several threads, they are the same bits.
  @Test func keptQuantilesAreTheSame() async {
    @Sendable func values() -> [UInt64] {
      [0.5, 0.9, 0.95, 0.99].flatMap { level in
        [1.0, 2, 7, 31].map { StudentT.critical(level: level, degrees: $0).bitPattern }
      }
    }
    let first = values()
    #expect(Set(first).count == 16)
    await withTaskGroup(of: [UInt64].self) { group in
      for _ in 0..<4 { group.addTask { values() } }
      for await again in group { #expect(again == first) }
    }
    // More than are kept.
    for degrees in 1...5000 { _ = StudentT.critical(level: 0.95, degrees: Double(degrees) + 0.5) }
    #expect(values() == first)
  }

  @Test func distributionIsSymmetricAndInvertsTheQuantile() {
    for degrees in [1.0, 2, 7, 31, 400] {
      #expect(abs(StudentT.cumulative(0, degrees: degrees) - 0.5) < 1e-15)
      for t in [0.1, 1.0, 3.5, 20] {
        let sum =
          StudentT.cumulative(t, degrees: degrees) + StudentT.cumulative(-t, degrees: degrees)
        #expect(abs(sum - 1) < 1e-14)
      }
      for level in [0.1, 0.5, 0.95, 0.999] {
        let t = StudentT.critical(level: level, degrees: degrees)
        let inside = 1 - 2 * StudentT.cumulative(-t, degrees: degrees)
        #expect(abs(inside - level) < 1e-13)
      }
    }
    // Cauchy: P(T <= 1) = 3/4.
    #expect(abs(StudentT.cumulative(1, degrees: 1) - 0.75) < 1e-14)
  }
}
