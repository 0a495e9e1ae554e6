import Discrete

/// How many points an integral over the noise of one row may take. Unless exact moments are asked for,
/// the rows of a layer share what a single row has, and those behind a network have a bound of work.
package struct PointAllowance: Sendable {
  /// Rows that share it.
  let rows: Int
  /// Points of each row within the bound of work; nil where a row has all points of a single one: there is
  /// one row only, or exact moments are asked for, whatever they take.
  private let affordable: Double?

  /// Multiplications of the largest rule of all rows together under `moments: auto`: seconds to half
  /// a minute on two cores.
  private static let mostWork = 0x1p38

  /// A layer of one row, whose cost is not asked for.
  package static let oneRow = PointAllowance()

  private init() {
    rows = 1
    affordable = nil
  }

  /// - Parameters:
  ///   - oracle: of all rows.
  ///   - moments: `exact` has no bound of work. Neither has a single row.
  init(_ estimator: any GradientEstimator, _ oracle: any CostOracle, _ moments: MomentsChoice) {
    rows = oracle.shape.rows
    guard rows > 1, moments != .exact else {
      affordable = nil
      return
    }
    let plan = estimator.plan(for: oracle.shape)
    let probes = plan.probes.map { $0.softFixed ? 0 : $0.soft } ?? 0
    let calls = Double(probes + (plan.relaxed ? 1 : 0))
    let work = calls * oracle.restricted(toRow: 0).workPerPoint * Double(rows)
    affordable = Self.mostWork / max(1, work)
  }

  /// How much smaller a row's first lattice is than that of a single row, as a logarithm to base 2.
  /// Even, as each turn has four times the points of the one before.
  var earlier: Int { 2 * ((Int.bitWidth - 1 - max(1, rows).leadingZeroBitCount) / 2) }

  /// Points of one row where a single one may take `most`.
  func points(_ most: Int) -> Int {
    affordable.map { Int(min(Double(most / rows), $0)) } ?? most
  }

  /// Whether rules of `fewest` points a row are within it.
  func permits(_ fewest: Int, of most: Int) -> Bool {
    affordable == nil || fewest <= points(most)
  }
}
