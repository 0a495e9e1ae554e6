import Discrete
import Tensors

/// How a token's code is made random, so that a quantiser becomes a layer of categories.
package enum Smoothing: String, CaseIterable, Sendable {
  /// Softmax of squared distances to the codes.
  case soft
  /// The code of the point with Gaussian noise added.
  case gaussian
}

/// The distribution of every unit's category at the tokens of one row, and its derivative.
package struct Assignment: Sendable {
  package let quantiser: Quantiser
  /// `z_e`, `[tokens][d]`.
  package let points: [Double]
  /// Of every unit of every token, `[tokens][units]`.
  package let units: [UnitAssignment]
  /// Whole assignments from the replicates of an integral over noise; empty where it is closed.
  package let replicates: [[UnitAssignment]]

  /// - Parameters:
  ///   - width: `s`, as a multiple of each unit's cell where `isRelative`.
  ///   - latticePoints: points of a lattice in each replicate.
  package init(
    _ quantiser: Quantiser, at points: [Double], smoothing: Smoothing, width: Double,
    isRelative: Bool, key: RandomKey, latticePoints: Int = 4096
  ) {
    let bounded = quantiser.bounded(points)
    let widths = quantiser.widths(width, isRelative: isRelative)
    var pooled: [UnitAssignment] = []
    var replicates = [[UnitAssignment]](repeating: [], count: GaussianCells.replicates)
    var isRandomised = false
    for latent in 0..<points.count / quantiser.dimension * quantiser.units.count {
      let (unit, index, coordinates) = quantiser.unit(ofLatent: latent)
      let point = Array(bounded[coordinates])
      if smoothing == .gaussian, unit.dimension > 1 {
        isRandomised = true
        // Randomised independently of the others, so that products of probabilities stay unbiased.
        let measures = GaussianCells(
          unit: unit, width: widths[index], points: latticePoints,
          key: key.derived(UInt64(latent))
        ).measures(at: point)
        pooled.append(Self.pooled(measures))
        for place in measures.indices {
          var others = measures
          others.remove(at: place)
          replicates[place].append(Self.pooled(others))
        }
      } else {
        let own =
          smoothing == .soft
          ? UnitAssignment.soft(unit, at: point, width: widths[index])
          : UnitAssignment.gaussianOnAxis(unit, at: point, width: widths[index])
        pooled.append(own)
        for place in replicates.indices { replicates[place].append(own) }
      }
    }
    self.quantiser = quantiser
    self.points = points
    units = pooled
    self.replicates = isRandomised ? replicates : []
  }

  private static func pooled(_ measures: [GaussianCells.Measure]) -> UnitAssignment {
    let scale = 1 / Double(measures.count)
    func mean(_ part: KeyPath<GaussianCells.Measure, [Double]>) -> [Double] {
      measures[0][keyPath: part].indices.map { index in
        scale * measures.reduce(0) { $0 + $1[keyPath: part][index] }
      }
    }
    return UnitAssignment(
      probabilities: mean(\.probabilities), derivatives: mean(\.derivatives))
  }

  /// The same with the units of one replicate left out.
  package func leavingOut(_ replicate: Int) -> Assignment {
    Assignment(quantiser: quantiser, points: points, units: replicates[replicate])
  }

  private init(quantiser: Quantiser, points: [Double], units: [UnitAssignment]) {
    self.quantiser = quantiser
    self.points = points
    self.units = units
    replicates = []
  }

  /// The layer of one row whose latents are the units of all tokens.
  package var shape: LayerShape {
    LayerShape(
      rows: 1, categories: units.indices.map { quantiser.unit(ofLatent: $0).unit.count })
  }

  /// - Throws: `DiscreteError.notFinite` where a width is too small for its distances.
  package func logits() throws -> Logits {
    try Logits(shape: shape, values: units.flatMap(\.logProbabilities))
  }
}
