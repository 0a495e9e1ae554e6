import Discrete
import Estimators
import Fidelity
import Models
import Tensors
import Testing

/// A report depends on problem, request, settings and key alone, to the last bit.
@Suite struct ReproducibilityTests {
  /// All numbers of a report with the bits of every value.
  private static func bits(_ result: Result<FidelityReport, DiscreteError>) -> [String] {
    switch result {
    case .failure(let error): return ["\(error)"]
    case .success(let report):
      return ["\(report.moments) \(report.target)"]
        + report.numbers.map { number in
          let values = [number.value, number.standardError, number.low, number.high]
            .map { String($0.bitPattern, radix: 16) }
          let resolved = number.resolved.map { "\($0)" } ?? ""
          return [
            number.scope, number.metric.rawValue, "\(values)", number.interval,
            number.moments.rawValue, "\(number.draws ?? 0)", resolved,
          ].joined(separator: " ")
        }
    }
  }

  private static func reports(
    _ problem: any DiscreteProblem, _ requests: [FidelityRequest], moments: MomentsChoice,
    target: TargetKind, workers: Int = 1
  ) throws -> [[String]] {
    try FidelitySession(
      problem: problem, target: TargetSettings(kind: target, draws: 256, samples: 3),
      measure: MeasureSettings(
        moments: moments, draws: 128, blocks: 8, perDrawSamples: 16),
      key: RandomKey(seed: 77), workers: workers
    ).run(requests).map(bits)
  }

  private static func check(
    _ problem: any DiscreteProblem, _ settings: [Zoo.Setting], moments: MomentsChoice,
    target: TargetKind
  ) throws {
    let requests = try Zoo.requests(settings) + Zoo.requests([settings[0]], distribution: .unit)
    let whole = try reports(problem, requests, moments: moments, target: target)
    #expect(whole.count == requests.count && whole.allSatisfy { $0.count > 20 })
    #expect(Set(whole.map { $0.joined() }).count >= settings.count)
    for workers in [2, 3] {
      #expect(
        try reports(problem, requests, moments: moments, target: target, workers: workers)
          == whole, "\(workers) workers")
    }
    #expect(
      try reports(problem, requests.reversed(), moments: moments, target: target)
        == whole.reversed(), "reversed")
    let odd = requests.indices.filter { $0 % 2 == 1 }
    #expect(
      try reports(problem, odd.map { requests[$0] }, moments: moments, target: target)
        == odd.map { whole[$0] }, "a subset")
    for (index, request) in requests.enumerated() where index % 3 == 0 {
      let alone = try reports(problem, [request], moments: moments, target: target)[0]
      for (own, shared) in zip(alone, whole[index]) where own != shared {
        Issue.record("request \(index) alone: \(own), together: \(shared)")
      }
      #expect(alone.count == whole[index].count)
    }
  }

  @Test(arguments: [MomentsChoice.auto, .monteCarlo], [TargetKind.auto, .monteCarlo])
  func reportsOfANetwork(moments: MomentsChoice, target: TargetKind) throws {
    try Self.check(
      trainedVAE(smallSizes, steps: 3), Zoo.settings, moments: moments, target: target)
  }

  @Test(arguments: [MomentsChoice.auto, .monteCarlo])
  func reportsOfACost(moments: MomentsChoice) throws {
    try Self.check(
      registered("quadratic-cubic", ["latents": .integer(2), "categories": .integer(2)]),
      Zoo.settings, moments: moments, target: .monteCarlo)
  }

  /// More requests than one batch of the session holds, and another key that changes the draws.
  @Test func keysMatter() throws {
    let problem = try registered("test-problem")
    let requests = try Zoo.requests()
    func values(_ seed: UInt64) throws -> [Double] {
      try FidelitySession(
        problem: problem, target: TargetSettings(),
        measure: MeasureSettings(moments: .monteCarlo, draws: 64, blocks: 8, perDrawSamples: 0),
        key: RandomKey(seed: seed)
      ).run(requests + requests).map { try number($0.get().numbers, .variance).value }
    }
    let first = try values(1)
    #expect(first.count == 2 * requests.count)
    #expect(Array(first[..<requests.count]) == Array(first[requests.count...]))
    #expect(zip(first, try values(2)).allSatisfy { $0 != $1 })
  }
}
