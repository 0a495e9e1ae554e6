import Discrete
import Estimators
import Fidelity
import Foundation
import Models
import Tensors
import TestSupport
import Testing

/// Stated errors of all quadratures against reference moments that a script of its own made
/// (`Fixtures/quadrature-scan/reference.py`): tanh-sinh and nested rules split at kinks, and scrambled
/// Sobol points where there are many variables.
@Suite struct QuadratureScanTests {
  private struct File: Decodable {
    var settings: [Setting]
  }

  struct Setting: Decodable, Sendable {
    var group: String
    var problem: Int
    var estimator: String
    var parameters: [String: Value]
    var mean: [Double]
    var variance: Double
    var meanError: Double
    var varianceError: Double
  }

  enum Value: Decodable, Sendable {
    case number(Double)
    case text(String)

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let number = try? container.decode(Double.self) {
        self = .number(number)
      } else {
        self = .text(try container.decode(String.self))
      }
    }

    var parameter: ParameterValue {
      switch self {
      case .number(let number): .number(number)
      case .text(let text): .text(text)
      }
    }
  }

  private static func load() throws -> (settings: [Setting], problems: [String]) {
    let path = try #require(Bundle.module.resourcePath) + "/Fixtures/quadrature-scan/reference.json"
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    let object = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
    let problems = try #require(object["problems"] as? [Any]).map {
      String(decoding: try JSONSerialization.data(withJSONObject: $0), as: UTF8.self)
    }
    return (try JSONDecoder().decode(File.self, from: data).settings, problems)
  }

  /// What a setting's numbers miss the reference by, in units of the stated error: the worst of six
  /// numbers. The error of the reference, and rounding of the comparison, are allowed beside it.
  private func worst(_ setting: Setting, _ text: String) throws -> (ratio: Double, metric: String) {
    let problem = try fromText(text)
    let numbers = try FidelitySession(
      problem: problem, target: TargetSettings(kind: .exact),
      measure: MeasureSettings(draws: 1024, blocks: 32, perDrawSamples: 0, gap: false),
      key: RandomKey(seed: 1)
    ).run([
      FidelityRequest(
        estimator: EstimatorRegistry.make(
          setting.estimator, setting.parameters.mapValues(\.parameter)), distribution: .unit)
    ])[0].get().numbers
    let target = try exactTarget(problem).gradient
    func norm(_ vector: [Double]) -> Double { squaredNorm(vector).squareRoot() }
    let (n, m) = (norm(target), norm(setting.mean))
    let bias = norm(zip(setting.mean, target).map { $0 - $1 })
    let (e, v) = (setting.meanError, setting.varianceError)
    let rounding = 4e-15
    let square = (
      value: bias * bias, error: 2 * bias * e + e * e + rounding * (m + n) * (bias + rounding * m)
    )
    let dot = zip(setting.mean, target).reduce(0) { $0 + $1.0 * $1.1 }
    let truths: [(metric: Metric, value: Double, error: Double)] = [
      (.biasSquared, square.value, square.error),
      (.relativeBias, bias / n, e / n + rounding * (1 + m / n)),
      (.variance, setting.variance, v + rounding * setting.variance),
      (
        .mse, square.value + setting.variance,
        square.error + v + rounding * (square.value + setting.variance)
      ),
      (.estimateNorm, m, e + rounding * m), (.cosineOfMean, dot / (m * n), 2 * e / m + rounding),
    ]
    var worst = (ratio: 0.0, metric: "")
    for truth in truths {
      let found = try number(numbers, truth.metric)
      // A mean that is below the rounding of its terms has no direction.
      if found.isMissing && m < 1e-14 * n { continue }
      let miss = abs(found.value - truth.value) - truth.error
      guard !(miss <= 0) else { continue }
      let ratio = miss / found.standardError
      if !(ratio <= worst.ratio) { worst = (ratio, truth.metric.rawValue) }
    }
    return worst
  }

  /// About sixty settings of one variable and of two: all within the stated error.
  @Test func statedErrorsHoldInASample() throws {
    let (settings, problems) = try Self.load()
    let one = settings.filter { $0.group == "A" }.enumerated().filter { $0.offset % 25 == 3 }
    let two = settings.filter { $0.group == "B" }.enumerated().filter { $0.offset % 50 == 7 }
    for setting in (one + two).map(\.element) {
      let worst = try worst(setting, problems[setting.problem])
      #expect(worst.ratio <= 1, "\(setting.estimator) \(setting.parameters): \(worst)")
    }
  }

  /// All of them: 99 % within the stated error, none beyond ten times. Minutes.
  @Test(.enabled(if: isHeavy))
  func heavyStatedErrorsHold() throws {
    let (settings, problems) = try Self.load()
    #expect(settings.count >= 2000)
    var within = 0
    for setting in settings {
      let worst = try worst(setting, problems[setting.problem])
      if worst.ratio <= 1 { within += 1 }
      #expect(worst.ratio <= 10, "\(setting.estimator) \(setting.parameters): \(worst)")
    }
    #expect(Double(within) >= 0.99 * Double(settings.count), "\(within) of \(settings.count)")
  }
}

/// Numbers that were wrong where a cost or an estimator jumps, by tanh-sinh quadrature split there.
@Suite struct JumpTests {
  private func numbers(
    _ problem: any DiscreteProblem, _ kind: String, _ parameters: [String: ParameterValue]
  ) throws -> [FidelityNumber] {
    try FidelitySession(
      problem: problem, target: TargetSettings(kind: .exact),
      measure: MeasureSettings(perDrawSamples: 0, gap: false), key: RandomKey(seed: 1)
    ).run([
      FidelityRequest(estimator: EstimatorRegistry.make(kind, parameters), distribution: .unit)
    ])[0]
    .get().numbers
  }

  private func expect(
    _ number: FidelityNumber, _ value: Double, _ tolerance: Double, stated: Double = 1e-6
  ) {
    #expect(abs(number.value - value) <= tolerance, "\(number.metric) \(number.value) for \(value)")
    let error = number.standardError
    #expect(error >= abs(number.value - value) - tolerance && error <= stated * abs(value))
  }

  /// `f = |y - 0.45|`: the gradient jumps at 0.45.
  @Test(arguments: [
    (0.4, 0.8113028006879338, 0.18810807006219388), (0.5, 0.901281036617586, 0.14606195886416282),
    (0.6, 0.9577971479614722, 0.11772196417812711), (1.0, 0.9906876674013645, 0.06058785582935368),
  ])
  func costsThatJump(tau: Double, bias: Double, variance: Double) throws {
    let problem = try fromText(
      #"{"phi": [[0.0, 0.4]], "cost": {"type": "abspow", "p": 1.0, "v": [0.0, 1.0], "c": [0.45]}}"#)
    let numbers = try numbers(problem, "gumbel-softmax", ["tau": .number(tau)])
    try expect(number(numbers, .relativeBias), bias, 1e-11)
    try expect(number(numbers, .variance), variance, 1e-11)
  }

  /// Gates that clip, under a smooth cost.
  @Test(arguments: [
    (0.95, 0.4612212293926149, 0.020063006537073075),
    (0.98, 0.4503976447525401, 0.019004565484966734),
    (1.0, 0.4427477381499534, 0.018337384533981607),
    (1.02, 0.4347782405686189, 0.017699023840837946),
    (1.05, 0.42227483509539654, 0.016792197604099342),
  ])
  func estimatorsThatClip(beta: Double, bias: Double, variance: Double) throws {
    let problem = try registered("bernoulli-toy", ["t": .number(0.45), "logit": .number(0.4)])
    let numbers = try numbers(problem, "hard-concrete", ["beta": .number(beta)])
    try expect(number(numbers, .relativeBias), bias, 1e-11)
    try expect(number(numbers, .variance), variance, 1e-11)
  }

  /// Two variables: nested Gauss-Legendre rules split along every line. The support of sparsemax has corners
  /// between the lines, which cost digits and are stated.
  @Test(arguments: [
    ("gumbel-softmax", 0.1, 0.9999653710321942, 1.029161124424746),
    ("gumbel-softmax", 0.5, 0.9989526008925389, 0.13647579475273428),
    ("gumbel-entmax", 0.1, 0.9999948562779791, 1.8647585452775925),
    ("gumbel-sparsemax", 0.5, 0.9999572767127707, 0.599248856481201),
  ])
  func twoVariables(kind: String, tau: Double, cosine: Double, variance: Double) throws {
    let problem = try fromText(
      #"{"phi": [[0.2, -0.5, 0.7]], "cost": {"type": "abspow", "p": 1.0, "v": [-0.3, 0.5, 1.0], "c": [0.8]}}"#
    )
    let numbers = try numbers(problem, kind, ["tau": .number(tau)])
    let corners = kind == "gumbel-sparsemax" ? 20.0 : 1
    try expect(number(numbers, .cosineOfMean), cosine, corners * 2e-10, stated: corners * 1e-6)
    try expect(number(numbers, .variance), variance, corners * 2e-9, stated: corners * 1e-6)
  }
}
