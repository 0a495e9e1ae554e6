import Foundation

/// One categorical variable of a token: a cell of some of its coordinates.
public struct QuantiserUnit: Sendable {
  /// The token's coordinates that it decides on.
  public let coordinates: Range<Int>
  public let cells: any UnitCells
  /// Where its categories stand in the space of the cells, `[K][d]`: soft assignment goes by distances to them.
  public let centres: [Double]
  /// What the decoder sees of its coordinates, `[K][d]`.
  public let vectors: [Double]
  /// Its size of a cell; nil for codes, whose distances tell.
  let ownCell: Double?

  init(
    coordinates: Range<Int>, cells: any UnitCells, centres: [Double], vectors: [Double],
    cell: Double? = nil
  ) {
    self.coordinates = coordinates
    self.cells = cells
    self.centres = centres
    self.vectors = vectors
    ownCell = cell
  }

  /// Size of a cell, which relative widths are multiples of: of codes the mean distance of one to its nearest other
  /// one. Cost: of codes the square of their number.
  public var cell: Double {
    if let ownCell { return ownCell }
    let codes = NearestCells(dimension: dimension, codes: centres)
    let sum = (0..<codes.count).reduce(0.0) { sum, code in
      var distances = codes.squaredDistances(
        Array(centres[code * dimension..<(code + 1) * dimension]))
      distances[code] = .infinity
      return sum + (distances.min() ?? .infinity).squareRoot()
    }
    return sum / Double(codes.count)
  }

  public var count: Int { cells.count }
  public var dimension: Int { coordinates.count }

  public func vector(_ category: Int) -> ArraySlice<Double> {
    vectors[category * dimension..<(category + 1) * dimension]
  }
}

/// A map `z_q = Q(z_e)` of tokens to codes, as independent units.
///
/// The tokens of one row share it. Where the coordinates are bounded first (`fsq`), cells are of the bounded ones.
public struct Quantiser: Sendable {
  public enum Kind: String, CaseIterable, Sendable {
    case scalar, fsq, sign, vq, residual, product
    case multiHead = "multihead"
  }

  public let kind: Kind
  /// Coordinates `d` of a token.
  public let dimension: Int
  public let units: [QuantiserUnit]
  /// How coordinates are bounded before their cells; nil where they are not.
  public let bound: TanhBound?
  /// Codebooks `[K][d']`, in the order of units or stages; empty for scalars.
  public let codebooks: [[Double]]
  /// Whether a soft assignment is defined: a softmax of distances to sums of stages does not tend to their codes.
  public var hasSoftAssignment: Bool { kind != .residual }

  /// The unit of a latent of a row of tokens, its number in the token, and its coordinates in `[tokens][d]`.
  public func unit(
    ofLatent latent: Int
  ) -> (unit: QuantiserUnit, index: Int, coordinates: Range<Int>) {
    let (token, index) = latent.quotientAndRemainder(dividingBy: units.count)
    let own = units[index].coordinates
    let start = token * dimension
    return (units[index], index, start + own.lowerBound..<start + own.upperBound)
  }

  /// Points in the space of the cells, of every token.
  public func bounded(_ points: [Double]) -> [Double] {
    guard let bound else { return points }
    return points.enumerated().map { bound.value($1, axis: $0 % dimension) }
  }

  /// `db/dz` of every coordinate; 1 without a bound.
  public func boundDerivatives(_ points: [Double]) -> [Double] {
    guard let bound else { return [Double](repeating: 1, count: points.count) }
    return points.enumerated().map { bound.derivative($1, axis: $0 % dimension) }
  }

  /// The derivative of what the decoder sees with the rounding passed straight through: 1, or `db/dz` over the
  /// bound's divisor.
  public func decoderDerivative(_ z: Double, axis: Int) -> Double {
    bound.map { $0.derivative(z, axis: axis) / $0.divisors[axis] } ?? 1
  }

  /// The same at every coordinate of tokens.
  public func decoderDerivatives(_ points: [Double]) -> [Double] {
    points.enumerated().map { decoderDerivative($1, axis: $0 % dimension) }
  }

  /// Where the decoder stands with the quantiser bypassed.
  public func bypassed(_ points: [Double]) -> [Double] {
    guard let bound else { return points }
    return bounded(points).enumerated().map { $1 / bound.divisors[$0 % dimension] }
  }

  /// The category of every unit of every token, for points in the space of the cells.
  public func categories(ofBounded points: [Double]) -> [Int] {
    (0..<points.count / dimension * units.count).map { latent in
      let (unit, _, coordinates) = unit(ofLatent: latent)
      return unit.cells.category(of: Array(points[coordinates]))
    }
  }

  /// The category of every unit of every token, `[tokens][units]`.
  public func categories(of points: [Double]) -> [Int] { categories(ofBounded: bounded(points)) }

  /// `z_q` of categories `[tokens][units]`.
  public func vectors(_ categories: [Int]) -> [Double] {
    categories.enumerated().flatMap { units[$0 % units.count].vector($1) }
  }

  /// Codes that stand in a codebook before; they are never chosen.
  public var equalCodes: [String] {
    codebooks.enumerated().flatMap { index, codes -> [String] in
      let width = kind == .residual ? dimension : units[index % units.count].dimension
      var first: [ArraySlice<Double>: Int] = [:]
      return (0..<codes.count / width).compactMap { code in
        let own = codes[code * width..<(code + 1) * width]
        if let before = first[own] { return "\(code) is \(before) in codebook \(index)" }
        first[own] = code
        return nil
      }
    }
  }

  /// The widths `s` of a token's units: multiples of its cells, or the number itself. Groups of one token share the
  /// mean of their cells, so that the token's noise is round.
  public func widths(_ width: Double, isRelative: Bool) -> [Double] {
    guard isRelative else { return units.map { _ in width } }
    guard kind == .product else { return units.map { width * $0.cell } }
    let mean = units.reduce(0) { $0 + $1.cell } / Double(units.count)
    return units.map { _ in width * mean }
  }
}

/// The bound of finite scalar quantisation: `b = tanh(z + shift) half - offset`, `half = (L - 1)(1 - eps)/2`,
/// `offset` 0 for odd and 1/2 for even `L`, `shift = tan(offset / half)` (Mentzer et al. 2023).
public struct TanhBound: Sendable {
  public let halves, offsets, shifts: [Double]
  /// `floor(L/2)`: the decoder sees a level over it.
  public let divisors: [Double]

  public init(levels: [Int], epsilon: Double) {
    halves = levels.map { Double($0 - 1) * (1 - epsilon) / 2 }
    offsets = levels.map { $0.isMultiple(of: 2) ? 0.5 : 0 }
    shifts = zip(offsets, halves).map { tan($0 / $1) }
    divisors = levels.map { Double($0 / 2) }
  }

  public func value(_ z: Double, axis: Int) -> Double {
    tanh(z + shifts[axis]) * halves[axis] - offsets[axis]
  }

  public func derivative(_ z: Double, axis: Int) -> Double {
    // 1 - tanh^2 without loss where tanh is near 1.
    let inverse = 1 / cosh(z + shifts[axis])
    return halves[axis] * inverse * inverse
  }
}
