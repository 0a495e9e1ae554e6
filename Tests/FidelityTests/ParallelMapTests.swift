import Fidelity
import Testing

@Suite struct ParallelMapTests {
  private struct Failure: Error, Equatable {
    let index: Int
  }

  @Test(arguments: [0, 1, 2, 3, 8]) func resultsAreInOrder(workers: Int) throws {
    #expect(parallelMap(0, workers: workers) { $0 } == [])
    #expect(parallelMap(1, workers: workers) { $0 + 7 } == [7])
    // Early indices take longest, so that late ones end first.
    let squares = parallelMap(97, workers: workers) { index in
      var sum = 0
      for step in 0..<(97 - index) * 200 { sum &+= step % 3 }
      return index * index + (sum & 0)
    }
    #expect(squares == (0..<97).map { $0 * $0 })
  }

  @Test(arguments: [1, 2, 3]) func theLowestFailureIsThrown(workers: Int) {
    #expect(throws: Failure(index: 5)) {
      try parallelMap(40, workers: workers) { index in
        if index % 10 == 5 { throw Failure(index: index) }
        return index
      }
    }
  }
}
