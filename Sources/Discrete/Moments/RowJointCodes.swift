import Tensors

/// All joint codes of one row under one forward distribution, with their costs: what exact moments are
/// summed over.
public struct RowJointCodes: Sendable {
  public let latents: Int
  public let categories: Int
  /// See `LayerShape.levels`.
  public let levels: [Int]
  /// The forward distribution.
  public let distribution: ForwardDistribution
  /// `q[D][K]` of the forward distribution.
  public let probabilities: [Double]
  /// Category indices `[jointCodes][latents]`, in `JointCodes` order.
  public let codes: [Int32]
  /// `q(z)` of every joint code under the forward distribution.
  public let weights: [Double]
  /// `f(z)` of every joint code.
  public private(set) var values: [Double]
  /// `df/dz` of every joint code, `[jointCodes][latents][categories]`; empty where not tabulated.
  public private(set) var gradients: [Double]
  /// Moments of `df/dz` under the distribution, shared by all estimators; nil without gradients.
  public let gradientMoments: GradientMoments?
  /// Step of the quadrature over continuous noise, in units of the logarithmic variable.
  public let quadratureStep: Double
  /// Whether a quadrature whose error is known to be small is to be held against a coarser one too.
  public let checksQuadrature: Bool

  public init(
    row: RowLogits, distribution: ForwardDistribution, codes: [Int32], values: [Double],
    gradients: [Double],
    quadratureStep: Double, checksQuadrature: Bool = true
  ) {
    self.latents = row.latents
    self.categories = row.categories
    levels = row.levels
    self.distribution = distribution
    self.codes = codes
    self.values = values
    self.gradients = gradients
    self.quadratureStep = quadratureStep
    self.checksQuadrature = checksQuadrature
    probabilities = distribution.probabilities(row)
    weights = JointCodes(row.shape).weights(probabilities)
    gradientMoments =
      gradients.isEmpty
      ? nil
      : GradientMoments(
        row.shape, codes: codes, weights: weights, gradients: gradients)
  }

  /// The same joint codes with other costs; moments of gradients stay those of these.
  public func with(values: [Double]) -> RowJointCodes {
    var changed = self
    changed.values = values
    return changed
  }

  /// The same with other gradients too, for sums of estimates, which take no moments.
  public func with(values: [Double], gradients: [Double]) -> RowJointCodes {
    var changed = with(values: values)
    changed.gradients = gradients
    return changed
  }

  public var shape: LayerShape {
    levels.isEmpty
      ? LayerShape(rows: 1, latents: latents, categories: categories)
      : LayerShape(rows: 1, categories: levels)
  }
  public var width: Int { latents * categories }
  public var count: Int { weights.count }

  /// The centred one-hot codes `z - q`, `[jointCodes][latents][categories]`.
  public func scores() -> [Double] {
    var scores = [Double](repeating: 0, count: count * width)
    for jointCode in 0..<count {
      let base = jointCode * width
      for index in 0..<width { scores[base + index] = -probabilities[index] }
      for latent in 0..<latents {
        scores[base + latent * categories + Int(codes[jointCode * latents + latent])] += 1
      }
    }
    return scores
  }

  /// `E[u u^T]` of the scores `u = z - q`, `[DK][DK]`: `diag(q_d) - q_d q_d^T` for each latent.
  public var scoreCovariance: [Double] {
    var covariance = [Double](repeating: 0, count: width * width)
    for i in 0..<width {
      let first = i / categories * categories
      for j in first..<first + categories {
        covariance[i * width + j] = -probabilities[i] * probabilities[j]
      }
      covariance[i * width + i] = probabilities[i] * (1 - probabilities[i])
    }
    return covariance
  }

  /// `sum_z a(z) u`, `[DK]`, and `sum_z a(z) u u^T`, `[DK][DK]`, of the scores `u = z - q`.
  ///
  /// Summed by pairs of categories: `sum a z z^T` has one number a joint code and pair of latents. Cost:
  /// `O(jointCodes D^2 + (DK)^2)`.
  public func scoreSums(_ factors: [Double]) -> (first: [Double], second: [Double]) {
    precondition(factors.count == count)
    let width = width
    var total = 0.0
    var first = [Double](repeating: 0, count: width)
    var second = [Double](repeating: 0, count: width * width)
    var pairs = second.mutableSpan
    let codes = codes.span
    for jointCode in 0..<count {
      let factor = factors[jointCode]
      let code = jointCode * latents
      total += factor
      for d in 0..<latents {
        let line = (d * categories + Int(codes[code + d])) * width
        for e in d..<latents { pairs[line + e * categories + Int(codes[code + e])] += factor }
      }
    }
    // The diagonal of `sum a z z^T` is `sum a z`.
    for index in 0..<width { first[index] = pairs[index * (width + 1)] }
    for i in 0..<width {
      for j in i..<width {
        let sum =
          pairs[i * width + j] - first[i] * probabilities[j]
          - probabilities[i] * (first[j] - total * probabilities[j])
        pairs[i * width + j] = sum
        pairs[j * width + i] = sum
      }
    }
    for index in 0..<width { first[index] -= total * probabilities[index] }
    return (first, second)
  }
}

/// First and second moments of `h = df/dz` under a forward distribution.
public struct GradientMoments: Sendable {
  /// `E h`, `[D][K]`.
  public let mean: [Double]
  /// `Cov h`, `[DK][DK]`, centred before it is summed.
  public let covariance: [Double]
  /// `E[h_d h_d^T 1{x_d = x}]`, `[latents][x][K][K]`: what noise in a surrogate multiplies. Empty
  /// beyond `SurrogateSoftmax.maximumCategories`, where such noise has no moments, and `K^3` numbers
  /// a latent would not fit.
  public let secondByCategory: [Double]
  /// What maps that depend on the category need, where that is less than the joint codes themselves.
  let pairTables: PairTables?

  public init(
    latents: Int, categories: Int, codes: [Int32], weights: [Double], gradients: [Double]
  ) {
    self.init(
      LayerShape(rows: 1, latents: latents, categories: categories), codes: codes,
      weights: weights, gradients: gradients)
  }

  /// Cost: `O(jointCodes (DK)^2)`.
  public init(_ shape: LayerShape, codes: [Int32], weights: [Double], gradients: [Double]) {
    let (latents, categories) = (shape.latents, shape.categories)
    let width = latents * categories
    let jointCodes = weights.count
    // The tables are summed along the digits of one base.
    if !shape.isRagged,
      PairTables.areCheaper(jointCodes: jointCodes, latents: latents, categories: categories)
    {
      let tables = PairTables(
        latents: latents, categories: categories, codes: codes, weights: weights,
        gradients: gradients)
      let unit = (0..<categories * categories).map { $0 % (categories + 1) == 0 ? 1.0 : 0.0 }
      let moments = tables.moments((0..<width).flatMap { _ in unit })
      mean = moments.mean
      covariance = moments.covariance
      secondByCategory =
        categories <= SurrogateSoftmax.maximumCategories ? tables.secondByCategory : []
      pairTables = tables
      return
    }
    pairTables = nil
    let moments = RowMoments(weights: weights, vectors: gradients, width: width)
    mean = moments.mean
    covariance = moments.covariance
    guard categories <= SurrogateSoftmax.maximumCategories else {
      secondByCategory = []
      return
    }
    let square = categories * categories
    var byCategory = [Double](repeating: 0, count: width * square)
    var sums = byCategory.mutableSpan
    let h = gradients.span
    for jointCode in 0..<jointCodes {
      let weight = weights[jointCode]
      if weight == 0 { continue }
      for latent in 0..<latents {
        let x = Int(codes[jointCode * latents + latent])
        let base = (latent * categories + x) * square
        let from = jointCode * width + latent * categories
        for i in 0..<categories {
          let scaled = weight * h[from + i]
          for j in 0..<categories { sums[base + i * categories + j] += scaled * h[from + j] }
        }
      }
    }
    secondByCategory = byCategory
  }
}

/// Mean `[DK]` and covariance `[DK][DK]` of one estimate of one row.
public struct RowMoments: Sendable, Equatable {
  public var mean: [Double]
  public var covariance: [Double]

  public init(mean: [Double], covariance: [Double]) {
    self.mean = mean
    self.covariance = covariance
  }

  /// Moments of vectors `[jointCodes][width]` with weights that sum to 1.
  public init(weights: [Double], vectors: [Double], width: Int) {
    let jointCodes = weights.count
    let mean = matrixProduct(weights, vectors, m: 1, n: width, k: jointCodes)
    var centred = vectors
    for jointCode in 0..<jointCodes {
      for index in 0..<width { centred[jointCode * width + index] -= mean[index] }
    }
    self.mean = mean
    covariance = weightedGram(centred, weights: weights, rows: jointCodes, columns: width)
  }
}

/// Exact moments, with the coarser evaluation that states their own error.
public struct ExactMoments: Sendable, Equatable {
  public var moments: RowMoments
  /// The same on a quadrature grid of 1.5 times the step, or as far away as the errors of an adaptive rule
  /// allow; nil for finite sums, which have no error beyond rounding.
  public var coarse: RowMoments?
  /// The same with each independent randomisation of a rule left out; empty for deterministic
  /// rules and finite sums.
  public var replicates: [RowMoments]

  public init(_ moments: RowMoments, coarse: RowMoments? = nil, replicates: [RowMoments] = []) {
    self.moments = moments
    self.coarse = coarse
    self.replicates = replicates
  }

  /// Moments of a quadrature with those of a coarser one, moved away by what rounding may hide of the change.
  public init(quadrature moments: RowMoments, coarse: RowMoments?) {
    var farther = coarse
    let width = moments.mean.count
    for i in moments.mean.indices {
      guard let coarse else { break }
      let variance = max(0, moments.covariance[i * (width + 1)])
      let size = abs(moments.mean[i]) + variance.squareRoot()
      farther?.mean[i] += coarse.mean[i] < moments.mean[i] ? -1e-14 * size : 1e-14 * size
      farther?.covariance[i * (width + 1)] +=
        coarse.covariance[i * (width + 1)] < variance
        ? -1e-14 * size * size : 1e-14 * size * size
    }
    self.init(moments, coarse: farther)
  }

  /// Jackknife standard errors over the replicates, element by element; nil without replicates.
  public var standardErrors: RowMoments? {
    guard replicates.count > 1 else { return nil }
    return RowMoments(
      mean: jackknifeErrors(replicates.map(\.mean)),
      covariance: jackknifeErrors(replicates.map(\.covariance)))
  }

  private func jackknifeErrors(_ vectors: [[Double]]) -> [Double] {
    let count = Double(vectors.count)
    return vectors[0].indices.map { index in
      let mean = vectors.reduce(0) { $0 + $1[index] } / count
      let squares = vectors.reduce(0) { $0 + ($1[index] - mean) * ($1[index] - mean) }
      return ((count - 1) / count * squares).squareRoot()
    }
  }
}
