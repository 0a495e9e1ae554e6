import Discrete
import Foundation
import Models
import Tensors

/// Recomputes every number of a file of published numbers, by the way that studies take, and counts the
/// digits that agree.
///
/// A row is certified for what its source can give: half a unit of the last digit it writes (the most
/// digits of any of its numbers, as trailing zeros are not written), and the rounding of whoever computed
/// it: `published` numbers are taken to be float32, `recomputed` ones float64. A mean of estimates of size
/// `r = sqrt(||m||^2 + tr Cov)` has an error of `e = 2^-22 r` (`2^-46 r`), a square of a bias `b` one of
/// `2 b e + e^2`, any other number `2^-19` (`2^-44`) of itself.
public struct PublishedVerification: Sendable {
  /// One certified number.
  public struct Number: Sendable {
    public let metric: String
    /// `published` or `recomputed`.
    public let block: String
    public let certified: Double
    /// NaN where the report has no such number.
    public let computed: Double
    public let digits: DigitsOfAgreement

    public var holds: Bool { !computed.isNaN && digits.holds }
  }

  /// All numbers of one estimator setting on one problem.
  public struct Row: Sendable {
    public let set: String
    public let problem: String
    public let estimator: String
    public let parameters: String
    public let numbers: [Number]

    public var holds: Bool { numbers.allSatisfy(\.holds) }

    /// The number with the least digits beyond those it is certified for.
    public var tightest: Number {
      numbers.min { margin($0) < margin($1) } ?? numbers[0]
    }

    private func margin(_ number: Number) -> Double {
      number.computed.isNaN ? -.infinity : number.digits.found - number.digits.certified
    }
  }

  public let rows: [Row]
  public var holds: Bool { rows.allSatisfy(\.holds) }

  /// - Throws: `ModelFileError` naming file and place of what is unknown or cannot be computed.
  public init(_ files: [PublishedFile]) throws {
    rows = try files.flatMap(Self.rows)
  }

  private static func rows(_ file: PublishedFile) throws -> [Row] {
    try file.problems.flatMap { problem -> [Row] in
      let rows = try problem.rows.map { row in
        (row, try CertifiedEstimators.make(row, on: problem.problem.shape))
      }
      for (row, made) in rows { try check(row, isProblem: made.estimator == nil) }
      guard let first = problem.rows.first else { return [] }
      let measured = try naming(first.field) { try CertifiedNumbers(problem) }
      return try rows.map { row, made in
        Row(
          set: file.name, problem: problem.name, estimator: row.estimator,
          parameters: made.parameters,
          numbers: try naming(row.field) { try numbers(file, row, measured, made.estimator) })
      }
    }
  }

  /// The numbers of a row, computed with an estimator that may be another than the row names.
  static func numbers(
    _ file: PublishedFile, _ row: PublishedRow, _ measured: CertifiedNumbers,
    _ estimator: (any GradientEstimator)?
  ) throws -> [Number] {
    let own = try measured.numbers(estimator, scope: row.scope)
    let all = file.problems.flatMap(\.rows)
    func numbers(_ block: KeyPath<PublishedRow, [PublishedNumber]>, _ name: String) -> [Number] {
      let digits =
        file.digits ?? all.flatMap { $0[keyPath: block] }.map(\.significantDigits).max() ?? 1
      let precision = Precision(
        digits: digits, decimals: file.decimals, isSingle: name == "published")
      return row[keyPath: block].map { precision.number($0, name, own) }
    }
    return numbers(\.published, "published") + numbers(\.recomputed, "recomputed")
  }

  private static func check(_ row: PublishedRow, isProblem: Bool) throws {
    let known = isProblem ? CertifiedNumbers.ofProblem : CertifiedNumbers.ofEstimators
    for number in row.published + row.recomputed {
      if known.contains(number.metric) { continue }
      if isProblem, number.metric.wholeMatch(of: /grad\[\d{1,9}\]/) != nil { continue }
      throw number.field.failure(
        "unknown number '\(number.metric)'",
        hint: NearestName.advice(for: number.metric, among: known, title: "known numbers"))
    }
  }

  /// What cannot be computed is the fault of the row that asks for it.
  private static func naming<Value>(
    _ field: JSONField, _ body: () throws -> Value
  ) throws -> Value {
    do {
      return try body()
    } catch let error as DiscreteError {
      throw field.failure("\(error)")
    }
  }

  /// How precise the numbers of one block of a file are.
  private struct Precision {
    let digits: Int
    let decimals: Int?
    let isSingle: Bool

    func number(
      _ number: PublishedNumber, _ block: String, _ row: CertifiedNumbers.Row
    ) -> Number {
      let computed = row.numbers[number.metric] ?? .nan
      let (rounding, unit) = rounding(number, row)
      return Number(
        metric: number.metric, block: block, certified: number.value, computed: computed,
        digits: DigitsOfAgreement(
          computed, certified: number.value, tolerance: lastDigit(number.value) + rounding,
          unit: unit))
    }

    /// Half a unit of the last digit; none of a 0, which says that nothing is there.
    private func lastDigit(_ value: Double) -> Double {
      guard value != 0 else { return 0 }
      if let decimals { return 0.5 * pow(10, -Double(decimals)) }
      return 0.5 * pow(10, floor(log10(abs(value))) + 1 - Double(digits))
    }

    private func rounding(
      _ number: PublishedNumber, _ row: CertifiedNumbers.Row
    ) -> (error: Double, unit: Double) {
      let part = isSingle ? 0x1p-19 : 0x1p-44
      let mean = (isSingle ? 0x1p-22 : 0x1p-46) * row.size
      let scaled = row.scale * mean
      func square(_ error: Double) -> Double {
        2 * abs(number.value).squareRoot() * error + error * error
      }
      let own = part * abs(number.value)
      let norm = row.targetNorm
      switch number.metric {
      case "bias_sq_scaled": return (own + square(scaled), norm * norm)
      case "bias_sq": return (own + square(mean), norm * norm)
      case "bias_norm": return (own + mean, norm)
      case "rel_bias", "scale_free_bias", "reinmax_bias_target": return (own + mean / norm, 1)
      case "cos_mean", "reinmax_cos": return (own + part, 1)
      case "variance", "variance_mean", "mse":
        return (own + mean * mean, row.size * row.size)
      case "variance_scaled": return (own + scaled * scaled, norm * norm)
      case "value", "value_var", "target_norm": return (own + mean, row.size)
      case let name where name.hasPrefix("grad["): return (own + mean, row.size)
      default: return (own, 1)
      }
    }
  }
}
