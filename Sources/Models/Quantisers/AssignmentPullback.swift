import Discrete
import Tensors

/// The Jacobian of `z_e -> log p`, unit by unit, on one row.
struct AssignmentPullback: ParameterPullback {
  let shape: LayerShape
  /// Number of coordinates of `z_e`.
  let count: Int
  /// Of each unit of the row: the first of its coordinates in `z_e`, and `d log p_k/d z_e`, `[K][d]`.
  let units: [(first: Int, scores: [Double])]

  /// The scores of an assignment, chained with the bound of its coordinates.
  init(_ assignment: Assignment) {
    let quantiser = assignment.quantiser
    let derivatives = quantiser.boundDerivatives(assignment.points)
    shape = assignment.shape
    count = assignment.points.count
    units = assignment.units.enumerated().map { latent, own in
      let (unit, _, coordinates) = quantiser.unit(ofLatent: latent)
      let first = coordinates.lowerBound
      return (
        first,
        own.scores.enumerated().map { $1 * derivatives[first + $0 % unit.dimension] }
      )
    }
  }

  var groups: [ParameterGroup] { [ParameterGroup(name: "z_e", count: count)] }

  func pullBack(_ logitGradient: [Double]) -> [[Double]] {
    var gradient = [Double](repeating: 0, count: count)
    for (latent, unit) in units.enumerated() {
      let dimension = unit.scores.count / shape.categories(of: latent)
      for (index, score) in unit.scores.enumerated() {
        gradient[unit.first + index % dimension] +=
          score * logitGradient[latent * shape.categories + index / dimension]
      }
    }
    return [gradient]
  }

  func rowGrams(_ row: Int) -> [RowGram] {
    let width = shape.width
    var jacobian = [Double](repeating: 0, count: width * count)
    for (latent, unit) in units.enumerated() {
      let dimension = unit.scores.count / shape.categories(of: latent)
      for (index, score) in unit.scores.enumerated() {
        jacobian[
          (latent * shape.categories + index / dimension) * count + unit.first + index % dimension] =
          score
      }
    }
    return [
      RowGram(
        matrixProduct(jacobian, jacobian, m: width, n: width, k: count, transposeB: true),
        precision: .double)
    ]
  }
}

/// A diagonal Jacobian of one row: what a quantiser that is passed straight through hands on.
struct DiagonalPullback: ParameterPullback {
  let name: String
  let diagonal: [Double]

  var groups: [ParameterGroup] { [ParameterGroup(name: name, count: diagonal.count)] }

  func pullBack(_ gradient: [Double]) -> [[Double]] { [zip(gradient, diagonal).map { $0 * $1 }] }

  func rowGrams(_ row: Int) -> [RowGram] {
    let count = diagonal.count
    return [
      RowGram(
        (0..<count * count).map {
          $0 / count == $0 % count ? diagonal[$0 % count] * diagonal[$0 % count] : 0
        }, precision: .double)
    ]
  }
}
