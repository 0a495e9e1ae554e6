import Discrete
import Networks
import Tensors

/// The Jacobian of `encoder weights -> phi` through `phi_k = -||z_e - e_k||^2 / (2 s^2)`, the codes
/// held fixed: `dphi_k/dz_e = (e_k - z_e) / s^2`.
public struct QuantiserPullback<Scalar: NetworkScalar>: ParameterPullback {
  private let shape: LayerShape
  /// The Jacobian of `encoder weights -> z_e`.
  let encoder: EncoderPullback<Scalar>
  /// `z_e`, `[B][D][d]`.
  private let activations: [Double]
  private let codes: [Double]
  private let dimension: Int
  /// `1 / s^2`
  private let scale: Double

  init(
    shape: LayerShape, encoder: EncoderPullback<Scalar>, activations: [Scalar],
    codebook: Codebook<Scalar>, width: Double
  ) {
    self.shape = shape
    self.encoder = encoder
    self.activations = activations.map { Double($0) }
    codes = codebook.entries.map { Double($0) }
    dimension = codebook.dimension
    scale = 1 / (width * width)
  }

  public var groups: [ParameterGroup] { encoder.groups }

  public func pullBack(_ logitGradient: [Double]) -> [[Double]] {
    encoder.pullBack(atActivations(logitGradient))
  }

  public func partial(_ logitGradient: [Double], rows: [Int]?) -> PartialPullback {
    encoder.partial(atActivations(logitGradient), rows: rows)
  }

  public func squaredNorms(_ partial: PartialPullback) -> [Double] {
    encoder.squaredNorms(partial)
  }

  public func image(_ partial: PartialPullback) -> [[Double]] { encoder.image(partial) }

  /// `sum_k g_k (e_k - z_e) / s^2` of every latent, `[B][D][d]`.
  public func atActivations(_ logitGradient: [Double]) -> [Double] {
    precondition(logitGradient.count == shape.count)
    let categories = shape.categories
    var result = [Double](repeating: 0, count: activations.count)
    for vector in 0..<shape.rows * shape.latents {
      for category in 0..<categories {
        let weight = scale * logitGradient[vector * categories + category]
        for axis in 0..<dimension {
          let index = vector * dimension + axis
          result[index] += weight * (codes[category * dimension + axis] - activations[index])
        }
      }
    }
    return result
  }

  public var squareForm: SquareForm { encoder.squareForm }

  /// Those of the encoder for `M^T v` of every vector `v`.
  public func squares(ofRow row: Int, of rows: Int) -> @Sendable (RowVectors) -> [[Double]] {
    let (width, count) = (shape.width, shape.latents * dimension)
    let jacobian = jacobian(row)
    let squares = encoder.squares(ofRow: row, of: rows)
    return { vectors in
      let moved: RowVectors.Numbers =
        switch vectors.numbers {
        case .single(let numbers):
          .single(
            matrixProduct(
              jacobian.map { Float($0) }, numbers, m: count, n: vectors.stride, k: width,
              transposeA: true))
        case .double(let numbers):
          .double(
            matrixProduct(
              jacobian, numbers, m: count, n: vectors.stride, k: width, transposeA: true))
        }
      return squares(
        RowVectors(moved, width: count, stride: vectors.stride, sums: vectors.sums))
    }
  }

  public func parameterSquares(_ squares: [Double], power: Int) -> [[Double]] {
    encoder.parameterSquares(squares, power: power)
  }

  /// The block-diagonal `M = dphi_b/dz_e` of one row, `[DK][D d]`.
  private func jacobian(_ row: Int) -> [Double] {
    let count = shape.latents * dimension
    var jacobian = [Double](repeating: 0, count: shape.width * count)
    for latent in 0..<shape.latents {
      for category in 0..<shape.categories {
        for axis in 0..<dimension {
          let own = latent * dimension + axis
          jacobian[(latent * shape.categories + category) * count + own] =
            scale * (codes[category * dimension + axis] - activations[row * count + own])
        }
      }
    }
    return jacobian
  }

  /// `M G M^T` with the encoder's `G_b`.
  public func rowGrams(_ row: Int) -> [RowGram] {
    let width = shape.width
    let count = shape.latents * dimension
    let jacobian = jacobian(row)
    return encoder.rowGrams(row).map { gram in
      let left = matrixProduct(jacobian, gram.values, m: width, n: count, k: count)
      return RowGram(
        matrixProduct(left, jacobian, m: width, n: width, k: count, transposeB: true),
        precision: gram.precision)
    }
  }
}
