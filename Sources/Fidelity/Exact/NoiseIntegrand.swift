import Discrete

/// Estimates as a function of the perturbed logits of one row, and where they are not smooth.
struct NoiseIntegrand {
  let latents: Int
  let categories: Int
  /// `phi / T`: the location of the Gumbel noise.
  let locations: [Double]
  /// Within which an estimate changes where one perturbed logit overtakes another.
  let noiseWidth: Double
  let breaks: NoiseBreaks
  /// Relative size of what rounding leaves of an estimate's digits.
  let rounding: Double
  /// From `count` perturbed logits `[count][D][K]` to as many estimates.
  let estimates: (_ perturbed: [Double], _ count: Int) throws -> [Double]

  var width: Int { latents * categories }

  /// Points evaluated in one call.
  static let batch = 8192

  /// Relative rounding of estimates of an oracle.
  static func rounding(_ oracle: any CostOracle) -> Double {
    oracle.capabilities.precision == .single ? 1e-6 : 1e-15
  }

  /// The same where shifts of a lattice do not show it.
  static func latticeRounding(_ oracle: any CostOracle) -> Double {
    oracle.capabilities.precision == .single ? 1e-6 : 0
  }

  /// What rounding may leave of an integral of estimates, relative to the integral of their size.
  var statedRounding: Double { max(1e-14, rounding) }

  /// `estimates` in several calls.
  func all(_ perturbed: [Double], _ count: Int) throws -> [Double] {
    guard count > Self.batch else { return try estimates(perturbed, count) }
    var result: [Double] = []
    result.reserveCapacity(count * width)
    for start in stride(from: 0, to: count, by: Self.batch) {
      let end = min(start + Self.batch, count)
      result += try estimates(Array(perturbed[start * width..<end * width]), end - start)
    }
    return result
  }

  /// One latent of a layer whose latents do not meet in the cost; the others stay where they are.
  func latent(_ latent: Int) -> NoiseIntegrand {
    let (size, width) = (categories, width)
    let own = latent * size..<(latent + 1) * size
    func joint(_ perturbed: [Double], _ count: Int) -> [Double] {
      var all: [Double] = []
      all.reserveCapacity(count * width)
      for place in 0..<count {
        all += locations[..<own.lowerBound]
        all += perturbed[place * size..<(place + 1) * size]
        all += locations[own.upperBound...]
      }
      return all
    }
    return NoiseIntegrand(
      latents: 1, categories: size, locations: Array(locations[own]), noiseWidth: noiseWidth,
      breaks: NoiseBreaks(functions: breaks.functions) { perturbed, count in
        let values = breaks.values(joint(perturbed, count), count)
        return (0..<count).flatMap { place -> ArraySlice<Double> in
          let from = (place * latents + latent) * breaks.functions
          return values[from..<from + breaks.functions]
        }
      }, rounding: rounding,
      estimates: { perturbed, count in
        let values = try all(joint(perturbed, count), count)
        return (0..<count).flatMap {
          values[$0 * width + own.lowerBound..<$0 * width + own.upperBound]
        }
      })
  }
}

/// Continuous functions of the perturbed logits of one row at whose zeros an estimate jumps or bends:
/// where the estimator's soft point does (`SoftPointEstimator.edges`), and where that point meets a kink of the cost.
struct NoiseBreaks {
  /// Functions of each latent.
  let functions: Int
  /// `[count][D][functions]` at perturbed logits `[count][D][K]`.
  let values: (_ perturbed: [Double], _ count: Int) -> [Double]

  init(functions: Int, values: @escaping (_ perturbed: [Double], _ count: Int) -> [Double]) {
    self.functions = functions
    self.values = values
  }

  init(_ estimator: any GradientEstimator, _ kinks: [CostKink], _ row: RowLogits) {
    let (latents, width) = (row.latents, row.values.count)
    let coupled = estimator.coupled
    let edges =
      (coupled?.edges(row, RowDraws(count: 1, perturbed: row.values)).count ?? 0) / latents
    // A kink of several latents stands with its first one.
    var byLatent = [[CostKink]](repeating: [], count: latents)
    for kink in kinks { byLatent[kink.latents[0]].append(kink) }
    let most = byLatent.map(\.count).max() ?? 0
    self.init(functions: edges + most) { perturbed, count in
      let draws = RowDraws(count: count, perturbed: perturbed)
      let own = edges > 0 ? coupled?.edges(row, draws) ?? [] : []
      let points = most > 0 ? coupled?.softPoints(row, draws) ?? [] : []
      var values: [Double] = []
      values.reserveCapacity(count * latents * (edges + most))
      for place in 0..<count {
        for latent in 0..<latents {
          let from = (place * latents + latent) * edges
          values += own[from..<from + edges]
          for index in 0..<most {
            values.append(
              index < byLatent[latent].count && !points.isEmpty
                ? byLatent[latent][index].value(points, at: place, width: width) : 1)
          }
        }
      }
      return values
    }
  }
}

extension ExactMoments {
  /// Moments from integrals about a reference point, with their errors.
  ///
  /// - Parameters:
  ///   - reference: `r`, `[w]`.
  ///   - first: `E (g - r)`, `[w]`, and its errors.
  ///   - second: `E (g - r)(g - r)^T`, `[w][w]`, and its errors.
  init(
    reference: [Double], first: (values: [Double], errors: [Double]),
    second: (values: [Double], errors: [Double])
  ) {
    let width = reference.count
    let (mean, error) = first
    var covariance = second.values
    var changes = [Double](repeating: 0, count: width * width)
    for i in 0..<width {
      for j in 0..<width {
        let place = i * width + j
        covariance[place] -= mean[i] * mean[j]
        changes[place] =
          second.errors[place] + abs(mean[i]) * error[j] + abs(mean[j]) * error[i]
          + error[i] * error[j]
      }
    }
    self.init(
      RowMoments(mean: zip(reference, mean).map(+), covariance: covariance), errors: error,
      covarianceErrors: changes)
  }

  /// Moments whose errors are known element by element: `coarse` is as far away as the errors allow.
  ///
  /// - Parameters:
  ///   - errors: of the mean, `[w]`, not negative.
  ///   - covarianceErrors: `[w][w]`, not negative. On the diagonal of `coarse` stands the sum of each row: no
  ///     trace with a Gram matrix changes by more.
  init(_ moments: RowMoments, errors: [Double], covarianceErrors: [Double]) {
    let width = errors.count
    var coarse = moments
    for i in 0..<width {
      coarse.mean[i] += errors[i]
      for j in 0..<width { coarse.covariance[i * width + i] += covarianceErrors[i * width + j] }
    }
    self.init(moments, coarse: coarse)
  }
}

extension ExactMoments {
  /// Moments of parts that are independent of each other, one a latent of a row: a block-diagonal covariance.
  init(independent parts: [ExactMoments], of row: LayerShape) {
    let coarse = parts.allSatisfy { $0.coarse == nil } ? nil : parts.map { $0.coarse ?? $0.moments }
    self.init(
      RowMoments(independent: parts.map(\.moments), of: row),
      coarse: coarse.map { RowMoments(independent: $0, of: row) })
  }
}

extension RowMoments {
  init(independent parts: [RowMoments], of row: LayerShape) {
    let width = row.width
    var covariance = [Double](repeating: 0, count: width * width)
    for (latent, part) in parts.enumerated() {
      let (from, size) = (latent * row.categories, part.mean.count)
      for i in 0..<size {
        for j in 0..<size {
          covariance[(from + i) * width + from + j] = part.covariance[i * size + j]
        }
      }
    }
    self.init(mean: row.padded(parts.flatMap(\.mean), filling: 0), covariance: covariance)
  }
}
