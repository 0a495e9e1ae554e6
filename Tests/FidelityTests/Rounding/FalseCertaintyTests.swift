import Discrete
import Estimators
import Fidelity
import Foundation
import Models
import Tensors
import Testing

/// Rounding is never a resolved bias, and no number is relative to a gradient of 0.
@Suite struct FalseCertaintyTests {
  /// Kinds whose moments are integrals over many noise variables take seconds a problem.
  private static let integrated: Set<String> = [
    "rebar", "rebar-tuned", "relax", "reinforce-wor", "unordered-set", "rodeo", "rodeo-tuned",
  ]
  static let unbiased = EstimatorRegistry.all.filter { $0.bias == .unbiased }.map(\.name)
    .filter { !integrated.contains($0) }
  static let relative: Set<Metric> = [
    .relativeBias, .rmse1, .rmse10, .rmse100, .rmse1000, .cosineOfMean, .scale, .scaleFreeBias,
    .reinMaxBias, .reinMaxCosine, .cosineOfDraw,
  ]

  /// Whether a kind is not for a layer, with its default settings.
  static func refuses(_ kind: String, _ layer: LayerShape) -> Bool {
    guard let descriptor = EstimatorRegistry.named(kind),
      let parameters = try? ResolvedParameters([:], specs: descriptor.parameters)
    else { return true }
    return descriptor.refusal(layer, parameters) != nil
  }

  private func shape(_ kind: String) -> (latents: Int, categories: Int) {
    [(2, 3), (2, 4), (2, 2)].first {
      !Self.refuses(kind, LayerShape(rows: 1, latents: $0.0, categories: $0.1))
    } ?? (2, 2)
  }

  private func phi(_ shape: (latents: Int, categories: Int), size: Double) -> [[Double]] {
    var numbers = RoundingProblems(41)
    return numbers.rows(shape.latents, shape.categories).map { row in
      row.enumerated().map { size == 0 ? $1 : [size, -size, 0][$0 % 3] + 0.01 * $1 }
    }
  }

  /// Exact moments never resolve anything, draws do not where they have no spread: where they have, a
  /// twentieth of the intervals may miss.
  @Test(arguments: unbiased, [0.0, 30, 300, 700])
  func constantCostsHaveNoBias(kind: String, size: Double) throws {
    let shape = shape(kind)
    for (name, cost) in RoundingProblems.constants(
      latents: shape.latents, categories: shape.categories)
    {
      let problem = try fromText(
        RoundingProblems.text(phi: phi(shape, size: size), cost: cost))
      for moments in [MomentsChoice.auto, .monteCarlo] {
        let report: FidelityReport
        do {
          report = try measured(problem, EstimatorRegistry.make(kind), moments)
        } catch DiscreteError.unsupported { continue }
        let hasSpread =
          report.moments == .monteCarlo
          && report.numbers.contains { $0.metric == .variance && $0.low > 0 }
        for number in report.numbers {
          #expect(
            number.resolved != true || hasSpread,
            "\(kind) on \(name) at logits of \(size), \(moments): \(number)")
          if Self.relative.contains(number.metric) {
            #expect(number.value.isNaN, "\(kind) on \(name), \(moments): \(number)")
          }
          if number.metric == .variance { #expect(number.value >= 0 && number.low >= 0) }
        }
      }
    }
  }

  /// A cost that varies, logits at which all is rare: unbiased stays unbiased.
  @Test(arguments: unbiased, [0.0, 3, 30, 300, 700])
  func extremeLogitsResolveNothing(kind: String, size: Double) throws {
    let shape = shape(kind)
    var numbers = RoundingProblems(43)
    let width = shape.latents * shape.categories
    let cost =
      "{\"type\": \"mlp\", \"W1\": \(numbers.rows(4, width)), \"b1\": \(numbers.normals(4)), \"w2\": \(numbers.normals(4)), \"b2\": 0.0}"
    let problem = try fromText(RoundingProblems.text(phi: phi(shape, size: size), cost: cost))
    do {
      let report = try measured(problem, EstimatorRegistry.make(kind), .exact)
      for number in report.numbers {
        #expect(number.resolved != true, "\(kind) at logits of \(size): \(number)")
      }
    } catch DiscreteError.unsupported {}
  }

  /// Behind an encoder, in both precisions, at every scope.
  @Test(
    arguments: [
      "reinforce", "reinforce-loo", "enumeration", "leg", "mvd", "double-cv", "unordered-set",
      "carms-i",
    ], [true, false])
  func encodersResolveNothing(kind: String, single: Bool) throws {
    let bytes = RandomStream(key: RandomKey(seed: 8), row: 0, site: 0)
      .uniforms(from: 0, count: 96).map { UInt8(255 * $0) }
    let images = try ImageData(name: "small", pixelCount: 12, bytes: bytes)
    let settings = VAESettings(
      latents: 2, categories: 3, rows: 4, hidden1: 9, hidden2: 7, seed: 3)
    let problem: any DiscreteProblem =
      single
      ? try CategoricalVAE<Float>(settings: settings, images: images)
      : try CategoricalVAE<Double>(settings: settings, images: images)
    let report = try measured(problem, EstimatorRegistry.make(kind), .exact)
    #expect(Set(report.numbers.map(\.scope)).count > 3)
    for number in report.numbers { #expect(number.resolved != true, "\(kind): \(number)") }
    let straight = try measured(problem, EstimatorRegistry.make("st"), .exact)
    for number in straight.numbers where number.metric == .relativeBias {
      #expect(number.resolved == true && number.standardError < 1e-3 * number.value)
    }
  }

  /// An estimate of no spread from draws: its variance is 0, its bias rounding.
  @Test(arguments: ["enumeration", "sparsemax-marginal"])
  func drawsWithoutSpread(kind: String) throws {
    var numbers = RoundingProblems(47)
    let cost =
      "{\"type\": \"quadratic\", \"A\": \(numbers.rows(8, 8)), \"b\": \(numbers.normals(8))}"
    let problem = try fromText(RoundingProblems.text(phi: numbers.rows(2, 4), cost: cost))
    let report = try measured(
      problem, EstimatorRegistry.make(kind), .monteCarlo, draws: 8192)
    let variance = try number(report.numbers, .variance)
    #expect(variance.value >= 0 && variance.low >= 0 && variance.value < 1e-10)
    let snr = try number(report.numbers, .snr)
    #expect(snr.value == .infinity || snr.value > 1e10)
    #expect(try number(report.numbers, .relativeBias).resolved == (kind != "enumeration"))
  }

  /// `||g*||` of a layer whose other categories have a probability of `e^-30`: 30 digits by mpmath.
  @Test func rareCategoriesKeepTheirDigits() throws {
    let path = try #require(Bundle.module.resourcePath) + "/Fixtures/p30.json"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let report = try measured(fromText(text), EstimatorRegistry.make("reinforce"), .exact)
    let norm = try number(report.numbers, .targetNorm)
    #expect(abs(norm.value - Self.norm30) < 1e-8 * Self.norm30)
    #expect(abs(norm.value - Self.norm30) <= norm.standardError)
    #expect(norm.standardError < 1e-2 * norm.value)
  }
  static let norm30 = 8.343109419406963e-14

  /// Two units of a network that cancel to a part in 10^12: the gradients are off by their rounding, and the
  /// numbers say so. Right numbers: enumeration of these doubles at 60 digits.
  @Test func unitsThatCancelAreStated() throws {
    let problem = try fromText(
      """
      {"phi": [[0, 0.7], [0.2, -0.4], [0.1, 1.3]], "cost": {"type": "mlp", "W1": [
       [-0.08058491531778637, 0.10242343723857332, 0.8390536522388322, -0.8068121596797956,
        0.6106409992957679, 0.5770754169394714],
       [-0.08058491531545366, 0.1024234372382368, 0.8390536522379174, -0.80681215967906,
        0.6106409992953707, 0.5770754169397605]],
       "b1": [0.1, 0.1], "w2": [1000000000000.0, -1000000000000.0]}}
      """)
    for (kind, metric, right) in [
      ("reinmax", Metric.estimateNorm, 0.42724988620), ("st", .snr, 0.88700491),
      ("st", .variance, 0.189735764),
    ] {
      let report = try measured(problem, EstimatorRegistry.make(kind), .exact)
      let found = try number(report.numbers, metric)
      #expect(abs(found.value - right) > 1e-7)
      #expect(abs(found.value - right) <= found.standardError, "\(found)")
    }
  }
}
