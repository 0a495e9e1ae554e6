import Foundation

extension Quantiser {
  /// Scalars with levels and walls of their own on each coordinate.
  public static func scalar(levels: [[Double]], walls: [[Double]], kind: Kind = .scalar)
    -> Quantiser
  {
    let units = zip(levels, walls).enumerated().map { axis, own in
      QuantiserUnit(
        coordinates: axis..<axis + 1, cells: ScalarCells(walls: own.1), centres: own.0,
        vectors: own.0, cell: (own.0[own.0.count - 1] - own.0[0]) / Double(own.0.count - 1))
    }
    return Quantiser(
      kind: kind, dimension: levels.count, units: units, bound: nil, codebooks: [])
  }

  /// Levels -1 and 1 on each coordinate, the wall at 0.
  public static func sign(dimension: Int) -> Quantiser {
    scalar(
      levels: [[Double]](repeating: [-1, 1], count: dimension),
      walls: [[Double]](repeating: [0], count: dimension), kind: .sign)
  }

  /// Integers `-floor(L/2), ...`, `L` of them on each coordinate, of the bounded coordinate; the decoder sees them
  /// over `floor(L/2)`.
  public static func fsq(levels: [Int], epsilon: Double) -> Quantiser {
    let bound = TanhBound(levels: levels, epsilon: epsilon)
    let units = levels.enumerated().map { axis, count in
      let values = (0..<count).map { Double($0 - count / 2) }
      return QuantiserUnit(
        coordinates: axis..<axis + 1, cells: ScalarCells(walls: values.dropLast().map { $0 + 0.5 }),
        centres: values, vectors: values.map { $0 / bound.divisors[axis] }, cell: 1)
    }
    return Quantiser(
      kind: .fsq, dimension: levels.count, units: units, bound: bound, codebooks: [])
  }

  /// One codebook `[K][d / groups]` for each group of coordinates: one for the whole token (`vq`), each its own
  /// (`product`), or all the same (`multihead`).
  public static func nearest(kind: Kind, dimension: Int, codebooks: [[Double]], groups: Int)
    -> Quantiser
  {
    let width = dimension / groups
    let units = (0..<groups).map { group in
      let codes = codebooks[codebooks.count == 1 ? 0 : group]
      return QuantiserUnit(
        coordinates: group * width..<(group + 1) * width,
        cells: NearestCells(dimension: width, codes: codes), centres: codes, vectors: codes)
    }
    return Quantiser(
      kind: kind, dimension: dimension, units: units, bound: nil, codebooks: codebooks)
  }

  /// Stages of codes `[K_m][d]`, whose category is the joint code.
  public static func residual(dimension: Int, codebooks: [[Double]]) -> Quantiser {
    var sums = [Double](repeating: 0, count: dimension)
    for codes in codebooks {
      sums = stride(from: 0, to: sums.count, by: dimension).flatMap { sum in
        stride(from: 0, to: codes.count, by: dimension).flatMap { code in
          (0..<dimension).map { sums[sum + $0] + codes[code + $0] }
        }
      }
    }
    let unit = QuantiserUnit(
      coordinates: 0..<dimension,
      cells: ResidualCells(dimension: dimension, stages: codebooks), centres: sums, vectors: sums)
    return Quantiser(
      kind: .residual, dimension: dimension, units: [unit], bound: nil, codebooks: codebooks)
  }
}
