/// How the ends of an interval were made: the values of the column `ci_method`.
///
/// A new one is a member beside the code that makes such intervals, a line of `all`, and the metrics that
/// use it.
public struct IntervalMethod: Hashable, Sendable {
  public static let all: [IntervalMethod] = [
    .exact, .quadratureStep, .score, .fieller, .logarithm, .student, .jackknife,
  ]

  /// Name in the public views.
  public let name: String
  /// What it is, in one line.
  public let definition: String
  /// Whether its ends are bounds, without a level: nothing was drawn.
  public let isBound: Bool

  init(_ name: String, _ definition: String, isBound: Bool = false) {
    self.name = name
    self.definition = definition
    self.isBound = isBound
  }

  /// The method of a name; nil where there is none.
  public static func named(_ name: String) -> IntervalMethod? { all.first { $0.name == name } }
}

extension IntervalMethod {
  /// Finite sums: the ends are the value and a bound of its rounding.
  public static let exact = IntervalMethod(
    "exact", "a finite sum: the ends are a bound of its rounding", isBound: true)
  /// Quadratures: the ends are the most that the number changes within the errors of the integrals.
  public static let quadratureStep = IntervalMethod(
    "quadrature-step",
    "an integral: the ends are the most that its stated error makes of the number",
    isBound: true)
}
