import CKernels

/// Draws of independent categorical variables, and Gumbel-perturbed logits that fit given draws.
public enum CategoricalSampler {
  /// Draws by inversion of the distribution function: the first category whose cumulative
  /// probability exceeds the uniform.
  ///
  /// Cumulative sums are taken in `Double` and rounded to `Float`; the last category of positive
  /// probability takes whatever rounding leaves over. A category of probability 0 is never drawn.
  ///
  /// - Parameters:
  ///   - probabilities: `[latents][categories]`, rows summing to 1 up to rounding.
  ///   - uniforms: `[draws][latents]`, one uniform per draw and latent.
  /// - Returns: codes `[draws][latents]`. Cost: one comparison per category.
  public static func codes(
    probabilities: [Double], latents: Int, categories: Int, uniforms: [Float]
  ) -> [Int32] {
    precondition(latents >= 0 && categories >= 1)
    precondition(probabilities.count == latents * categories)
    precondition(latents == 0 ? uniforms.isEmpty : uniforms.count % latents == 0)
    guard !uniforms.isEmpty else { return [] }
    let table = thresholds(probabilities, latents: latents, categories: categories)
    return [Int32](unsafeUninitializedCapacity: uniforms.count) { buffer, initialized in
      gf_inverse_cdf(
        table.values, categories - 1, table.width, uniforms, uniforms.count, buffer.baseAddress)
      initialized = uniforms.count
    }
  }

  /// `[categories - 1][width]` thresholds; `width` repeats the latents so that few latents still
  /// fill the vector lanes.
  private static func thresholds(
    _ probabilities: [Double], latents: Int, categories: Int
  ) -> (values: [Float], width: Int) {
    let width = latents * copies(of: latents)
    var values = [Float](repeating: .infinity, count: (categories - 1) * width)
    for latent in 0..<latents {
      let row = thresholds(probabilities[latent * categories..<(latent + 1) * categories])
      for category in row.indices {
        for column in stride(from: latent, to: width, by: latents) {
          values[category * width + column] = row[category]
        }
      }
    }
    return (values, width)
  }

  /// Cumulative sums of one latent's distribution, infinite from the last category of positive probability
  /// on, `[categories - 1]`.
  private static func thresholds(_ distribution: ArraySlice<Double>) -> [Float] {
    let last =
      (distribution.lastIndex { $0 > 0 } ?? distribution.startIndex) - distribution.startIndex
    var sum = 0.0
    return (0..<distribution.count - 1).map { category in
      guard category < last else { return .infinity }
      sum += distribution[distribution.startIndex + category]
      return Float(sum)
    }
  }

  /// The thresholds of `codes` as places among the `2^23` uniforms of a stream: a word `w` passes
  /// category `k` where `w >> 9` is at least the threshold, `[latents][categories - 1]`.
  ///
  /// - Parameter probabilities: `[latents][categories]`, rows summing to 1 up to rounding.
  public static func places(_ probabilities: [Double], categories: Int) -> [Int32] {
    precondition(categories >= 1 && probabilities.count % categories == 0)
    return stride(from: 0, to: probabilities.count, by: categories).flatMap { start in
      thresholds(probabilities[start..<start + categories]).map { threshold in
        // The uniform of place m is (m + 1/2) 2^-23, without rounding.
        Int32(min(max((Double(threshold) * 0x1p23 - 0.5).rounded(.up), 0), 0x1p23))
      }
    }
  }

  /// How often a row of `count` elements is repeated to fill a chunk of 256.
  private static func copies(of count: Int) -> Int { max(1, 256 / max(count, 1)) }

  /// Gumbel-perturbed log-probabilities whose argmax is the given code.
  ///
  /// The distribution is that of `logp + Gumbel` given that `x` wins (Maddison, Tarlow, Minka 2014): with
  /// standard exponentials `E`, `z_x = -log E_x` and, for `i != x`, `z_i = -log(E_i / p_i + E_x)`,
  /// evaluated in the log domain, so `logp` may be as low as `-inf` (then `z_i = -inf`). A loser
  /// that rounds to the winner's value is moved one unit in the last place below.
  ///
  /// - Parameters:
  ///   - logProbabilities: `[latents][categories]`, normalised.
  ///   - codes: winners `[draws][latents]`, each in `0 ..< categories`.
  ///   - exponentials: `[draws][latents][categories]`, positive.
  /// - Returns: perturbed values `[draws][latents][categories]`.
  public static func conditionalPerturbed(
    logProbabilities: [Double], codes: [Int32], exponentials: [Float], latents: Int,
    categories: Int
  ) -> [Double] {
    precondition(latents >= 0 && categories >= 1)
    precondition(logProbabilities.count == latents * categories)
    precondition(latents == 0 ? codes.isEmpty : codes.count % latents == 0)
    precondition(exponentials.count == codes.count * categories)
    precondition(
      codes.allSatisfy { $0 >= 0 && Int($0) < categories },
      "codes must lie in 0..<categories")
    guard !codes.isEmpty else { return [] }
    let repeats = copies(of: latents * categories)
    var table = logProbabilities
    if repeats > 1 {
      table.reserveCapacity(repeats * logProbabilities.count)
      for _ in 1..<repeats { table += logProbabilities }
    }
    return [Double](unsafeUninitializedCapacity: exponentials.count) { buffer, initialized in
      gf_conditional_perturbed(
        table, latents * repeats, codes, exponentials, codes.count, categories, buffer.baseAddress)
      initialized = exponentials.count
    }
  }

  /// Index of the largest value in each row of `categories`; the first one on ties.
  ///
  /// A NaN in the first place wins, elsewhere it loses.
  public static func argmax(_ values: [Double], categories: Int) -> [Int32] {
    precondition(categories >= 1 && values.count % categories == 0)
    let rows = values.count / categories
    return [Int32](unsafeUninitializedCapacity: rows) { buffer, initialized in
      gf_argmax_f64(values, rows, categories, buffer.baseAddress)
      initialized = rows
    }
  }
}
