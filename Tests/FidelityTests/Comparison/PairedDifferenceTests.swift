import Discrete
import Estimators
import Fidelity
import Foundation
import Tensors
import Testing

/// Paired differences against the numbers they are differences of, and against replication.
@Suite struct PairedDifferenceTests {
  private func session(
    _ problem: any DiscreteProblem, _ moments: MomentsChoice, key: RandomKey = RandomKey(seed: 3),
    draws: Int = 256, target: TargetSettings = TargetSettings()
  ) -> FidelitySession {
    FidelitySession(
      problem: problem, target: target,
      measure: MeasureSettings(moments: moments, draws: draws, perDrawSamples: 0), key: key)
  }

  private func request(
    _ kind: String, _ parameters: [String: ParameterValue] = [:],
    distribution: TargetDistribution = .own
  ) throws -> FidelityRequest {
    FidelityRequest(
      estimator: try EstimatorRegistry.make(kind, parameters), distribution: distribution)
  }

  @Test func exactDifferencesAreThoseOfTheNumbers() throws {
    let problem = try registered("test-problem")
    let session = session(problem, .exact)
    let pair = [try request("st"), try request("reinmax")]
    let numbers = try session.run(pair).map { try $0.get().numbers }
    let differences = try session.compare(pair[0], pair[1], metrics: Metric.paired)
    #expect(differences.count == Metric.paired.count)
    for difference in differences where difference.metric != .mseTimesCost {
      let a = try number(numbers[0], difference.metric).value
      let b = try number(numbers[1], difference.metric).value
      #expect(difference.difference == a - b, "\(difference.metric)")
      #expect(difference.interval == "exact" && difference.pValue == nil)
    }
    // A gradient counts as three values.
    let cost = try #require(differences.first { $0.metric == .mseTimesCost })
    #expect(cost.first == 3 * (try number(numbers[0], .mse).value))
    // ReinMax has the smaller bias on this problem and the larger variance.
    #expect(try #require(differences.first { $0.metric == .relativeBias }).low > 0)
    #expect(try #require(differences.first { $0.metric == .variance }).high < 0)
  }

  @Test func theSameEstimatorUnderTwoNamesDoesNotDiffer() throws {
    let differences = try session(registered("test-problem"), .monteCarlo).compare(
      request("st"), request("decoupled-st"), metrics: Metric.paired)
    for difference in differences {
      #expect(difference.difference == 0 && difference.standardError == 0)
      #expect(difference.pValue == 1 && !difference.isResolved(pValue: 1))
    }
  }

  @Test func roundingIsNoDifference() throws {
    // Both are unbiased on a linear cost: their biases differ in the last bits only.
    let differences = try session(registered("carms-linear"), .exact).compare(
      request("st"), request("reinmax"), metrics: [.relativeBias, .variance])
    #expect(!differences[0].isResolved(pValue: nil))
    #expect(differences[1].isResolved(pValue: nil))
  }

  /// Common draws: over 300 keys the jackknife variance of the difference is its true variance
  /// within 4 standard errors, the 95 % interval holds the exact difference at a rate within 5
  /// binomial standard deviations (0.063), and the difference is far less noisy than its sides.
  @Test func sampledDifferencesAgainstReplication() throws {
    let problem = try registered("test-problem")
    let pair = [try request("st"), try request("st-gs")]
    let metrics: [Metric] = [.variance, .mse]
    let exact = try session(problem, .exact).compare(pair[0], pair[1], metrics: metrics)
    for (index, metric) in metrics.enumerated() {
      var found: [Double] = []
      var variances: [Double] = []
      var sides: [[Double]] = [[], []]
      var inside = 0.0
      for repeatIndex in 0..<300 {
        let key = RandomKey(seed: 71).derived(UInt64(repeatIndex))
        let difference = try session(
          problem, .monteCarlo, key: key, target: TargetSettings(kind: .exact)
        ).compare(pair[0], pair[1], metrics: [metric])[0]
        found.append(difference.difference)
        sides[0].append(difference.first)
        sides[1].append(difference.second)
        variances.append(difference.standardError * difference.standardError)
        if difference.low <= exact[index].difference && exact[index].difference <= difference.high {
          inside += 1
        }
      }
      #expect(abs(inside / 300 - 0.95) < 0.063, "\(metric) covers \(inside / 300)")
      let truth = variance(found)
      let ratio = variances.reduce(0, +) / 300 / truth
      // The variance of 300 near-normal values has a relative standard error of sqrt(2/300).
      #expect(
        abs(ratio - 1) < 4
          * (2.0 / 300 + variance(variances) / 300 / (truth * truth))
          .squareRoot() + 0.1, "\(metric) \(ratio)")
      // Common draws: the difference varies less than that of two independent runs would.
      let independent = variance(sides[0]) + variance(sides[1])
      #expect(truth < 0.7 * independent, "\(metric) \(truth) of \(independent)")
    }
  }

  @Test func differentTargetsAreNotCompared() throws {
    let session = session(try registered("test-problem"), .exact)
    let hot = ["tau-forward": ParameterValue.number(2)]
    #expect(
      throws: DiscreteError.unsupported(
        "their targets differ (temperatures 1.0 and 2.0); compare under law 'unit'")
    ) {
      _ = try session.compare(
        request("st"), request("decoupled-st", hot), metrics: [.relativeBias])
    }
    #expect(
      try session.compare(
        request("st", distribution: .unit), request("decoupled-st", hot, distribution: .unit),
        metrics: [.relativeBias]
      ).count == 1)
  }

  /// A sampled target is shared: leaving its blocks out of both sides cancels most of its noise in
  /// the difference of two biases.
  @Test func aSharedTargetCancels() throws {
    let problem = try registered("test-problem")
    let target = TargetSettings(kind: .monteCarlo, draws: 2048, samples: 2)
    let session = session(problem, .exact, target: target)
    let pair = [try request("st"), try request("st", ["tau": .number(1.05)])]
    let difference = try session.compare(pair[0], pair[1], metrics: [.biasSquared])[0]
    let side = try number(session.run([pair[0]])[0].get().numbers, .biasSquared)
    #expect(difference.interval == "jackknife-t" && difference.standardError > 0)
    #expect(difference.standardError < 0.2 * side.standardError)
  }

  private func variance(_ values: [Double]) -> Double {
    let mean = values.reduce(0, +) / Double(values.count)
    return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
  }
}

/// Corrections and decisions on known numbers.
@Suite struct MultiplicityTests {
  @Test func holmStepsDown() {
    // Sorted 0.005, 0.01, 0.03, 0.04 times 4, 3, 2, 1, made monotone.
    #expect(Multiplicity.holm([0.01, 0.04, 0.03, 0.005]) == [0.03, 0.06, 0.06, 0.02])
    #expect(Multiplicity.holm([0.9, 0.8]) == [1, 1])
    #expect(Multiplicity.holm([]).isEmpty)
    let mixed = Multiplicity.holm([.nan, 0.01])
    #expect(mixed[0].isNaN && mixed[1] == 0.01)
  }

  @Test func equivalenceAsksForTheNarrowerInterval() {
    var difference = PairedDifference(
      scope: "logits", metric: .relativeBias, first: 1, second: 0.9, difference: 0.1,
      standardError: 0.05, low: 0, high: 0.2, level: 0.95, interval: "jackknife-t", pValue: 0.05,
      degrees: 31)
    // t_{0.95, 31} = 1.6955: the interval of level 0.9 ends at 0.18478.
    #expect(difference.isEquivalent(margin: 0.1848))
    #expect(!difference.isEquivalent(margin: 0.1847))
    #expect(!difference.isResolved(pValue: 0.06) && difference.isResolved(pValue: 0.04))
    difference.degrees = nil
    #expect(difference.isEquivalent(margin: 0.21) && !difference.isEquivalent(margin: 0.19))
  }
}
