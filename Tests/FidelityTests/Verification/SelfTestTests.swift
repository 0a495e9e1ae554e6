import Fidelity
import TestSupport
import Testing

@Suite struct SelfTestTests {
  /// Every wrong thing is caught and no right one flagged; the seven that were asked for are among them.
  @Test func wrongOnesAreCaughtAndRightOnesPass() throws {
    _ = oneThread
    let test = try SelfTest(workers: 2)
    for row in test.rows where !row.holds { Issue.record("\(row)") }
    #expect(test.holds && test.rows.count >= 15)
    for word in [
      "own cost in the baseline", "one category order", "midpoint", "noise", "top-k", "plug-in",
      "float32",
    ] {
      #expect(test.rows.contains { $0.defect.contains(word) }, "\(word)")
    }
  }

  /// Not by a hair: under other keys the verdicts are the same.
  @Test(arguments: [2, 3] as [UInt64]) func verdictsDoNotDependOnTheKey(seed: UInt64) throws {
    _ = oneThread
    #expect(try SelfTest(seed: seed, workers: 2).holds)
  }
}
