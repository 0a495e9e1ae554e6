import Foundation

/// How many decimal digits a computed number shares with a certified one, and how many it has to.
///
/// `LRE = -log10(|x - c| / |c|)`, at most 15 (the log relative error of NIST's reference data sets).
/// Where `c` is 0, or so small that it is rounding of the publication, the error is taken over `unit`,
/// the natural size of such a number, instead of `|c|`.
public struct DigitsOfAgreement: Sendable, Equatable {
  /// Digits that agree, 0 to 15.
  public let found: Double
  /// Digits that have to, in tenths.
  public let certified: Double
  /// Whether the error is over the unit instead of the number.
  public let isAbsolute: Bool

  /// More digits than a double comparison can show.
  public static let most = 15.0

  /// - Parameters:
  ///   - tolerance: half a unit of the last digit given, and the rounding of whoever computed it.
  ///   - unit: 0 where only the number itself will do.
  public init(_ computed: Double, certified: Double, tolerance: Double, unit: Double) {
    // Less than a digit would be left of the number itself.
    isAbsolute = !(tolerance < 0.1 * abs(certified))
    let scale = isAbsolute ? unit : abs(certified)
    found = computed == certified ? Self.most : Self.digits(abs(computed - certified) / scale)
    self.certified =
      tolerance == 0 ? Self.most : (10 * Self.digits(tolerance / scale)).rounded(.down) / 10
  }

  public var holds: Bool { found >= certified }

  private static func digits(_ error: Double) -> Double {
    guard !error.isNaN else { return 0 }
    return error == 0 ? most : min(most, max(0, -log10(error)))
  }
}
