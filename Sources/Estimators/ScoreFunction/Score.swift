import Discrete

/// The score `z - p` of a hard draw under the softmax distribution `p` of one row.
struct Score {
  let latents: Int
  let categories: Int
  /// `p`, `[D][K]`.
  let distribution: [Double]

  init(_ row: RowLogits) {
    latents = row.latents
    categories = row.categories
    distribution = row.probabilities()
  }

  var width: Int { latents * categories }

  /// Adds `factor (z - p)` to the estimate that starts at `base`; `z` has the codes that start at
  /// `first`.
  func add(
    _ factor: Double, _ codes: [Int32], at first: Int, to estimates: inout [Double], at base: Int
  ) {
    for index in 0..<width { estimates[base + index] -= factor * distribution[index] }
    for latent in 0..<latents {
      estimates[base + latent * categories + Int(codes[first + latent])] += factor
    }
  }

  /// `<<v, z - p>>` of a vector `[D][K]` that starts at `start`.
  func product(_ v: [Double], at start: Int, _ codes: [Int32], at first: Int) -> Double {
    var sum = 0.0
    for index in 0..<width { sum -= v[start + index] * distribution[index] }
    for latent in 0..<latents {
      sum += v[start + latent * categories + Int(codes[first + latent])]
    }
    return sum
  }

  /// Adds `factor J(p) v`, latent by latent, `v` from `start`.
  func addJacobian(
    _ factor: Double, _ v: [Double], at start: Int, to estimates: inout [Double], at base: Int
  ) {
    for latent in 0..<latents {
      let from = latent * categories
      var mean = 0.0
      for k in 0..<categories { mean += distribution[from + k] * v[start + from + k] }
      for k in 0..<categories {
        estimates[base + from + k] += factor * distribution[from + k] * (v[start + from + k] - mean)
      }
    }
  }
}

/// Sets the estimates of a combine step to 0.
func clear(_ estimates: inout [Double]) {
  for index in estimates.indices { estimates[index] = 0 }
}
