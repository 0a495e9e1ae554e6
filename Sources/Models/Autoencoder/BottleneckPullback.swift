import Discrete
import Networks
import Tensors

/// The Jacobian of `weights -> logits` through a bottleneck on a fixed batch: that of `weights -> features`,
/// and the bottleneck's own.
///
/// Groups are those of the encoder, and `codebook` where the bottleneck has numbers of its own that measuring
/// does not hold.
struct BottleneckPullback<Scalar: NetworkScalar>: ParameterPullback {
  let shape: LayerShape
  let bottleneck: any Bottleneck<Scalar>
  /// `[rows][features]`.
  let features: [Scalar]
  let encoder: any ParameterPullback

  /// Numbers of the group `codebook`.
  private var own: Int { bottleneck.isHeld ? 0 : bottleneck.parameters.count }

  var groups: [ParameterGroup] {
    encoder.groups
      + (own > 0
        ? [
          ParameterGroup(
            name: "codebook",
            tensors: [ParameterShape(name: "codebook.codes", shape: bottleneck.parameterShape)])
        ] : [])
  }

  func pullBack(_ logitGradient: [Double]) -> [[Double]] {
    precondition(logitGradient.count == shape.count)
    let lower = bottleneck.pullBack(logitGradient, features)
    return encoder.pullBack(lower.features) + (own > 0 ? [lower.parameters] : [])
  }

  var norms: any PullbackNorms { self }
  var squares: any PullbackSquares { self }

  private func features(_ row: Int) -> [Scalar] {
    let count = bottleneck.features
    return Array(features[row * count..<(row + 1) * count])
  }

  /// `M G M^T` with the encoder's `G` at the features; of the bottleneck's own numbers the product of their
  /// Jacobian with itself.
  func rowGrams(_ row: Int) -> [RowGram] {
    let width = shape.width
    let count = bottleneck.features
    let jacobian = bottleneck.jacobian(features(row))
    let grams = encoder.rowGrams(row).map { gram in
      let left = matrixProduct(jacobian.lower, gram.values, m: width, n: count, k: count)
      return RowGram(
        matrixProduct(left, jacobian.lower, m: width, n: width, k: count, transposeB: true),
        precision: gram.precision)
    }
    guard own > 0 else { return grams }
    return grams + [
      RowGram(rowGram(jacobian.own, rows: width, columns: own), precision: Scalar.precision)
    ]
  }
}

extension Bottleneck {
  /// `M = dphi_b/d(features)` of one row, `[DK][features]`, and the Jacobian of the bottleneck's own numbers.
  func jacobian(_ features: [Scalar]) -> (lower: [Double], own: [Double]) {
    let width = latents * categories
    var unit = [Double](repeating: 0, count: width)
    var jacobian = (lower: [Double](), own: [Double]())
    for index in 0..<width {
      unit[index] = 1
      let lower = pullBack(unit, features)
      jacobian.lower += lower.features
      jacobian.own += lower.parameters
      unit[index] = 0
    }
    return jacobian
  }
}

extension BottleneckPullback: PullbackNorms {
  func partial(_ logitGradient: [Double], rows: [Int]?) -> PartialPullback {
    guard own == 0 else { return PartialPullback(groups: pullBack(logitGradient), rows: nil) }
    return encoder.norms.partial(bottleneck.pullBack(logitGradient, features).features, rows: rows)
  }

  func squaredNorms(_ partial: PartialPullback) -> [Double] {
    own > 0 ? partial.products(partial.groups) : encoder.norms.squaredNorms(partial)
  }

  func image(_ partial: PartialPullback) -> [[Double]] {
    own > 0 ? partial.groups : encoder.norms.image(partial)
  }
}

extension BottleneckPullback: PullbackSquares {
  /// That of the encoder. With numbers of the bottleneck's own beside it sums over rows are kept: one array
  /// holds both.
  var form: SquareForm {
    own == 0 ? encoder.squares.form : DirectSquares(self).form
  }

  /// Those of the encoder for `M^T v` of every vector `v`; of the bottleneck's own numbers by one pull-back a
  /// vector.
  func row(_ row: Int, of rows: Int) -> @Sendable (RowVectors) -> [[Double]] {
    let features = features(row)
    let lower = bottleneck.jacobian(features).lower
    if own > 0 {
      guard case .summed = encoder.squares.form else {
        return DirectSquares(self).row(row, of: rows)
      }
      let squares = encoder.squares.row(row, of: rows)
      return { vectors in
        let moved = squares(self.moved(vectors, by: lower))
        return vectors.sums.indices.map { sum in
          var own = [Double](repeating: 0, count: self.own)
          for vector in vectors.columns(of: sum) {
            for (index, value) in bottleneck.pullBack(vector, features).parameters.enumerated() {
              own[index] += value * value
            }
          }
          return moved[sum] + own
        }
      }
    }
    let squares = encoder.squares.row(row, of: rows)
    return { squares(self.moved($0, by: lower)) }
  }

  /// `M^T v` of every vector.
  private func moved(_ vectors: RowVectors, by jacobian: [Double]) -> RowVectors {
    let count = bottleneck.features
    let numbers: RowVectors.Numbers =
      switch vectors.numbers {
      case .single(let numbers):
        .single(
          matrixProduct(
            jacobian.map { Float($0) }, numbers, m: count, n: vectors.stride, k: shape.width,
            transposeA: true))
      case .double(let numbers):
        .double(
          matrixProduct(
            jacobian, numbers, m: count, n: vectors.stride, k: shape.width, transposeA: true))
      }
    return RowVectors(numbers, width: count, stride: vectors.stride, sums: vectors.sums)
  }

  func parameters(_ squares: [Double], power: Int) -> [[Double]] {
    own == 0 ? encoder.squares.parameters(squares, power: power) : byGroup(squares)
  }
}
