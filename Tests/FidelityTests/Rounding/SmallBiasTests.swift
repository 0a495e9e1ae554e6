import Discrete
import Estimators
import Fidelity
import Models
import Tensors
import Testing

/// The opposite control: a bias that is there stays resolved, however small beside the gradient.
@Suite struct SmallBiasTests {
  /// The exact gradient times `1 + share`.
  private struct Shrunk: ExactEstimator {
    let share: Double
    let base: any GradientEstimator
    var plan: EvaluationPlan { base.plan }
    var probing: (any ProbingEstimator)? { base.probing }
    func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
      base.combine(row, draws, into: &estimates)
      for index in estimates.indices { estimates[index] *= 1 + share }
    }
    func exactMoments(_ row: RowLogits, _ jointCodes: RowJointCodes) throws -> ExactMoments? {
      guard var moments = try base.exact?.exactMoments(row, jointCodes) else { return nil }
      moments.moments.mean = moments.moments.mean.map { (1 + share) * $0 }
      return moments
    }
  }

  @Test(arguments: ["enumeration", "reinforce", "reinforce-loo"], [1e-6, 1e-9, 1e-11])
  func isResolved(kind: String, share: Double) throws {
    var numbers = RoundingProblems(51)
    for shape in [(2, 3), (3, 2), (2, 8)] {
      let jointCodes = (0..<shape.0).reduce(1) { product, _ in product * shape.1 }
      let problem = try fromText(
        RoundingProblems.text(
          phi: numbers.rows(shape.0, shape.1),
          cost: RoundingProblems.table(numbers.normals(jointCodes))))
      let report = try measured(
        problem, Shrunk(share: share, base: EstimatorRegistry.make(kind)), .exact)
      let bias = try number(report.numbers, .relativeBias)
      #expect(bias.resolved == true, "\(bias)")
      #expect(abs(bias.value - share) <= bias.standardError)
      #expect(bias.standardError < 4e-12)
      // A factor is no bias beside scale.
      let rest = try number(report.numbers, .scaleFreeBias)
      #expect(rest.resolved == false, "\(rest)")
    }
  }

  /// One value of a table of 9 is off by `1e-9` of the costs' spread in the estimate alone.
  @Test func ofACost() throws {
    var numbers = RoundingProblems(53)
    let values = numbers.normals(9)
    let phi = numbers.rows(2, 3)
    struct Moved: GradientEstimator {
      let change: Double
      var plan: EvaluationPlan { EvaluationPlan(values: true) }
      func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
        var draws = draws
        for index in draws.values[0].indices
        where draws.codes[0][2 * index] == 1 && draws.codes[0][2 * index + 1] == 2 {
          draws.values[0][index] += change
        }
        Reinforce().combine(row, draws, into: &estimates)
      }
    }
    let problem = try fromText(
      RoundingProblems.text(phi: phi, cost: RoundingProblems.table(values)))
    for change in [1e-6, 1e-9] {
      let report = try measured(problem, Moved(change: change), .exact)
      #expect(try number(report.numbers, .relativeBias).resolved == true)
      #expect(try number(report.numbers, .scaleFreeBias).resolved == true)
    }
    let plain = try measured(problem, Moved(change: 0), .exact)
    #expect(try number(plain.numbers, .relativeBias).resolved == false)
  }

  /// A negative variance within its rounding is 0, one beyond stops its cell with a message.
  @Test func negativeVariances() throws {
    var numbers = RoundingProblems(57)
    let problem = try fromText(
      RoundingProblems.text(
        phi: numbers.rows(2, 3), cost: RoundingProblems.table(numbers.normals(9))))
    struct Fixed: ExactEstimator {
      let trace: Double
      var plan: EvaluationPlan { EvaluationPlan(values: true) }
      func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {}
      func exactMoments(_ row: RowLogits, _ jointCodes: RowJointCodes) throws -> ExactMoments? {
        let width = row.values.count
        var covariance = [Double](repeating: 0, count: width * width)
        covariance[0] = trace
        return ExactMoments(
          RowMoments(mean: [Double](repeating: 0.1, count: width), covariance: covariance))
      }
    }
    let report = try measured(problem, Fixed(trace: -1e-17), .exact)
    let variance = try number(report.numbers, .variance)
    #expect(variance.value == 0 && variance.low == 0 && variance.high >= 1e-17)
    #expect {
      try measured(problem, Fixed(trace: -1e-9), .exact)
    } throws: { error in
      guard case DiscreteError.notFinite(let text) = error else { return false }
      return text.contains("'logits'") && text.contains("negative")
    }
  }
}
