import Discrete
import Networks
import Tensors

/// `K` codes of `d` coordinates, shared by all latents.
public struct Codebook<Scalar: NetworkScalar>: Sendable, Equatable {
  /// Number of codes `K`.
  public let count: Int
  /// Coordinates `d` of a code.
  public let dimension: Int
  /// `e`, `[K][d]`.
  public var entries: [Scalar]

  public init(count: Int, dimension: Int, entries: [Scalar]) {
    precondition(entries.count == count * dimension)
    self.count = count
    self.dimension = dimension
    self.entries = entries
  }

  /// Codes picked from encodings of data, as many rows as give `count` vectors and at least 64.
  ///
  /// - Parameter sample: features of so many rows; the uniform number says where in the data they begin.
  static func picked(
    count: Int, dimension: Int, latents: Int, key: RandomKey,
    from sample: (_ rows: Int, _ uniform: Float) -> [Scalar]
  ) -> Codebook {
    let rows = max(64, (count + latents - 1) / latents)
    let numbers = RandomStream(key: key, row: 0, site: 0)
      .uniforms(from: 0, count: 1 + rows * latents)
    let vectors = sample(rows, numbers[0])
    let order = (0..<rows * latents).sorted { (numbers[$0 + 1], $0) < (numbers[$1 + 1], $1) }
    return Codebook(
      count: count, dimension: dimension,
      entries: order.prefix(count).flatMap { vectors[$0 * dimension..<($0 + 1) * dimension] })
  }

  /// `||z - e_k||^2` of every vector, `[vectors][K]`, in float64.
  func squaredDistances(_ vectors: [Scalar]) -> [Double] {
    let total = vectors.count / dimension
    var distances = [Double](repeating: 0, count: total * count)
    vectors.withUnsafeBufferPointer { vectors in
      entries.withUnsafeBufferPointer { entries in
        for vector in 0..<total {
          for code in 0..<count {
            var sum = 0.0
            for axis in 0..<dimension {
              let difference =
                Double(vectors[vector * dimension + axis])
                - Double(entries[code * dimension + axis])
              sum += difference * difference
            }
            distances[vector * count + code] = sum
          }
        }
      }
    }
    return distances
  }

  /// The nearest code of every vector, the first on ties.
  func nearest(_ vectors: [Scalar]) -> [Int] {
    let distances = squaredDistances(vectors)
    return (0..<distances.count / count).map { vector in
      var best = 0
      for code in 1..<count
      where distances[vector * count + code] < distances[vector * count + best] {
        best = code
      }
      return best
    }
  }

  /// The codes of a list, one after the other.
  func vectors(_ codes: [Int]) -> [Scalar] {
    codes.flatMap { entries[$0 * dimension..<($0 + 1) * dimension] }
  }

  /// A layer on mixtures of codes from a layer on vectors: the weights of input `(latent, k)` are
  /// `e_k` times those of the latent's coordinates. Its value at the mixture `p` is the given
  /// layer's at `sum_k p_k e_k`.
  func folded(_ layer: DenseLayer<Scalar>) -> DenseLayer<Scalar> {
    let latents = layer.inputs / dimension
    let block = dimension * layer.outputs
    let weights = (0..<latents).flatMap { latent in
      matrixProduct(
        entries, Array(layer.weights[latent * block..<(latent + 1) * block]), m: count,
        n: layer.outputs, k: dimension)
    }
    return DenseLayer(
      inputs: latents * count, outputs: layer.outputs, weights: weights, biases: layer.biases)
  }
}
